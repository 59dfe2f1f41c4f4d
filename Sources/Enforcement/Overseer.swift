package import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// Answers the calls that a filter asks about, in the process that stays outside.
///
/// It is made before the first fork. The program's side sends the listener when the filter is in
/// force; the other side takes it, and answers as long as a process of the program lives.
package final class Overseer {
  /// What becomes of a call; also told whether its thread still waits, which makes sure that what was
  /// read of its memory was its own.
  package typealias Judge = (
    _ call: Notification, _ isWaiting: () -> Bool
  ) throws(SystemCallError) -> NotificationAnswer

  private let judge: Judge
  /// Whether a signal is for the launcher alone.
  let takes: (_ signal: Int32) -> Bool
  private let atEnd: (_ status: Int32) throws(SystemCallError) -> Void
  private let channel: ListenerChannel
  private var isAwaited = true
  private var listener: Listener?
  /// The first process of the program, as numbered here.
  package private(set) var program: Int32?
  /// Whether that was ended for a call that its filter answers by ending it.
  private var hasKilledProgram = false

  /// - Parameters:
  ///   - takes: whether a signal that the launcher gets is not for the program.
  ///   - atEnd: told the status of the program when all of it has ended.
  package init(
    judge: @escaping Judge,
    takes: @escaping (_ signal: Int32) -> Bool = { (_) in false },
    atEnd: @escaping (_ status: Int32) throws(SystemCallError) -> Void = { (_) in }
  ) throws(SystemCallError) {
    self.judge = judge
    self.takes = takes
    self.atEnd = atEnd
    channel = try ListenerChannel()
  }

  // MARK: The program's side

  /// Sends the listener; the last thing before the program starts.
  ///
  /// - Returns: whether it was sent.
  func send(_ listener: Int32, _ execution: Execution) -> Bool {
    execution.send(listener, by: channel.sender)
  }

  // MARK: The other side

  /// What to wait for besides signals; nil where nothing will come any more.
  var descriptor: Int32? {
    listener?.descriptor.number ?? (isAwaited ? channel.receiver.number : nil)
  }

  /// Answers one call.
  ///
  /// - Parameter isOver: whether no process is left that could ask.
  func serve(isOver: Bool) throws(SystemCallError) {
    isAwaited = false
    if isOver {
      listener = nil
      return
    }
    guard let listener else {
      let arrived = try channel.receive()
      self.listener = Listener(FileDescriptor(owning: arrived.number))
      program = arrived.sender
      return
    }
    guard let call = try listener.receive() else { return }
    let answer = try judge(call) { listener.isValid(call) }
    if answer == .kill, try Processes.process(of: call.thread) == program {
      hasKilledProgram = true
    }
    try listener.answer(call, answer)
  }

  /// The program has ended.
  ///
  /// - Returns: the status to exit with: SIGSYS ends what a filter ends, whoever does it.
  func end(with status: Int32) throws(SystemCallError) -> Int32 {
    let isKilled = hasKilledProgram && status == 128 + Processes.kill
    let status = isKilled ? 128 + Processes.badCall : status
    try atEnd(status)
    return status
  }
}
