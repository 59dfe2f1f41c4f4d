internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// A process outside that holds a loan to the host, and ends it when the sandbox has ended, however that
/// happens.
///
/// It ends last: it waits for the first process of the sandbox, which the kernel lets end only after
/// all others.
struct Caretaker: ~Copyable {
  private let pid: Int32
  private let toCaretaker: Channel

  private init(pid: Int32, toCaretaker: consuming Channel) {
    self.pid = pid
    self.toCaretaker = toCaretaker
  }

  /// Comes back once the directories are there.
  static func start(_ paths: [Path]) throws(SystemCallError) -> Caretaker {
    let toCaretaker = try Channel()
    let fromCaretaker = try Channel()
    guard let pid = try Processes.fork() else {
      let loan = Loan()
      do throws(SystemCallError) {
        try Processes.startSession()
        try loan.add(paths)
        try fromCaretaker.send(0)
        let reader = toCaretaker.readerAlone()
        // Nobody waits for the end of a stream because of this process.
        try Processes.closeAll(except: [reader.number] + loan.numbers)
        // Without a number the launcher ended before it let the sandbox begin.
        if let pid = Channel.number(in: try reader.readAll(limit: 4)) {
          try Processes.waitForEnd(of: pid)
        }
        try loan.giveBack()
        Processes.exit(0)
      } catch {
        // The launcher sees that no answer comes.
        exit(afterGivingBack: loan)
      }
    }
    let answer = fromCaretaker.readerAlone()
    guard try answer.readAll(limit: 4).count == 4 else {
      throw SystemCallError("mkdir", .notPermitted, subject: paths.first?.description ?? "")
    }
    return Caretaker(pid: pid, toCaretaker: toCaretaker)
  }

  private static func exit(afterGivingBack loan: Loan) -> Never {
    do throws(SystemCallError) { try loan.giveBack() } catch { Processes.exit(1) }
    Processes.exit(1)
  }

  /// Tells it for which process to wait.
  func watch(_ pid: Int32) throws(SystemCallError) { try toCaretaker.send(pid) }

  /// Waits until it has cleaned up.
  func finish() throws(SystemCallError) { _ = try Processes.wait(for: pid) }
}
