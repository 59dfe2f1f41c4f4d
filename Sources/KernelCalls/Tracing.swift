internal import CKernel
internal import CGlibc

/// ptrace(2), as far as watching one program start needs it.
package enum Tracing {
  /// Watches a process and those that it forks: each stops at its next program start, and all die
  /// if we do before.
  package static func watchStart(of pid: Int32) throws(SystemCallError) {
    // PTRACE_SEIZE; TRACEFORK, TRACEVFORK, TRACECLONE, TRACEEXEC and EXITKILL.
    try check("ptrace", "", ck_ptrace(0x4206, pid, 0, 0x1e | 0x0010_0000))
  }

  /// Waits until one of them stands at a program's first instruction.
  ///
  /// - Parameter watched: the processes that are traced.
  /// - Returns: that process; nil where all ended before.
  package static func waitForStart(
    _ watched: inout Set<Int32>
  ) throws(SystemCallError) -> Int32? {
    while !watched.isEmpty {
      guard let (pid, status) = try Processes.wait(for: -1) else { continue }
      if Processes.ending(status) != nil {
        watched.remove(pid)
        continue
      }
      watched.insert(pid)
      // PTRACE_EVENT_EXEC beside SIGTRAP in the upper bytes.
      if status >> 8 == SIGTRAP | (4 << 8) { return pid }
      let signal = status >> 16 == 0 ? (status >> 8) & 0xff : 0
      try check("ptrace", "", ck_ptrace(7, pid, 0, UInt(signal)))
    }
    return nil
  }

  /// Lets all go on, unwatched; `stopped` is the one that stands still.
  package static func release(
    _ watched: Set<Int32>, stopped: Int32
  ) throws(SystemCallError) {
    for pid in watched where pid != stopped {
      // PTRACE_INTERRUPT, which a process that ends does not hear.
      try check("ptrace", "", ck_ptrace(0x4207, pid, 0, 0))
      guard let (_, status) = try Processes.wait(for: pid), Processes.ending(status) == nil
      else { continue }
      let signal = status >> 16 == 0 ? (status >> 8) & 0xff : 0
      try check("ptrace", "", ck_ptrace(17, pid, 0, UInt(signal)))
    }
    try check("ptrace", "", ck_ptrace(17, stopped, 0, 0))
  }

  /// PTRACE_SECCOMP_GET_FILTER: how many instructions the newest filter of the process has; nil
  /// where the kernel does not tell (it tells root).
  package static func filterLength(of pid: Int32) -> Int? {
    let length = ck_ptrace(0x420c, pid, 0, 0)
    return length < 0 ? nil : length
  }
}
