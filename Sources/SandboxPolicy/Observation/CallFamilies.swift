internal import KernelTypes

/// What a program that made some calls may make as well, on paths that a short run does not see and
/// with another libc: the twins of its calls, how it ends, aborts, resolves names, starts threads.
package enum CallFamilies {
  /// The calls to add, the most needed first; at most half as many as were seen.
  ///
  /// - Parameters:
  ///   - seen: the calls that were made.
  ///   - own: those that the programs may make by the functions which they import, most usual first.
  ///   - borrowed: those that their libraries may make.
  package static func additions(
    to seen: Set<String>, own: [String] = [], borrowed: [String] = []
  ) -> [String] {
    var added: [String] = []
    let room = seen.count / 2
    func add(_ calls: [String]) {
      for call in calls where !seen.contains(call) && !added.contains(call) && added.count < room {
        // A missing one of these makes libc take an older one, which is listed.
        if !FilterBuilder.isExpectedMissing(call) { added.append(call) }
      }
    }
    add(always)
    add(own)
    for (signs, calls) in features where signs.contains(where: seen.contains) { add(calls) }
    add(borrowed)
    for twins in twins where twins.contains(where: seen.contains) { add(twins) }
    for (signs, calls) in habits where signs.contains(where: seen.contains) { add(calls) }
    return added
  }

  /// How each program of libc's ends, and aborts (abort(3), raise(3), malloc's report).
  private static let always = [
    "exit_group", "rt_sigprocmask", "tgkill", "getpid", "gettid", "write", "brk", "mmap", "munmap",
    "read", "close", "newfstatat",
  ]

  /// By what they show, what else a use of the same kind needs.
  private static let features: [(signs: [String], calls: [String])] = [
    (
      ["clone", "clone3", "set_robust_list"],
      ["clone", "futex", "madvise", "mprotect", "set_robust_list", "sched_yield", "wait4"]
    ),
    (["execve"], ["arch_prctl", "access", "pread64", "prlimit64", "set_tid_address", "getrandom"]),
    (["pipe", "pipe2", "vfork", "fork"], ["wait4", "pipe2", "dup2", "kill", "fcntl"]),
    (
      ["connect"],
      [
        "poll", "sendto", "recvfrom", "recvmsg", "sendmmsg", "getsockname", "getsockopt",
        "setsockopt", "getpeername", "shutdown", "bind", "ioctl", "fcntl", "sendmsg",
      ]
    ),
    (
      ["listen", "accept", "accept4"],
      [
        "accept", "accept4", "getpeername", "getsockname", "setsockopt", "shutdown", "recvfrom",
        "sendto",
      ]
    ),
    (["getdents64", "getdents"], ["getdents64", "readlink", "lstat", "stat"]),
    (["rename", "renameat", "renameat2"], ["unlink", "chmod", "fchmod", "fsync"]),
    (["inotify_init1", "inotify_init"], ["inotify_add_watch", "inotify_rm_watch"]),
    (["timerfd_create"], ["timerfd_settime", "timerfd_gettime"]),
    (["epoll_create1", "epoll_create"], ["epoll_ctl", "epoll_wait", "epoll_pwait"]),
    (["shmget"], ["shmat", "shmdt", "shmctl"]),
    (["rt_sigaction"], ["rt_sigsuspend", "sigaltstack", "pause"]),
  ]

  /// Older and newer calls of one use; libc takes now one and now another.
  private static let twins = [
    ["open", "openat"], ["stat", "lstat", "newfstatat", "fstat"], ["poll", "ppoll"],
    ["select", "pselect6"], ["epoll_wait", "epoll_pwait"], ["epoll_create", "epoll_create1"],
    ["time", "clock_gettime", "gettimeofday"], ["nanosleep", "clock_nanosleep"],
    ["dup2", "dup3", "dup"], ["pipe", "pipe2"], ["eventfd", "eventfd2"],
    ["signalfd", "signalfd4"], ["inotify_init", "inotify_init1"], ["accept", "accept4"],
    ["getrlimit", "setrlimit", "prlimit64"], ["getdents", "getdents64"],
    ["readlink", "readlinkat"], ["access", "faccessat"], ["mkdir", "mkdirat"],
    ["unlink", "unlinkat", "rmdir"], ["rename", "renameat"], ["chmod", "fchmodat", "fchmod"],
    ["chown", "lchown", "fchownat", "fchown"], ["link", "linkat"], ["symlink", "symlinkat"],
    ["utime", "utimes", "utimensat", "futimesat"], ["fork", "vfork", "clone"],
    ["wait4", "waitid"], ["sendmsg", "sendmmsg", "sendto"], ["recvmsg", "recvmmsg", "recvfrom"],
    ["readv", "preadv"], ["writev", "pwritev"], ["pread64", "pwrite64"], ["getpgrp", "getpgid"],
    ["sendfile", "splice"], ["fsync", "fdatasync"], ["truncate", "ftruncate"],
    ["getuid", "geteuid", "getresuid"], ["getgid", "getegid", "getresgid"],
    ["setitimer", "getitimer", "alarm"], ["mremap", "mmap"], ["tgkill", "kill"],
    ["sched_getparam", "sched_getscheduler", "sched_setscheduler"],
    ["getxattr", "lgetxattr", "fgetxattr"], ["listxattr", "llistxattr", "flistxattr"],
    ["statfs", "fstatfs"], ["chdir", "fchdir"], ["umask", "mkdir"],
  ]

  /// What programs of a kind do sooner or later.
  private static let habits: [(signs: [String], calls: [String])] = [
    (
      ["getdents64", "getdents", "rename", "mkdir", "ftruncate"],
      [
        "unlink", "rmdir", "rename", "mkdir", "ftruncate", "fsync", "fallocate", "fadvise64",
        "chmod", "fchmod", "flock", "utimensat", "getcwd", "fdatasync", "statfs", "umask",
      ]
    ),
    (
      ["futex", "clone3", "clone"],
      [
        "sched_getaffinity", "sched_setscheduler", "sched_getparam", "mincore", "sysinfo",
        "nanosleep", "eventfd2", "prctl", "getrusage",
      ]
    ),
    (["poll", "ppoll", "epoll_wait", "select"], ["eventfd2", "alarm", "setitimer", "select"]),
    (
      ["execve"],
      ["getppid", "getpgrp", "setpgid", "setsid", "umask", "getcwd", "chdir", "uname", "sysinfo"]
    ),
  ]
}
