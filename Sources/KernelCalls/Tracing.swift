internal import CKernel
internal import Glibc

/// ptrace(2), as far as watching one program start needs it.
package enum Tracing {
  /// Watches a process: it stops at the next program start, and dies if we do before.
  package static func watchStart(of pid: Int32) throws(SystemCallError) {
    // PTRACE_SEIZE; PTRACE_O_TRACEEXEC and PTRACE_O_EXITKILL.
    try check("ptrace", "", ck_ptrace(0x4206, pid, 0, 0x10 | 0x0010_0000))
  }

  /// Waits until the process stands at its program's first instruction.
  ///
  /// - Returns: false where it ended before.
  package static func waitForStart(of pid: Int32) throws(SystemCallError) -> Bool {
    while let change = try Processes.wait(for: pid) {
      if Processes.ending(change.status) != nil { return false }
      // PTRACE_EVENT_EXEC beside SIGTRAP in the upper bytes.
      if change.status >> 8 == SIGTRAP | (4 << 8) { return true }
      let signal = change.status >> 16 == 0 ? (change.status >> 8) & 0xff : 0
      try check("ptrace", "", ck_ptrace(7, pid, 0, UInt(signal)))
    }
    return false
  }

  /// Lets the process go on, unwatched.
  package static func release(_ pid: Int32) throws(SystemCallError) {
    try check("ptrace", "", ck_ptrace(17, pid, 0, 0))
  }

  /// PTRACE_SECCOMP_GET_FILTER: how many instructions the newest filter of the process has; nil
  /// where the kernel does not tell (it tells root).
  package static func filterLength(of pid: Int32) -> Int? {
    let length = ck_ptrace(0x420c, pid, 0, 0)
    return length < 0 ? nil : length
  }
}
