package import KernelTypes

/// What the launcher can do to itself before the program takes its place. The whole audit surface:
/// a new case needs a security review.
package enum Operation: Hashable, Sendable {
  /// Makes a directory of the user's on the host, and those above it, with mode 0700.
  case makeHostDirectory(Path)
  /// Makes an empty file of the user's on the host with mode 0600.
  case makeHostFile(Path)
  /// Makes directories on the host that are to be hidden; when the sandbox has ended the launcher removes
  /// them, or, where an abrupt end must leave nothing, a process outside.
  case lendHostDirectories([Path], hasCaretaker: Bool)
  /// unshare(2): the launcher itself enters these namespaces, so that services can share a directory
  /// with the sandbox, and mounts a file system in memory on that.
  case openExchange(Path, Namespaces, user: UserMap?, holdsPrograms: Bool)
  /// Starts a program outside of the sandbox and waits until it is ready.
  case startService(Service)
  /// Takes the shared directory off, once what is in it is mounted elsewhere.
  case closeExchange(Path)
  /// clone(2) into new namespaces; the launcher stays outside and waits. The user namespace maps
  /// one user and one group onto themselves; nil where the launcher has rights of its own.
  case enterNamespaces(Namespaces, user: UserMap?)
  /// Waits until the launcher has lent the host what it lends.
  case awaitLoan
  /// Checks that /proc is the kernel's: mounts are made on the names that it gives descriptors.
  case checkProcess
  /// Makes a directory the root of the file system, with the host's /sys and /dev mounted in it.
  case enterRoot(Path)
  /// Makes what a kept layer needs on the host, and holds its lock as long as the launcher lives.
  case openLayer(Path)
  /// Puts a layer in memory, or a kept one, over a directory: changes go there.
  case overlay(Path, storage: Path?)
  /// A new /proc for the new process namespace.
  case mountProcess
  /// New pseudo-terminals on a directory.
  case mountTerminals(Path)
  /// A new /sys for the new network namespace.
  case mountSystem
  /// Mounts the small read-only file system that holds the covers, on a directory that is to be
  /// hidden anyway; or for a moment on one where nothing is to be hidden.
  case prepareCovers(at: Path, isTemporary: Bool, texts: [GeneratedText])
  /// Takes it off again where it was put for a moment; what its files hide stays hidden.
  case releaseCovers
  /// Hides a file or directory under an inaccessible one.
  case cover(Path, FileKind)
  /// Hides a symbolic link itself under an inaccessible file, so that it can't be replaced.
  case coverLink(Path)
  /// Shows a file at a symbolic link, with the flags of the file's mount, so that the link can't be
  /// replaced.
  case showOnLink(source: Path, Path)
  /// Puts a generated text, by its number, over a file.
  case coverByText(Path, Int)
  /// Sets and clears flags of every mount at and below a path.
  case setMountFlags(Path, FileKind, set: MountFlags, clear: MountFlags)
  /// Holds what lies at a directory and puts an empty file system in memory over it.
  case replace(Path, mode: UInt32)
  /// Makes the file system of a replaced directory read-only, but not what is shown in it.
  case seal(Path)
  /// Shows what lay at `source` before its directory was replaced, in a replaced directory.
  case show(source: Path, FileKind, at: Path)
  /// Shows what lies at `source` at an existing path.
  case bind(source: Path, FileKind, on: Path)
  /// Makes a directory, a link, a file or a copy of a file in a replaced directory.
  case makeDirectory(Path, mode: UInt32)
  case makeLink(Path, to: Path)
  case makeFile(Path, GeneratedText)
  case copyFile(source: Path, to: Path, mode: UInt32)
  case setHostName([UInt8])
  case bringUpLoopback
  /// Forks: the parent stays as the first process of the namespace, which reaps and passes signals
  /// on; all processes end when it does. The child goes on.
  case stayAsInit
  /// Landlock: none of these rights but by a rule; and where asked for, no connection to an abstract
  /// socket of a process outside.
  case restrictItself(FileRights, but: [FileRule], scopesSockets: Bool)
  /// AppArmor: from the program's start on, this profile too, or instead.
  case confineByAppArmor(String, replaces: Bool)
  case dropGroups
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
  /// What the launcher is asked about, and so stays for.
  package var watch: Watch?
  /// What begins later, and is decided by the launcher.
  package var secondPhase: PlannedPhase?
  /// The filter of the program, as its rules mean it at its start.
  package var filter: SyscallFilter {
    for step in steps {
      if case .installFilter(let filter) = step.operation { return filter }
    }
    return SyscallFilter(architectures: [], foreign: .killProcess)
  }

  package init() {}

  /// Those that some steps make.
  package static func namespaces(of steps: [Step]) -> Namespaces {
    var namespaces: Namespaces = []
    for step in steps {
      switch step.operation {
      case .openExchange(_, let made, _, _), .enterNamespaces(let made, _):
        namespaces.formUnion(made)
      default: continue
      }
    }
    return namespaces
  }
}

extension Step: CustomStringConvertible {
  /// One line: what is done and which rule asked for it.
  package var description: String { "\(operation)    [\(origin)]" }
}

extension Operation: CustomStringConvertible {
  package var description: String {
    switch self {
    case .makeHostDirectory(let path): "make directory \(path) on the host"
    case .makeHostFile(let path): "make file \(path) on the host"
    case .lendHostDirectories(let paths, _):
      "lend the host " + paths.map { $0.description }.joined(separator: ",")
    case .openExchange(let path, let namespaces, _, _):
      "share \(path) with services, in namespaces " + namespaces.names.joined(separator: ",")
    case .startService(let service):
      "start \(service.name): "
        + service.steps.map { $0.operation.description }.joined(separator: "; ")
    case .closeExchange(let path): "take the shared \(path) off"
    case .enterNamespaces(let namespaces, let user):
      "enter namespaces " + namespaces.names.joined(separator: ",")
        + (user.map { " (uid \($0.uid), gid \($0.gid))" } ?? "")
    case .awaitLoan: "wait until that is lent"
    case .checkProcess: "check that /proc is the kernel's"
    case .enterRoot(let path): "make \(path) the root directory"
    case .openLayer(let path): "open the layer \(path)"
    case .overlay(let path, let storage):
      "put a layer \(storage.map { "kept in \($0)" } ?? "in memory") over \(path)"
    case .mountProcess: "mount new /proc"
    case .mountTerminals(let path): "mount new pseudo-terminals on \(path)"
    case .mountSystem: "mount new /sys"
    case .prepareCovers(let path, let isTemporary, _):
      isTemporary ? "prepare covers, for now on \(path)" : "cover \(path) by the covers themselves"
    case .releaseCovers: "release covers"
    case .cover(let path, let kind): "cover \(path) (\(kind.rawValue))"
    case .coverLink(let path): "cover the link \(path)"
    case .showOnLink(let source, let path): "show \(source) at the link \(path)"
    case .coverByText(let path, let index): "cover \(path) by text \(index)"
    case .setMountFlags(let path, _, let set, let clear):
      "set mount flags of \(path):" + set.names.map { " +" + $0 }.joined()
        + clear.names.map { " -" + $0 }.joined()
    case .replace(let path, let mode):
      "replace \(path) by an empty directory (mode \(String(mode, radix: 8)))"
    case .seal(let path): "make the new \(path) read-only"
    case .show(let source, _, let path):
      "show \(path)" + (source == path ? "" : " from \(source)")
    case .bind(let source, _, let path): "bind \(source) on \(path)"
    case .makeDirectory(let path, let mode):
      "make directory \(path) (mode \(String(mode, radix: 8)))"
    case .makeLink(let path, let target): "make link \(path) to \(target)"
    case .makeFile(let path, let text):
      "make file \(path) (\(text.bytes.count) bytes, mode \(String(text.mode, radix: 8)))"
    case .copyFile(let source, let path, _): "copy \(source) to \(path)"
    case .setHostName(let name): "set host name to \(displayed(name))"
    case .bringUpLoopback: "bring up loopback"
    case .stayAsInit: "stay as first process"
    case .restrictItself(let rights, let rules, let scopesSockets):
      "landlock: no " + rights.names.joined(separator: ",") + " but beneath "
        + rules.map { rule in
          "\(rule.path)"
            + (rule.rights == .all ? "" : ":" + rule.rights.names.joined(separator: "+"))
        }.joined(separator: ",") + (scopesSockets ? "; no abstract socket from outside" : "")
    case .confineByAppArmor(let name, let replaces):
      (replaces ? "switch to" : "stack") + " the AppArmor profile \(name)"
    case .dropGroups: "drop supplementary groups"
    case .changeDirectory(let paths):
      "change directory to " + paths.map { $0.description }.joined(separator: " or ")
    case .setProcessors(let processors):
      "run on processors " + processors.map(String.init).joined(separator: ",")
    case .setNice(let value): "set priority to \(value)"
    case .dropCapabilities(let keep, _, let changesBoundingSet):
      "drop capabilities"
        + (keep.isEmpty ? "" : " but " + keep.map { $0.name }.joined(separator: ","))
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
        + filter.architectures.map { $0.architecture.rawValue }.joined(separator: ", ")
    case .execute(let path, _, _): "execute \(path)"
    }
  }
}
