internal import CKernel

/// SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2 and SIGCHLD as input of a descriptor (`signalfd(2)`).
package struct SupervisedSignals: ~Copyable {
  package let descriptor: FileDescriptor

  /// Blocks them for this process and those that it forks.
  package init() throws(SystemCallError) {
    descriptor = FileDescriptor(owning: Int32(try check("signalfd", "", ck_catch_signals())))
  }

  /// fork(2) of a child that gets these signals itself and ends with this process; there it is nil.
  package func fork() throws(SystemCallError) -> Int32? {
    let parent = Processes.identifier
    if let child = try Processes.fork() { return child }
    try Self.unblock()
    try Processes.dieWithParent()
    // The parent may have ended before the line above.
    if Processes.parent != parent { Processes.exit(1) }
    return nil
  }

  /// For a child that is to become the program.
  package static func unblock() throws(SystemCallError) {
    try check("sigprocmask", "", ck_release_signals())
  }

  /// The next signal: its number, and whether a process sent it rather than the terminal.
  package func next() throws(SystemCallError) -> (signal: Int32, isFromProcess: Bool) {
    var isFromProcess: Int32 = 0
    let signal = try check(
      "read", "signalfd", unsafe ck_next_signal(descriptor.number, &isFromProcess))
    return (Int32(signal), isFromProcess != 0)
  }
}
