internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// What the launcher holds open as long as its sandbox lives, so that its user's other launchers find
/// the sandbox and can enter it. The kernel takes it away with the launcher, however that ends.
struct Residence {
  private var numbers: [Int32] = []

  /// - Parameter first: the first process inside, which waits meanwhile.
  init(_ namespaces: Namespaces, of first: Int32) throws(SystemCallError) {
    for name in namespaces.names {
      do throws(SystemCallError) {
        numbers.append(try FileDescriptor.open(Path("/proc/\(first)/ns/" + name), 0).released())
      } catch {
        // It has failed and ended already, and says so itself.
        guard error.meansEnded else { throw error }
      }
    }
  }

  /// From now on the sandbox can be found.
  mutating func publish(_ record: SandboxRecord) throws(SystemCallError) {
    let bytes = record.bytes
    // A process that may write no file of this size holds no record.
    guard try Limits.allowFile(of: bytes.count) else { return }
    numbers.append(try FileDescriptor.sealed(SandboxRecord.fileName, bytes).released())
  }

  /// For the time between the end of the first process and the launcher's look at it: the kernel takes
  /// long to forget a process on whose files in /proc something is still mounted.
  mutating func end() throws(SystemCallError) {
    for number in numbers { try FileDescriptor(owning: number).close() }
    numbers = []
  }
}
