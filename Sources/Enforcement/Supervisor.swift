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
    let parent = Processes.identifier
    guard let child = try Processes.fork() else {
      try SupervisedSignals.unblock()
      try Processes.dieWithParent()
      // The parent may have ended before the line above.
      if Processes.parent != parent { Processes.exit(1) }
      return nil
    }
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

  /// Clones into new namespaces: comes back in the child, the first process there, with nil; in the
  /// parent, which passes signals on, when that has ended, with the status to exit with.
  ///
  /// - Parameters:
  ///   - timeout: seconds after which everything is ended, with status 1.
  ///   - overseer: who answers what the filter asks.
  ///   - begin: told the number of the first process before that does anything.
  static func enter(
    _ namespaces: Namespaces, timeout: Int?, overseer: Overseer?,
    begin: (Int32) throws(SystemCallError) -> Void
  ) throws(SystemCallError) -> Int32? {
    let signals = try SupervisedSignals()
    let lifeline = try Channel()
    guard let child = try Processes.clone(into: namespaces) else {
      try Processes.dieWithParent()
      // Nothing begins without the launcher: it may have ended before the line above.
      let reader = lifeline.readerAlone()
      if Channel.number(in: try reader.readAll(limit: 4)) == nil { Processes.exit(1) }
      return nil
    }
    try begin(child)
    try lifeline.send(0)
    return try attend(child, signals, timeout: timeout, overseer: overseer)
  }

  /// What the launcher does from now on. Whatever goes wrong here ends the sandbox with it.
  private static func attend(
    _ child: Int32, _ signals: borrowing SupervisedSignals, timeout: Int?, overseer: Overseer?
  ) throws(SystemCallError) -> Int32 {
    var deadline = timeout.map { Processes.now() + $0 * 1000 }
    var isOver = false
    while true {
      if let change = try Processes.wait(for: child, isBlocking: false),
        let status = Processes.ending(change.status)
      {
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
  /// rights, reaps, passes signals to the child, and when that ends, the kernel ends all others.
  static func stayAsInit() throws(SystemCallError) {
    try Files.changeDirectory(to: "/")
    guard let child = try Processes.fork() else { return try SupervisedSignals.unblock() }
    // They are blocked already, since before the first fork.
    let signals = try SupervisedSignals()
    try Capabilities.set(to: [])
    try Processes.closeAll(except: [signals.descriptor.number])
    var passesSignals = true
    while true {
      while let change = try Processes.wait(for: -1, isBlocking: !passesSignals) {
        if change.pid == child, let status = Processes.ending(change.status) {
          Processes.exit(status.code)
        }
      }
      let (signal, isFromProcess): (Int32, Bool)
      do throws(SystemCallError) {
        (signal, isFromProcess) = try signals.next()
      } catch {
        // There is no descriptor left to say it on. The sandbox holds; the launcher can still end it.
        passesSignals = false
        continue
      }
      if isFromProcess, signal != Processes.childEnded {
        do throws(SystemCallError) {
          try Processes.send(signal, to: child)
        } catch {
          // It may have ended in between.
          guard error.errno == .noProcess else { throw error }
        }
      }
    }
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
    for pid in try descendants(of: Processes.identifier) {
      do throws(SystemCallError) {
        try Processes.send(signal, to: pid)
      } catch {
        // It may have ended in between.
        guard error.errno == .noProcess else { throw error }
      }
    }
  }

  /// The processes below one, by the parents that /proc/PID/stat names.
  private static func descendants(of ancestor: Int32) throws(SystemCallError) -> [Int32] {
    var children: [Int32: [Int32]] = [:]
    for name in try Files.entries(of: "/proc") {
      guard let pid = Int32(String(decoding: name, as: UTF8.self)) else { continue }
      if let parent = try parent(of: pid) { children[parent, default: []].append(pid) }
    }
    var found: [Int32] = []
    var open = [ancestor]
    while let next = open.popLast() {
      found += children[next] ?? []
      open += children[next] ?? []
    }
    return found
  }

  private static func parent(of pid: Int32) throws(SystemCallError) -> Int32? {
    let bytes: [UInt8]
    do throws(SystemCallError) {
      bytes = try FileDescriptor.open(Path("/proc/\(pid)/stat"), 0).readAll()
    } catch {
      guard error.errno == .noEntry || error.errno == .noProcess else { throw error }
      return nil
    }
    // After the name in parentheses, which may hold anything: state, parent.
    guard let end = bytes.lastIndex(of: UInt8(ascii: ")")) else { return nil }
    let fields = bytes[(end + 1)...].split(separator: UInt8(ascii: " "))
    return fields.count > 1 ? Int32(String(decoding: fields[1], as: UTF8.self)) : nil
  }
}
