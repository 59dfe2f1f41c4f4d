internal import KernelTypes

/// What the functions that a file imports from libc may ask of the kernel, by their names.
package enum LibcCalls {
  /// The calls of some functions, the most usual first.
  package static func calls(of functions: some Sequence<String>) -> [String] {
    var calls: Set<String> = []
    for function in functions { calls.formUnion(self.calls(of: function)) }
    return calls.sorted(by: isMoreUsual)
  }

  /// Whether programs make one call more often than another.
  package static func isMoreUsual(_ left: String, _ right: String) -> Bool {
    let (first, second) = (ranks[left] ?? .max, ranks[right] ?? .max)
    return first == second ? left < right : first < second
  }

  static func calls(of function: String) -> [String] {
    var name = function
    // Checked variants, large files, and names for libc's own use.
    if name.hasPrefix("__"), name.hasSuffix("_chk") { name = String(name.dropFirst(2).dropLast(4)) }
    name = String(name.drop { $0 == "_" })
    if let calls = others[name] { return calls }
    if name.hasSuffix("64"),
      !["pread64", "pwrite64", "getdents64", "prlimit64", "fadvise64"].contains(name)
    {
      name = String(name.dropLast(2))
      if let calls = others[name] { return calls }
    }
    return SystemCall(named: name)?.number(on: .native) == nil ? [] : [name]
  }

  /// Functions whose calls have other names.
  private static let others: [String: [String]] = {
    let lines = """
      stat lstat fstatat xstat lxstat fxstatat: newfstatat
      fstat fxstat: newfstatat fstat
      open fopen freopen opendir fdopendir: openat
      creat: creat
      pread: pread64
      pwrite: pwrite64
      readdir scandir nftw ftw fts_read glob: getdents64 openat newfstatat
      remove: unlink rmdir
      rename: rename
      realpath canonicalize_file_name: readlink
      mkstemp mkostemp mkdtemp tmpfile: openat getpid mkdir unlink
      utime utimes futimes lutimes futimens futimesat: utimensat
      posix_fallocate fallocate: fallocate
      posix_fadvise: fadvise64
      lockf: fcntl
      statvfs: statfs
      fstatvfs: fstatfs
      getwd get_current_dir_name: getcwd
      isatty tcgetattr tcsetattr tcgetpgrp tcsetpgrp ttyname: ioctl
      signal sigaction sysv_signal bsd_signal: rt_sigaction
      sigprocmask pthread_sigmask sigblock: rt_sigprocmask
      sigsuspend: rt_sigsuspend
      sigpending: rt_sigpending
      sigwait sigwaitinfo sigtimedwait: rt_sigtimedwait
      sigqueue: rt_sigqueueinfo
      raise abort pthread_kill: tgkill rt_sigprocmask getpid gettid
      killpg: kill
      sleep usleep nanosleep clock_nanosleep: clock_nanosleep
      select: pselect6 select
      pselect: pselect6
      eventfd: eventfd2
      signalfd: signalfd4
      epoll_create: epoll_create
      fork: clone
      posix_spawn posix_spawnp system popen: clone vfork execve wait4 dup2 pipe2 rt_sigprocmask
      execl execlp execle execv execvp execvpe: execve
      fexecve: execveat
      wait waitpid wait3: wait4
      pthread_create thrd_create: clone mmap mprotect madvise exit set_robust_list futex
      pthread_join pthread_cond_wait pthread_mutex_lock sem_wait: futex
      pthread_setaffinity_np: sched_setaffinity
      pthread_getaffinity_np sysconf get_nprocs: sched_getaffinity
      pthread_setschedparam: sched_setscheduler sched_setparam
      pthread_getschedparam: sched_getscheduler sched_getparam
      pthread_setname_np: prctl openat
      getrlimit setrlimit prlimit: prlimit64
      nice: getpriority setpriority
      clock time gettimeofday clock_gettime: clock_gettime gettimeofday time
      gethostname: uname
      getloadavg get_phys_pages: sysinfo openat
      getaddrinfo gethostbyname gethostbyname_r getnameinfo res_query: socket connect bind sendto sendmmsg recvfrom recvmsg poll getsockname ioctl close openat uname
      getpwnam getpwuid getgrnam getgrgid getpwnam_r getpwuid_r getgrnam_r getgrgid_r: openat lseek socket connect sendto recvfrom poll
      getifaddrs if_nameindex if_nametoindex: socket bind sendto recvmsg getsockname ioctl
      initgroups: setgroups
      seteuid setreuid setresuid: setresuid
      setegid setregid setresgid: setresgid
      send: sendto
      recv: recvfrom
      syslog openlog vsyslog: socket connect sendto
      mq_open shm_open sem_open: openat
      shm_unlink sem_unlink: unlink
      aio_read aio_write: pread64 pwrite64 clone
      timer_create: timer_create
      daemon: clone setsid chdir openat dup2
      forkpty openpty posix_openpt: openat ioctl clone setsid
      malloc realloc calloc: brk mmap munmap mremap
      dlopen: openat mmap mprotect munmap newfstatat pread64
      random getentropy arc4random: getrandom
      setvbuf fwrite fputs puts printf vfprintf fflush: write
      fread fgets getline getc: read
      fseek fseeko ftell: lseek
      ulimit: prlimit64
      """
    var table: [String: [String]] = [:]
    for line in lines.split(separator: "\n") {
      let parts = line.split(separator: ":")
      let calls = parts[1].split(separator: " ").map(String.init)
      for name in parts[0].split(separator: " ") { table[String(name)] = calls }
    }
    return table
  }()

  private static let ranks: [String: Int] = {
    let names = """
      read write close openat fstat newfstatat lseek mmap mprotect munmap brk ioctl access pread64 fcntl
      getdents64 readlink getcwd unlink rename mkdir rmdir utimensat uname chmod fchmod ftruncate fsync
      wait4 clone vfork execve pipe2 dup2 dup kill tgkill exit exit_group getpid gettid getppid
      rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack futex set_robust_list madvise sched_yield
      sched_getaffinity clock_nanosleep nanosleep clock_gettime gettimeofday time poll ppoll select pselect6
      statfs symlink link umask getuid geteuid getgid getegid pwrite64 writev readv chdir fchdir flock
      fdatasync fallocate fadvise64 mremap prlimit64 getrlimit setrlimit getrusage sysinfo prctl
      socket connect sendto recvfrom sendmsg recvmsg setsockopt getsockopt getsockname getpeername shutdown
      bind listen accept4 accept socketpair sendmmsg recvmmsg epoll_create1 epoll_create epoll_ctl
      epoll_wait epoll_pwait eventfd2 timerfd_create timerfd_settime inotify_init1 inotify_add_watch
      inotify_rm_watch signalfd4 setpgid getpgrp getpgid setsid chown lchown fchown fchmodat fchownat
      unlinkat mkdirat renameat linkat symlinkat readlinkat faccessat truncate sendfile splice msync
      mincore mlock munlock setitimer getitimer alarm pause rt_sigsuspend rt_sigtimedwait rt_sigpending
      waitid execveat getgroups getresuid getresgid setpriority getpriority sched_setscheduler
      sched_getscheduler sched_getparam sched_setparam sched_setaffinity sched_get_priority_max
      sched_get_priority_min times mknod getxattr lgetxattr fgetxattr listxattr llistxattr setxattr
      fstatfs sync sync_file_range shmget shmat shmdt shmctl semget semop semctl msgget msgsnd msgrcv
      getrandom arch_prctl set_tid_address rseq setuid setgid setgroups setresuid setresgid
      """
    var ranks: [String: Int] = [:]
    for (rank, name) in names.split(whereSeparator: { $0 == " " || $0 == "\n" }).enumerated() {
      ranks[String(name)] = rank
    }
    return ranks
  }()
}
