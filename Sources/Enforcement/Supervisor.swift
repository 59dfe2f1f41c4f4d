package import KernelCalls
internal import KernelTypes

/// Stays beside the program where something must happen later: the end of its time, or of the
/// namespaces that it runs in.
package enum Supervisor {
  /// Forks: comes back in the child, which becomes the program, with nil; in the parent when all
  /// processes of the program have ended, with the status to exit with.
  ///
  /// - Parameters:
  ///   - timeout: seconds after which everything is ended, with status 1.
  ///   - overseer: who answers what the filter asks.
  package static func watch(
    timeout: Int?, overseer: Overseer?
  ) throws(SystemCallError) -> Int32? {
    try Processes.adoptOrphans()
    let signals = try SupervisedSignals()
    guard let child = try signals.fork() else { return nil }
    let deadline = timeout.map { Processes.now() + $0 * 1000 }
    var first: ExitStatus?
    while let left = try reap(child, &first) {
      guard left > 0 else { break }
      guard try wait(for: signals, until: deadline, overseer) else {
        try endAll()
        return 1
      }
      let (signal, isFromProcess) = try signals.next()
      // A key of the terminal has reached the program already.
      if isFromProcess, signal != Processes.childEnded, overseer?.takes(signal) != true {
        try sendToAll(signal)
      }
    }
    let status = first?.code ?? 1
    return try overseer?.end(with: status) ?? status
  }

  /// Which of two processes has come back from a clone or fork.
  enum Role: ~Copyable {
    /// The new one. Through the lifeline comes a number when the launcher has done what it does
    /// meanwhile; it ends with the launcher.
    case first(lifeline: FileDescriptor)
    /// The launcher, when the new one has ended: with the status to exit with.
    case launcher(Int32)
  }

  /// What the launcher does for a child.
  struct Duties {
    /// Before the child does anything, which is told its number.
    var begin: (Int32) throws(SystemCallError) -> Residence? = { (_) in nil }
    /// While the child goes on.
    var attend: (inout Residence?) throws(SystemCallError) -> Void = {
      (_: inout Residence?) throws(SystemCallError) in
    }
  }

  /// Clones into new namespaces, or forks: whatever `start` does. The launcher passes signals on.
  ///
  /// - Parameters:
  ///   - timeout: seconds after which everything is ended, with status 1.
  ///   - overseer: who answers what the filter asks.
  static func accompany(
    timeout: Int? = nil, overseer: Overseer? = nil, _ duties: Duties = Duties(),
    start: () throws(SystemCallError) -> Int32?
  ) throws(SystemCallError) -> Role {
    let signals = try SupervisedSignals()
    let lifeline = try Channel()
    guard let child = try start() else {
      try Processes.dieWithParent()
      // Nothing begins without the launcher: it may have ended before the line above.
      let reader = lifeline.readerAlone()
      try wait(on: reader)
      return .first(lifeline: reader)
    }
    var residence = try duties.begin(child)
    try lifeline.send(0)
    try duties.attend(&residence)
    try lifeline.send(0)
    return .launcher(
      try attend(child, residence, signals, timeout: timeout, overseer: overseer))
  }

  /// Waits for the launcher's next number, and ends where it has ended.
  static func wait(on lifeline: borrowing FileDescriptor) throws(SystemCallError) {
    if Channel.number(in: try lifeline.readAll(limit: 4)) == nil { Processes.exit(1) }
  }

  /// What the launcher does from now on. Whatever goes wrong here ends the sandbox with it.
  private static func attend(
    _ child: Int32, _ residence: Residence?, _ signals: borrowing SupervisedSignals, timeout: Int?,
    overseer: Overseer?
  ) throws(SystemCallError) -> Int32 {
    var residence = residence
    var deadline = timeout.map { Processes.now() + $0 * 1000 }
    var isOver = false
    while true {
      if try Processes.hasEnded(child) {
        try residence?.end()
        guard let change = try Processes.wait(for: child),
          let status = Processes.ending(change.status)
        else { throw SystemCallError("waitpid", .noChild) }
        let code = isOver ? 1 : status.code
        return try overseer?.end(with: code) ?? code
      }
      guard try wait(for: signals, until: deadline, overseer) else {
        try Processes.send(isOver ? Processes.kill : Processes.terminate, to: child)
        deadline = isOver ? nil : Processes.now() + 100
        isOver = true
        continue
      }
      let (signal, isFromProcess) = try signals.next()
      if isFromProcess, signal != Processes.childEnded, overseer?.takes(signal) != true {
        try Processes.send(signal, to: child)
      }
    }
  }

  /// Forks: comes back in the child. The parent is the first process of its namespace: it has no
  /// rights, reaps, passes signals to the child, and when that and each program that joined the
  /// sandbox has ended, the kernel ends all others. After a signal that asks for the end, the joined
  /// ones do not count.
  static func stayAsInit() throws(SystemCallError) {
    try Files.changeDirectory(to: "/")
    guard let child = try Processes.fork() else { return try SupervisedSignals.unblock() }
    // They are blocked already, since before the first fork.
    let signals = try SupervisedSignals()
    try Capabilities.set(to: [])
    try Processes.closeAll(except: [signals.descriptor.number])
    var passesSignals = true
    var isOver = false
    var first: ExitStatus?
    while true {
      do throws(SystemCallError) {
        while let change = try Processes.wait(for: -1, isBlocking: !passesSignals) {
          if change.pid == child { first = Processes.ending(change.status) ?? first }
        }
      } catch {
        guard error.errno == .noChild, first != nil else { throw error }
      }
      if let first {
        guard !isOver, passesSignals, let joined = joinedProgram() else {
          Processes.exit(first.code)
        }
        // Only signals and the end of that program matter now.
        let ready = try Processes.poll(signals.descriptor.number, joined.number, milliseconds: -1)
        guard ready.first.hasInput else { continue }
      }
      let (signal, isFromProcess): (Int32, Bool)
      do throws(SystemCallError) {
        (signal, isFromProcess) = try signals.next()
      } catch {
        // There is no descriptor left to say it on. The sandbox holds; the launcher can still end it.
        passesSignals = false
        continue
      }
      if Processes.asksForEnd(signal) { isOver = true }
      if isFromProcess, signal != Processes.childEnded, first == nil {
        do throws(SystemCallError) {
          try Processes.send(signal, to: child)
        } catch {
          // It may have ended in between.
          guard error.errno == .noProcess else { throw error }
        }
      }
    }
  }

  /// A program that joined the sandbox: its parent is outside, which the kernel shows as 0. None where
  /// that can't be told: then the sandbox ends.
  private static func joinedProgram() -> FileDescriptor? {
    // Mostly nobody is left.
    guard Processes.hasOthers else { return nil }
    do throws(SystemCallError) {
      for pid in try ProcessTable().children(of: 0) where pid != 1 {
        if let handle = try Processes.handle(on: pid) { return handle }
      }
      return nil
    } catch { return nil }
  }

  /// Waits for a signal; answers calls meanwhile.
  ///
  /// - Returns: false where the time is over.
  private static func wait(
    for signals: borrowing SupervisedSignals, until deadline: Int?, _ overseer: Overseer?
  ) throws(SystemCallError) -> Bool {
    while true {
      let rest = deadline.map { Int32(max(0, min($0 - Processes.now(), 1 << 30))) } ?? -1
      if rest == 0 { return false }
      // A descriptor of -1 is none to poll(2).
      let (signal, call) = try Processes.poll(
        signals.descriptor.number, overseer?.descriptor ?? -1, milliseconds: rest)
      if call.hasInput || call.isOver { try overseer?.serve(isOver: call.isOver) }
      if signal.hasInput { return true }
    }
  }

  /// Reaps what has ended.
  ///
  /// - Returns: the number of children left; nil where there is none.
  private static func reap(
    _ child: Int32, _ first: inout ExitStatus?
  ) throws(SystemCallError) -> Int? {
    while true {
      do throws(SystemCallError) {
        guard let change = try Processes.wait(for: -1, isBlocking: false) else { return 1 }
        if change.pid == child { first = Processes.ending(change.status) ?? first }
      } catch {
        guard error.errno == .noChild else { throw error }
        return nil
      }
    }
  }

  /// SIGTERM to all, 100 ms later SIGKILL until none is left.
  private static func endAll() throws(SystemCallError) {
    try sendToAll(Processes.terminate)
    var ignored: ExitStatus?
    let deadline = Processes.now() + 100
    while try reap(0, &ignored) != nil {
      let rest = deadline - Processes.now()
      if rest <= 0 { try sendToAll(Processes.kill) }
      try Processes.pause(milliseconds: 5)
    }
  }

  private static func sendToAll(_ signal: Int32) throws(SystemCallError) {
    for pid in try ProcessTable().descendants(of: Processes.identifier) {
      do throws(SystemCallError) {
        try Processes.send(signal, to: pid)
      } catch {
        // It may have ended in between.
        guard error.errno == .noProcess else { throw error }
      }
    }
  }
}
