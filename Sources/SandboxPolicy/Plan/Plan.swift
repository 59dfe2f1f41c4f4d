package import KernelTypes

/// What the launcher can do to itself before the program takes its place. The whole audit surface:
/// a new case needs a security review.
package enum Operation: Hashable, Sendable {
  /// unshare(2) of the mount namespace, with a user namespace that maps one user and one group
  /// onto themselves where the launcher has no rights of its own.
  case enterView(user: UserMap?)
  /// Checks that /proc is the kernel's: mounts are made on the names that it gives descriptors.
  case checkProcess
  /// Mounts the small read-only file system that holds the covers, on a directory that is to be
  /// hidden anyway; or for a moment on one where nothing is to be hidden.
  case prepareCovers(at: Path, isTemporary: Bool)
  /// Takes it off again where it was put for a moment; what its files hide stays hidden.
  case releaseCovers
  /// Hides a file or directory under an inaccessible one.
  case cover(Path, FileKind)
  /// Sets and clears flags of every mount at and below a path.
  case setMountFlags(Path, FileKind, set: MountFlags, clear: MountFlags)
  /// An empty file system in memory over a directory, with its mode.
  case mountTemporary(Path, mode: UInt32)
  /// Enters the first of these that can be entered: by name, so that no descriptor of a directory
  /// that has been hidden stays.
  case changeDirectory([Path])
  case setProcessors([Int])
  case setNice(Int32)
  /// Empties the capability sets but for `keep`. An ordinary user keeps them in the bounding set
  /// alone; without a right to change that set, it stays as it is.
  case dropCapabilities(keep: [Capability], isRoot: Bool, changesBoundingSet: Bool)
  case setLimit(Resource, UInt64)
  /// Marks all descriptors above 2 to be closed by the program's start; nil keeps all.
  case closeDescriptors(except: [Int32]?)
  case setNoNewPrivileges
  case installFilter(SyscallFilter)
  case execute(Path, arguments: [[UInt8]], environment: [[UInt8]])
}

/// One user and one group of the parent namespace, mapped onto themselves.
package struct UserMap: Hashable, Sendable {
  package let uid: UInt32
  package let gid: UInt32

  package init(uid: UInt32, gid: UInt32) {
    self.uid = uid
    self.gid = gid
  }
}

/// An operation and the rule that asked for it.
package struct Step: Hashable, Sendable {
  package let operation: Operation
  package let origin: Origin

  package init(_ operation: Operation, _ origin: Origin) {
    self.operation = operation
    self.origin = origin
  }
}

/// Everything that will be done, in order. Each step stands for one promise: the launcher stops at
/// the first that fails.
package struct Plan: Hashable, Sendable {
  package var steps: [Step] = []
  /// In seconds; the launcher stays to see to it.
  package var timeout: Setting<Int>?
  /// What was left out because it is optional and not to be had here.
  package var missing: [PolicyError] = []
  package var warnings: [PolicyError] = []
  /// What rules did not do by design, for `--debug`.
  package var notes: [PolicyError] = []
  package var hasView = false

  package init() {}
}

extension Step: CustomStringConvertible {
  /// One line: what is done and which rule asked for it.
  package var description: String { "\(operation)    [\(origin)]" }
}

extension Operation: CustomStringConvertible {
  package var description: String {
    switch self {
    case .enterView(let user):
      "enter mount namespace"
        + (user.map { " and user namespace (uid \($0.uid), gid \($0.gid))" } ?? "")
    case .checkProcess: "check that /proc is the kernel's"
    case .prepareCovers(let path, let isTemporary):
      isTemporary ? "prepare covers, for now on \(path)" : "cover \(path) by the covers themselves"
    case .releaseCovers: "release covers"
    case .cover(let path, let kind): "cover \(path) (\(kind))"
    case .setMountFlags(let path, _, let set, let clear):
      "set mount flags of \(path):" + set.names.map { " +" + $0 }.joined()
        + clear.names.map { " -" + $0 }.joined()
    case .mountTemporary(let path, let mode):
      "mount empty file system on \(path) (mode \(String(mode, radix: 8)))"
    case .changeDirectory(let paths):
      "change directory to " + paths.map(\.description).joined(separator: " or ")
    case .setProcessors(let processors):
      "run on processors " + processors.map(String.init).joined(separator: ",")
    case .setNice(let value): "set priority to \(value)"
    case .dropCapabilities(let keep, _, let changesBoundingSet):
      "drop capabilities"
        + (keep.isEmpty ? "" : " but " + keep.map(\.name).joined(separator: ","))
        + (changesBoundingSet ? "" : " (bounding set stays)")
    case .setLimit(let resource, let value): "set limit \(resource.rawValue) to \(value)"
    case .closeDescriptors(let kept):
      kept.map { kept in
        "close descriptors above 2"
          + (kept.isEmpty ? "" : " but " + kept.map(String.init).joined(separator: ","))
      } ?? "keep all descriptors"
    case .setNoNewPrivileges: "set no_new_privs"
    case .installFilter(let filter):
      "install filter for "
        + filter.architectures.map(\.architecture.rawValue).joined(separator: ", ")
    case .execute(let path, _, _): "execute \(path)"
    }
  }
}
