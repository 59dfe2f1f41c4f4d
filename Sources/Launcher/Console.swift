internal import KernelCalls
internal import KernelTypes

/// The only place that writes text, in the form of the name by which the launcher was started.
enum Console {
  static func fail(_ message: String, status: Int32 = 1) -> Never {
    write(failure(message), to: 2)
    Processes.exit(status)
  }

  /// The line for an error that ends the launch.
  static func failure(_ message: String) -> String {
    (Convention.current.hasFirejailsForms ? "Error: " : "sandbox: ") + message + "\n"
  }

  static func warn(_ message: String) {
    write(
      (Convention.current.hasFirejailsForms ? "Warning: " : "sandbox: warning: ") + message + "\n",
      to: 2)
  }

  static func note(_ message: String) { write("sandbox: \(message)\n", to: 2) }

  /// A line as it stands, on standard error.
  static func say(_ line: String) { write(line + "\n", to: 2) }

  /// A line of a terminal that the next one replaces; empty takes it away.
  static func progress(_ message: String) { write("\r\u{1b}[K" + message, to: 2) }

  static func print(_ text: String) { write(text, to: 1) }

  private static func write(_ text: String, to descriptor: Int32) {
    do throws(SystemCallError) {
      try FileDescriptor.writeAll(Array(text.utf8), to: descriptor)
    } catch {
      // There is no other place to say it, and nothing depends on it.
      return
    }
  }
}
