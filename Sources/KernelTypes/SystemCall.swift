/// An instruction set whose programs enter the kernel with their own table of system calls.
package enum Architecture: String, Sendable, CaseIterable {
  case x86_64, i386, aarch64

  /// The value that a filter sees (`linux/audit.h`, `AUDIT_ARCH_*`).
  package var auditValue: UInt32 {
    switch self {
    case .x86_64: 0xc000_003e
    case .i386: 0x4000_0003
    case .aarch64: 0xc000_00b7
    }
  }

  /// The 32-bit table that a kernel of this architecture may serve as well and that we can filter.
  package var secondary: Architecture? { self == .x86_64 ? .i386 : nil }

  #if arch(arm64)
    package static let native = Architecture.aarch64
  #else
    package static let native = Architecture.x86_64
  #endif
}

/// A system call: a name, and a number for each architecture that has it.
package struct SystemCall: Hashable, Sendable {
  /// In the table.
  package let row: Int

  init(row: Int) { self.row = row }

  package init?(named name: String) { self.init(namedByBytes: name.utf8) }

  /// By a name that is bytes still.
  init?(namedByBytes name: some Sequence<UInt8>) {
    guard let row = SyscallTable.rows.firstIndex(named: name, { $0.name }) else { return nil }
    self.row = row
  }

  package init?(number: Int, on architecture: Architecture) {
    let rows = Self.rows(of: architecture)
    guard rows.indices.contains(number), rows[number] >= 0 else { return nil }
    row = Int(rows[number])
  }

  package var name: String { SyscallTable.rows[row].name }

  package func number(on architecture: Architecture) -> Int? {
    Self.number(in: SyscallTable.rows[row], on: architecture)
  }

  /// All calls of an architecture by number.
  package static func all(on architecture: Architecture) -> [(number: Int, name: String)] {
    calls(on: architecture).map { ($0.number, $0.call.name) }
  }

  package static func calls(on architecture: Architecture) -> [(number: Int, call: SystemCall)] {
    rows(of: architecture).enumerated().compactMap { number, row in
      row < 0 ? nil : (number: number, call: SystemCall(row: Int(row)))
    }
  }

  package static var names: [String] { SyscallTable.rows.map { $0.name } }

  /// How many the table has.
  package static var count: Int { SyscallTable.rows.count }

  private static func number(in row: SyscallTable.Row, on architecture: Architecture) -> Int? {
    let number =
      switch architecture {
      case .x86_64: row.x86_64
      case .i386: row.i386
      case .aarch64: row.aarch64
      }
    return number < 0 ? nil : Int(number)
  }

  /// The table's rows by number; -1 where there is no call.
  private static func rows(of architecture: Architecture) -> [Int16] {
    switch architecture {
    case .x86_64: rowsOfX86
    case .i386: rowsOfI386
    case .aarch64: rowsOfArm
    }
  }

  private static let rowsOfX86 = rowsByNumber(on: .x86_64)
  private static let rowsOfI386 = rowsByNumber(on: .i386)
  private static let rowsOfArm = rowsByNumber(on: .aarch64)

  private static func rowsByNumber(on architecture: Architecture) -> [Int16] {
    var rows: [Int16] = []
    for (index, row) in SyscallTable.rows.enumerated() {
      guard let number = number(in: row, on: architecture) else { continue }
      if number >= rows.count {
        rows += Array(repeating: -1, count: number + 1 - rows.count)
      }
      rows[number] = Int16(index)
    }
    return rows
  }
}

/// The i386 calls that do what one native call does: a rule for the native name covers them.
package enum SyscallTwins {
  package static func onI386(of call: SystemCall) -> [SystemCall] {
    guard let row = rows.firstIndex(named: call.name.utf8, { $0.name }) else { return [] }
    return rows[row].twins.map { name in
      guard let twin = SystemCall(named: name) else { preconditionFailure("a call of the table") }
      return twin
    }
  }

  /// Whether an argument stands there where it stands on x86-64, and nowhere else: not behind the
  /// pointer of `socketcall` or `ipc`, nor split in two, nor in a twin.
  package static func hasSameArguments(_ name: String) -> Bool {
    guard let call = SystemCall(named: name), call.number(on: .i386) != nil else { return false }
    return onI386(of: call).isEmpty && !otherArguments.contains(name)
  }

  private static let otherArguments: Set<String> = [
    "mmap", "clone", "socket", "socketpair", "bind", "connect", "listen", "accept4", "sendmsg",
    "recvmsg", "sendmmsg", "shutdown", "setsockopt", "getsockopt", "getsockname", "getpeername",
    "semget", "semctl", "msgget", "msgctl", "msgsnd", "msgrcv", "shmget", "shmctl", "shmat",
    "shmdt", "pread64", "pwrite64", "preadv", "pwritev", "preadv2", "pwritev2", "fallocate",
    "readahead", "sync_file_range", "fanotify_mark", "lookup_dcookie",
  ]

  /// In the order of the names' bytes.
  package static let rows: [(name: String, twins: [String])] = [
    ("chown", ["chown32"]), ("clock_adjtime", ["clock_adjtime64"]),
    ("clock_getres", ["clock_getres_time64"]), ("clock_gettime", ["clock_gettime64"]),
    ("clock_nanosleep", ["clock_nanosleep_time64"]), ("clock_settime", ["clock_settime64"]),
    ("fadvise64", ["fadvise64_64"]), ("fchown", ["fchown32"]), ("fcntl", ["fcntl64"]),
    ("fstat", ["fstat64", "oldfstat"]), ("fstatfs", ["fstatfs64"]), ("ftruncate", ["ftruncate64"]),
    ("futex", ["futex_time64"]), ("getdents", ["readdir"]), ("getegid", ["getegid32"]),
    ("geteuid", ["geteuid32"]), ("getgid", ["getgid32"]), ("getgroups", ["getgroups32"]),
    ("getresgid", ["getresgid32"]), ("getresuid", ["getresuid32"]), ("getrlimit", ["ugetrlimit"]),
    ("getuid", ["getuid32"]), ("io_pgetevents", ["io_pgetevents_time64"]), ("lchown", ["lchown32"]),
    ("lseek", ["_llseek"]), ("lstat", ["lstat64", "oldlstat"]), ("mmap", ["mmap2"]),
    ("modify_ldt", ["vm86", "vm86old"]), ("mq_timedreceive", ["mq_timedreceive_time64"]),
    ("mq_timedsend", ["mq_timedsend_time64"]), ("newfstatat", ["fstatat64"]),
    ("ppoll", ["ppoll_time64"]), ("pselect6", ["pselect6_time64"]), ("recvfrom", ["recv"]),
    ("recvmmsg", ["recvmmsg_time64"]), ("rt_sigaction", ["sigaction", "signal"]),
    ("rt_sigpending", ["sigpending"]), ("rt_sigprocmask", ["sigprocmask", "sgetmask", "ssetmask"]),
    ("rt_sigreturn", ["sigreturn"]), ("rt_sigsuspend", ["sigsuspend"]),
    ("rt_sigtimedwait", ["rt_sigtimedwait_time64"]),
    ("sched_rr_get_interval", ["sched_rr_get_interval_time64"]), ("select", ["_newselect"]),
    ("semtimedop", ["semtimedop_time64"]), ("sendfile", ["sendfile64"]), ("sendto", ["send"]),
    ("setfsgid", ["setfsgid32"]), ("setfsuid", ["setfsuid32"]), ("setgid", ["setgid32"]),
    ("setgroups", ["setgroups32"]), ("setpriority", ["nice"]), ("setregid", ["setregid32"]),
    ("setresgid", ["setresgid32"]), ("setresuid", ["setresuid32"]), ("setreuid", ["setreuid32"]),
    ("setrlimit", ["ulimit"]), ("settimeofday", ["stime"]), ("setuid", ["setuid32"]),
    ("stat", ["stat64", "oldstat"]), ("statfs", ["statfs64"]), ("time", ["ftime"]),
    ("timer_gettime", ["timer_gettime64"]), ("timer_settime", ["timer_settime64"]),
    ("timerfd_gettime", ["timerfd_gettime64"]), ("timerfd_settime", ["timerfd_settime64"]),
    ("truncate", ["truncate64"]), ("umount2", ["umount"]), ("uname", ["olduname", "oldolduname"]),
    ("utimensat", ["utimensat_time64"]), ("wait4", ["waitpid"]),
  ]
}

extension Array {
  /// The row of a name in a table that is in the order of the names' bytes.
  func firstIndex(named name: some Sequence<UInt8>, _ nameOf: (Element) -> String) -> Int? {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      switch compare(nameOf(self[middle]), name) {
      case 0: return middle
      case ..<0: low = middle + 1
      default: high = middle
      }
    }
    return nil
  }
}

/// Below, at or above 0, as memcmp(3).
private func compare(_ left: String, _ right: some Sequence<UInt8>) -> Int {
  let bytes = left.utf8.span
  var index = 0
  for byte in right {
    guard index < bytes.count else { return -1 }
    if bytes[index] != byte { return Int(bytes[index]) - Int(byte) }
    index += 1
  }
  return bytes.count - index
}
