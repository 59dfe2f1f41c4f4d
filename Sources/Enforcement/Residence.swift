internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// What the launcher holds open as long as its sandbox lives, so that its user's other launchers find
/// the sandbox and can enter it. The kernel takes it away with the launcher, however that ends.
struct Residence {
  private var numbers: [Int32] = []

  /// - Parameters:
  ///   - record: what others learn of the sandbox; nil where it is not to be found.
  ///   - first: the first process inside, which waits meanwhile.
  init(_ record: SandboxRecord?, of first: Int32) throws(SystemCallError) {
    guard let record else { return }
    let bytes = record.bytes
    // A process that may write no file of this size holds no record.
    guard try Limits.allowFile(of: bytes.count) else { return }
    numbers.append(try FileDescriptor.sealed(SandboxRecord.fileName, bytes).released())
    for name in record.namespaces.names {
      do throws(SystemCallError) {
        numbers.append(try FileDescriptor.open(Path("/proc/\(first)/ns/" + name), 0).released())
      } catch {
        // It has failed and ended already, and says so itself.
        guard error.meansEnded else { throw error }
      }
    }
  }

  /// For the time between the end of the first process and the launcher's look at it: the kernel takes
  /// long to forget a process on whose files in /proc something is still mounted.
  mutating func end() throws(SystemCallError) {
    for number in numbers { try FileDescriptor(owning: number).close() }
    numbers = []
  }
}
