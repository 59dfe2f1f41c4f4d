package import KernelCalls
package import KernelTypes

/// A directory that keeps the changes of a home directory, for one sandbox at a time.
package struct LayerStorage: ~Copyable {
  private let directory: FileDescriptor

  /// The overlay file system's two directories.
  static let changes = "upper"
  static let workplace = "work"

  /// Makes what is missing, and locks it.
  static func open(_ path: Path) throws(SystemCallError) -> LayerStorage {
    for name in [changes, workplace] { try Files.makeOwnDirectories(path.appending(name)) }
    let directory = try FileDescriptor.openDirectory(path)
    guard try directory.lock(.exclusive) else {
      throw SystemCallError("flock", .inUse, subject: "\(path), which another sandbox uses,")
    }
    return LayerStorage(directory: directory)
  }

  /// Removes all layers of a directory, where there is one.
  package static func removeAll(in path: Path) throws(SystemCallError) {
    if try Files.exists(path) { try Files.removeTree(path) }
  }
}
