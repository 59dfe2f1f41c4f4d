internal import KernelCalls
internal import KernelTypes

/// One file system in memory for all directories of a view that empty ones take the places of: each is a
/// mount of a directory of its. A file system for each would take the kernel far longer.
struct Scratch: ~Copyable {
  /// How the names of its directories begin.
  static let name = "replaced"

  private let mount: FileDescriptor
  private var count = 0

  /// Attaches it to a place that something else is about to hide.
  init(at place: Path) throws(SystemCallError) {
    let target = try FileDescriptor.directoryHandle(on: place)
    let mount = try Mounting.makeFileSystem(
      "tmpfs", options: [("mode", "0700")], flags: [.noSetuid, .noDevices])
    try Mounting.attach(mount, on: target)
    self.mount = mount
  }

  /// A new directory, as a mount that is attached nowhere yet. The umask is 0 here.
  mutating func makeDirectory(mode: UInt32) throws(SystemCallError) -> FileDescriptor {
    count += 1
    let name = Path(Self.name + String(count))
    guard try mount.makeDirectory(name, mode: mode) else {
      throw SystemCallError("mkdirat", .exists)
    }
    return try Mounting.cloneDirectory(name, in: mount)
  }
}
