package import KernelCalls
internal import KernelTypes

/// Stays beside the program where something must happen later: the end of its time.
package enum Supervisor {
  /// Forks: comes back in the child, which becomes the program, with nil; in the parent when all
  /// processes of the program have ended, with the status to exit with.
  ///
  /// - Parameter seconds: after which everything is ended, with status 1.
  package static func watch(seconds: Int) throws(SystemCallError) -> Int32? {
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
    let deadline = Processes.now() + seconds * 1000
    var first: ExitStatus?
    while let left = try reap(child, &first) {
      let rest = deadline - Processes.now()
      guard left > 0 else { break }
      guard rest > 0 else {
        try endAll()
        return 1
      }
      guard try Processes.poll(signals.descriptor.number, milliseconds: Int32(min(rest, 1 << 30)))
      else { continue }
      let (signal, isFromProcess) = try signals.next()
      // A key of the terminal has reached the program already.
      if isFromProcess, signal != Processes.childEnded { try sendToAll(signal) }
    }
    return first?.code ?? 1
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
