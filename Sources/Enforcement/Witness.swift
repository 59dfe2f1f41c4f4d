package import KernelCalls
internal import KernelTypes

/// A short-lived process that measures the program when it stands at its first instruction.
///
/// It is not a child of the program, which would have to reap it: it is started by a child that
/// ends at once. It traces the launcher and what that forks until the program has started, and goes.
package enum Witness {
  /// Comes back in the launcher once the witness watches. `report` runs in the witness: with the
  /// process to measure, or nil where no program started.
  package static func start(
    report: (Int32?) throws(SystemCallError) -> Void
  ) throws(SystemCallError) {
    let subject = Processes.identifier
    let toWitness = try Channel()
    let fromWitness = try Channel()
    if let child = try Processes.fork() {
      _ = try Processes.wait(for: child)
      let witness = try fromWitness.receive()
      try Processes.allowTracing(by: witness)
      try toWitness.send(subject)
      guard try fromWitness.receive() == 0 else {
        throw SystemCallError(
          "ptrace", .notPermitted, subject: "the program, which --receipt measures,")
      }
      return
    }
    do throws(SystemCallError) {
      if try Processes.fork() != nil { Processes.exit(0) }
      try fromWitness.send(Processes.identifier)
      _ = try toWitness.receive()
      try watch(subject, ready: fromWitness, report: report)
      Processes.exit(0)
    } catch {
      // The launcher waits for an answer, or sees that none will come.
      Processes.exit(1)
    }
  }

  private static func watch(
    _ subject: Int32, ready: borrowing Channel, report: (Int32?) throws(SystemCallError) -> Void
  ) throws(SystemCallError) {
    do throws(SystemCallError) {
      try Tracing.watchStart(of: subject)
    } catch {
      try ready.send(error.errno.code)
      throw error
    }
    try ready.send(0)
    var watched: Set<Int32> = [subject]
    guard let program = try Tracing.waitForStart(&watched) else { return try report(nil) }
    try report(program)
    try Tracing.release(watched, stopped: program)
  }
}
