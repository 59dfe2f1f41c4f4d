internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// What the launcher holds open as long as its sandbox lives, so that its user's other launchers find
/// the sandbox and can enter it. The kernel takes it away with the launcher, however that ends.
enum Residence {
  /// A process that may write no file of this size holds no record, and its sandbox is not found.
  ///
  /// - Parameters:
  ///   - record: the bytes of a `SandboxRecord`.
  ///   - first: the first process inside, which waits meanwhile.
  static func hold(
    _ record: [UInt8], _ namespaces: Namespaces, of first: Int32
  ) throws(SystemCallError) {
    guard try Limits.allowFile(of: record.count) else { return }
    try FileDescriptor.sealed(SandboxRecord.fileName, record).released()
    for name in namespaces.names {
      do throws(SystemCallError) {
        try FileDescriptor.open(Path("/proc/\(first)/ns/" + name), 0).released()
      } catch {
        // It has failed and ended already, and says so itself.
        guard error.meansEnded else { throw error }
      }
    }
  }
}
