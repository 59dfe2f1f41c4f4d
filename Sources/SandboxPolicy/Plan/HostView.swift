package import KernelTypes

/// What a planner may ask about the machine and the caller. Asking changes nothing.
package protocol HostView {
  var uid: UInt32 { get }
  var gid: UInt32 { get }
  /// Whether the launcher may mount and change its bounding set without a user namespace.
  var isPrivileged: Bool { get }
  /// The switch that refuses user namespaces here, with its value; nil where none does.
  var userNamespaceRefusal: String? { get }
  var home: Path { get }
  /// Nil where it has been removed or can't be read.
  var workingDirectory: Path? { get }
  /// `NAME=VALUE` entries as they were inherited.
  var environment: [[UInt8]] { get }
  /// The launcher's own file: rules never hide it.
  var launcher: Path { get }
  /// The names in a directory; none where it can't be read.
  func entries(of directory: Path) -> [[UInt8]]
  /// Where a path leads, symbolic links followed; nil where it leads nowhere.
  func find(_ path: Path) -> FoundFile?
  /// access(2) with X_OK.
  func isExecutable(_ path: Path) -> Bool
  func hardLimit(of resource: Resource) -> UInt64
}

/// The object that a path leads to.
package struct FoundFile: Hashable, Sendable {
  package let path: Path
  package let kind: FileKind
  package let owner: UInt32
  /// The permission bits.
  package let mode: UInt32

  package init(path: Path, kind: FileKind, owner: UInt32, mode: UInt32) {
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
