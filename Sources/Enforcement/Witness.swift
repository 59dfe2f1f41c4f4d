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

/// A pipe for numbers.
struct Channel: ~Copyable {
  private let reader: FileDescriptor
  private let writer: FileDescriptor

  init() throws(SystemCallError) {
    let ends = try Processes.pipe()
    reader = FileDescriptor(owning: ends.read)
    writer = FileDescriptor(owning: ends.write)
  }

  func send(_ number: Int32) throws(SystemCallError) {
    let bits = UInt32(bitPattern: number)
    try writer.writeAll((0..<4).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) })
  }

  func receive() throws(SystemCallError) -> Int32 {
    let bytes = try reader.readAll(limit: 4)
    guard bytes.count == 4 else { throw SystemCallError("read", .noChild, subject: "the witness") }
    return Int32(bitPattern: bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) })
  }
}
