internal import KernelCalls
internal import KernelTypes

/// `--trace`: one line for each event, `PID:NAME:CALL`, and `:ERRNO` where a rule refuses it.
final class TraceLog {
  private let lines: ReportLines

  init(output: Int32) { lines = ReportLines(output: output) }

  /// - Parameter call: with its arguments, safe on a terminal.
  func add(_ call: String, thread: Int32, refusal: String?) {
    lines.write("\(thread):\(Self.name(of: thread)):\(call)\(refusal.map { ":" + $0 } ?? "")")
  }

  private static func name(of thread: Int32) -> String {
    do throws(SystemCallError) {
      let bytes = try FileDescriptor.open(Path("/proc/\(thread)/comm"), 0).readAll(limit: 64)
      return displayed(bytes.prefix { $0 != 10 })
    } catch { return "?" }
  }
}
