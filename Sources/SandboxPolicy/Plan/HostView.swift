package import KernelTypes

/// What a planner may ask about the machine and the caller. Asking changes nothing.
package protocol HostView {
  var uid: UInt32 { get }
  var gid: UInt32 { get }
  /// Whether the launcher may mount and change its bounding set without a user namespace.
  var isPrivileged: Bool { get }
  /// The switch that refuses user namespaces here, with its value; nil where none does.
  var userNamespaceRefusal: String? { get throws(HostError) }
  var home: Path { get }
  /// The directory that will be the root; nil for the host's own root.
  var root: Path? { get }
  /// Nil where it has been removed or can't be read.
  var workingDirectory: Path? { get }
  /// `NAME=VALUE` entries as they were inherited.
  var environment: [[UInt8]] { get }
  /// The launcher's own file: rules never hide it.
  var launcher: Path { get }
  /// The names in a directory, sorted by their bytes; none where there is no such directory, or where neither the caller
  /// nor the program could ever list it.
  func entries(of directory: Path) throws(HostError) -> [[UInt8]]
  /// Where a path leads, symbolic links followed; nil where it leads nowhere, or where neither the
  /// caller nor the program could ever reach it.
  func find(_ path: Path) throws(HostError) -> FoundFile?
  /// The same in another root directory: the path found begins there (`openat2(2)`,
  /// RESOLVE_IN_ROOT).
  func find(_ path: Path, inRoot root: Path) throws(HostError) -> FoundFile?
  /// The owner of what lies at a path without links: `find` need not know it of each file.
  func owner(of path: Path) throws(HostError) -> UInt32?
  /// The bytes of a file, links followed; nil where there is none, or none that can be read.
  func contents(of file: Path) throws(HostError) -> [UInt8]?
  /// Bytes that nobody can guess.
  func randomBytes(_ count: Int) throws(HostError) -> [UInt8]
  /// The numbers of the supplementary groups.
  func groups() throws(HostError) -> [UInt32]
  /// Whether the caller handed down an open descriptor of this number.
  func isOpen(descriptor: Int32) throws(HostError) -> Bool
  /// Standard streams that are directories: ways to files that no view hides.
  func directoryStreams() throws(HostError) -> [Int32]
  /// The version of Landlock; 0 where there is none.
  var landlockVersion: Int { get throws(HostError) }
  /// Whether the kernel has an AppArmor profile of this name.
  func isLoaded(appArmorProfile name: String) throws(HostError) -> Bool
  /// access(2) with X_OK.
  func isExecutable(_ path: Path) throws(HostError) -> Bool
  func hardLimit(of resource: Resource) throws(HostError) -> UInt64
}

extension HostView {
  package var root: Path? { nil }
  package func owner(of path: Path) throws(HostError) -> UInt32? { try find(path)?.owner }
}

/// A question that got no answer. It is never taken for "no": a rule might be left out by it.
package struct HostError: Error, Hashable, Sendable {
  package let message: String

  package init(_ message: String) { self.message = message }
}

/// The host's answer to a question; without one, an error at the rule that asks.
func answer<Answer>(
  for origin: Origin?, _ subject: @autoclosure () -> String,
  _ ask: () throws(HostError) -> Answer
) throws(PolicyError) -> Answer {
  do throws(HostError) {
    return try ask()
  } catch {
    throw PolicyError(origin, subject(), error.message, hint: "nothing was started")
  }
}

/// The object that a path leads to.
package struct FoundFile: Hashable, Sendable {
  package let path: Path
  package let kind: FileKind
  /// Nil for a regular file of which a list of its directory was all that was read.
  package let owner: UInt32?
  /// The permission bits; 0 where the owner is nil.
  package let mode: UInt32

  package init(path: Path, kind: FileKind, owner: UInt32?, mode: UInt32) {
    self.path = path
    self.kind = kind
    self.owner = owner
    self.mode = mode
  }
}

/// The program that was asked for.
package struct Command: Hashable, Sendable {
  /// As typed: a name to look up, or a path.
  package let program: [UInt8]
  package let arguments: [[UInt8]]

  package init(program: [UInt8], arguments: [[UInt8]]) {
    self.program = program
    self.arguments = arguments
  }
}
