internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// `--shutdown`.
enum Shutdown {
  /// Milliseconds until SIGKILL.
  private static let patience = 10_000

  static func run(_ words: [[UInt8]], isQuiet: Bool) throws(RunningError) {
    let running = try RunningError.passing { () throws(SystemCallError) in try RunningSandboxes() }
    var chosen: [RunningSandbox] = []
    for word in words {
      if word == [UInt8(ascii: "*")] {
        chosen += running.all.filter { $0.user == Identity.uid }
      } else if let found = running.find(word) {
        chosen.append(found)
      } else {
        throw RunningError(
          "cannot find sandbox \(displayed(word)); nothing was ended",
          hint: "--list names those that run")
      }
    }
    if Convention.current == .firejail, !isQuiet {
      for sandbox in chosen { Console.say("Sending signal 15 to pid \(sandbox.record.first)") }
    }
    try RunningError.passing { () throws(SystemCallError) in try end(chosen) }
  }

  private static func end(_ sandboxes: [RunningSandbox]) throws(SystemCallError) {
    var handles: [(number: Int32, pid: Int32)] = []
    for sandbox in sandboxes where !handles.contains(where: { $0.pid == sandbox.pid }) {
      guard let handle = try Processes.handle(on: sandbox.pid), try sandbox.launcher.isThere else {
        continue
      }
      try Processes.send(Processes.terminate, by: handle)
      handles.append((handle.released(), sandbox.pid))
    }
    let deadline = Processes.now() + patience
    for (number, _) in handles {
      let handle = FileDescriptor(owning: number)
      while true {
        let rest = deadline - Processes.now()
        if rest <= 0 { try Processes.send(Processes.kill, by: handle) }
        if try Processes.poll(handle.number, milliseconds: Int32(max(rest, 1000))) { break }
      }
    }
  }
}
