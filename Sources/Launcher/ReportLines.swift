internal import KernelCalls

/// Where a report goes while the program runs. Where nobody reads it any more, the program goes on.
final class ReportLines {
  private let output: Int32
  private var isBroken = false

  init(output: Int32) { self.output = output }

  func write(_ line: String) {
    guard !isBroken else { return }
    do throws(SystemCallError) {
      try FileDescriptor.writeAll(Array((line + "\n").utf8), to: output)
    } catch { isBroken = true }
  }
}
