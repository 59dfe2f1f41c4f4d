/// The named groups of system calls that lists may use: the names and members of Firejail's groups.
package enum SyscallGroups {
  /// A group: its name with `@`, what it is for, and its members (calls, or other groups).
  package struct Group: Sendable {
    package let name: String
    package let summary: String
    let text: String

    /// Members in the order in which they are listed; groups keep their `@`.
    package var members: [String] { text.split(separator: " ").map(String.init) }
  }

  package static func named(_ name: String) -> Group? { all.first { $0.name == name } }

  /// The calls of a group, with the groups inside it resolved, without repetition, in order.
  package static func calls(of name: String) -> [SystemCall]? {
    guard let group = named(name) else { return nil }
    var isSeen = [Bool](repeating: false, count: SystemCall.count)
    var calls: [SystemCall] = []
    collect(group, &isSeen, &calls)
    return calls
  }

  private static func collect(
    _ group: Group, _ isSeen: inout [Bool], _ calls: inout [SystemCall]
  ) {
    // As bytes: each launch resolves some.
    for member in Array(group.text.utf8).split(separator: UInt8(ascii: " ")) {
      if member.first == UInt8(ascii: "@") {
        guard let inner = named(String(decoding: member, as: UTF8.self)) else {
          preconditionFailure("a group of the table")
        }
        collect(inner, &isSeen, &calls)
      } else {
        guard let call = SystemCall(namedByBytes: member) else {
          preconditionFailure("a call of the table")
        }
        if !isSeen[call.row] { calls.append(call) }
        isSeen[call.row] = true
      }
    }
  }

  package static let all: [Group] = [
    Group(
      name: "@aio", summary: "asynchronous input and output",
      text: """
        io_cancel io_destroy io_getevents io_pgetevents io_setup io_submit io_uring_enter \
        io_uring_register io_uring_setup io_pgetevents_time64
        """),
    Group(
      name: "@basic-io", summary: "read, write, seek and duplicate descriptors",
      text: """
        close close_range dup dup2 dup3 lseek pread64 preadv preadv2 pwrite64 pwritev pwritev2 \
        read readv write writev _llseek
        """),
    Group(
      name: "@chown", summary: "change the owner of files",
      text: """
        chown fchown fchownat lchown chown32 fchown32 lchown32
        """),
    Group(
      name: "@clock", summary: "set clocks",
      text: """
        adjtimex clock_adjtime clock_settime clock_adjtime64 clock_settime64 old_adjtimex
        """),
    Group(
      name: "@cpu-emulation", summary: "processor modes of old programs",
      text: """
        modify_ldt subpage_prot switch_endian vm86 vm86old
        """),
    Group(
      name: "@debug", summary: "debugging and performance counters",
      text: """
        lookup_dcookie perf_event_open pidfd_getfd process_vm_writev uprobe uretprobe rtas \
        s390_runtime_instr sys_debug_setcontext
        """),
    Group(
      name: "@default", summary: "what plain seccomp refuses, debuggers apart",
      text: """
        @clock @cpu-emulation @debug @module @mount @obsolete @raw-io @reboot @swap acct \
        add_key bpf fanotify_init io_cancel io_destroy io_getevents io_setup io_submit \
        ioprio_set keyctl mbind migrate_pages move_pages name_to_handle_at nfsservctl \
        open_by_handle_at request_key set_mempolicy setdomainname sethostname syslog \
        userfaultfd vhangup vmsplice
        """),
    Group(
      name: "@default-keep", summary: "what Firejail adds to each keep list",
      text: """
        execve execveat prctl
        """),
    Group(
      name: "@default-nodebuggers", summary: "what plain seccomp refuses",
      text: """
        @default personality process_vm_readv ptrace
        """),
    Group(
      name: "@file-system", summary: "paths, directories and file attributes",
      text: """
        access cachestat chdir chmod close close_range creat faccessat faccessat2 fallocate \
        fanotify_mark fchdir fchmod fchmodat fchmodat2 fcntl fgetxattr file_getattr \
        file_setattr flistxattr fremovexattr fsetxattr fstat fstatfs ftruncate getcwd getdents \
        getdents64 getxattr getxattrat inotify_add_watch inotify_init inotify_init1 \
        inotify_rm_watch lgetxattr link linkat listxattr listxattrat llistxattr lremovexattr \
        lsetxattr lstat mkdir mkdirat mknod mknodat munmap newfstatat open openat openat2 \
        quotactl_fd readlink readlinkat removexattr removexattrat rename renameat renameat2 \
        rmdir setxattr setxattrat stat statfs statx symlink symlinkat truncate unlink unlinkat \
        utimensat utimes fcntl64 fstat64 fstatat64 fstatfs64 ftruncate64 lstat64 oldfstat \
        oldlstat oldstat osf_fstat osf_fstatfs osf_fstatfs64 osf_getdirentries osf_lstat \
        osf_proplist_syscall osf_utimes stat64 statfs64 truncate64
        """),
    Group(
      name: "@io-event", summary: "waiting for events on descriptors",
      text: """
        epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd \
        eventfd2 poll ppoll pselect6 select _newselect osf_select ppoll_time64 pselect6_time64
        """),
    Group(
      name: "@ipc", summary: "pipes, shared memory and message queues",
      text: """
        mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedsend mq_unlink msgctl msgget \
        msgrcv msgsnd pipe pipe2 process_madvise process_mrelease process_vm_readv \
        process_vm_writev semctl semget semop semtimedop shmat shmctl shmdt shmget ipc \
        mq_timedreceive_time64 mq_timedsend_time64 semtimedop_time64
        """),
    Group(
      name: "@keyring", summary: "kernel keys",
      text: """
        add_key keyctl request_key
        """),
    Group(
      name: "@memfd", summary: "anonymous memory files",
      text: """
        memfd_create memfd_secret
        """),
    Group(
      name: "@memlock", summary: "locking memory",
      text: """
        mlock mlock2 mlockall munlock munlockall
        """),
    Group(
      name: "@module", summary: "kernel modules",
      text: """
        delete_module finit_module init_module
        """),
    Group(
      name: "@mount", summary: "mounting and changing the root",
      text: """
        chroot fsconfig fsmount fsopen fspick listmount mount mount_setattr move_mount \
        open_tree open_tree_attr pivot_root statmount umount2 oldumount osf_mount umount
        """),
    Group(
      name: "@network-io", summary: "sockets",
      text: """
        accept accept4 bind connect getpeername getsockname getsockopt listen recvfrom \
        recvmmsg recvmsg sendmmsg sendmsg sendto setsockopt shutdown socket socketpair recv \
        recvmmsg_time64 send socketcall
        """),
    Group(
      name: "@obsolete", summary: "old calls that programs no longer need",
      text: """
        _sysctl afs_syscall create_module epoll_ctl_old epoll_wait_old futimesat \
        get_kernel_syms getpmsg putpmsg query_module remap_file_pages security settimeofday \
        sysfs tkill tuxcall uselib ustat utime vserver bdflush break dipc exec_with_loader \
        execv ftime gtty idle llseek lock mpx multiplexer osf_adjtime osf_afs_syscall \
        osf_alt_plock osf_alt_setsid osf_alt_sigpending osf_asynch_daemon osf_audcntl \
        osf_audgen osf_chflags osf_execve osf_exportfs osf_fchflags osf_fdatasync \
        osf_fpathconf osf_fuser osf_getaddressconf osf_getfh osf_getfsstat osf_gethostid \
        osf_getlogin osf_getmnt osf_gettimeofday osf_kloadcall osf_kmodcall osf_memcntl \
        osf_mincore osf_mremap osf_msfs_syscall osf_msleep osf_mvalid osf_mwakeup osf_naccept \
        osf_nfssvc osf_ngetpeername osf_ngetsockname osf_nrecvfrom osf_nrecvmsg osf_nsendmsg \
        osf_ntp_adjtime osf_ntp_gettime osf_old_creat osf_old_fstat osf_old_getpgrp \
        osf_old_killpg osf_old_lstat osf_old_open osf_old_sigaction osf_old_sigblock \
        osf_old_sigreturn osf_old_sigsetmask osf_old_sigvec osf_old_stat osf_old_vadvise \
        osf_old_vtrace osf_old_wait osf_oldquota osf_pathconf osf_pid_block osf_pid_unblock \
        osf_plock osf_priocntlset osf_profil osf_reboot osf_revoke osf_sbrk osf_security \
        osf_set_speculative osf_sethostid osf_setlogin osf_settimeofday osf_signal \
        osf_sigsendset osf_sigwaitprim osf_sstk osf_stat osf_statfs osf_statfs64 \
        osf_subsys_info osf_swapctl osf_table osf_uadmin osf_uswitch osf_utc_adjtime \
        osf_utc_gettime osf_waitid perfctr prof profil sgetmask spill ssetmask stime stty \
        timerfd ulimit xtensa
        """),
    Group(
      name: "@privileged", summary: "calls that need a capability",
      text: """
        @chown @clock @module @raw-io @reboot @swap _sysctl acct bpf capset chroot \
        fanotify_init mount nfsservctl open_by_handle_at pivot_root quotactl setdomainname \
        setfsuid setgroups sethostname setresuid setreuid setuid umount2 vhangup setfsuid32 \
        setgroups32 setresuid32 setreuid32 setuid32
        """),
    Group(
      name: "@process", summary: "processes, threads and their identity",
      text: """
        capget clone clone3 exit_group fork futex_requeue futex_wait futex_waitv futex_wake \
        get_robust_list get_thread_area getegid geteuid getgid getgroups getpgid getpgrp \
        getpid getppid getresgid getresuid getsid gettid getuid kill membarrier pidfd_open \
        pidfd_send_signal rseq rseq_slice_yield rt_sigqueueinfo rt_tgsigqueueinfo \
        set_robust_list set_thread_area set_tid_address setns setpriority tgkill times unshare \
        vfork wait4 waitid arc_gettls arc_settls arc_usr_cmpxchg atomic_barrier \
        atomic_cmpxchg_32 cachectl cacheflush futex_time64 getegid32 geteuid32 getgid32 \
        getgroups32 getresgid32 getresuid32 getuid32 getxgid getxpid getxuid or1k_atomic \
        osf_set_program_attributes osf_wait4 riscv_flush_icache s390_guarded_storage \
        sched_get_affinity sethae setpgrp spu_create spu_run swapcontext utimensat_time64 \
        waitpid
        """),
    Group(
      name: "@program-keep", summary: "what nearly every program needs",
      text: """
        arch_prctl clock_getres clock_gettime clock_nanosleep exit futex gettimeofday mmap \
        mprotect time clock_getres_time64 clock_gettime64 clock_nanosleep_time64 mmap2
        """),
    Group(
      name: "@raw-io", summary: "ports and PCI",
      text: """
        ioperm iopl pciconfig_iobase pciconfig_read pciconfig_write s390_pci_mmio_read \
        s390_pci_mmio_write
        """),
    Group(
      name: "@reboot", summary: "restart and kexec",
      text: """
        kexec_file_load kexec_load reboot
        """),
    Group(
      name: "@resources", summary: "limits, scheduling and memory placement",
      text: """
        getrlimit getrusage ioprio_set mbind migrate_pages mincore move_pages prlimit64 \
        sched_setaffinity sched_setattr sched_setparam sched_setscheduler set_mempolicy \
        set_mempolicy_home_node setrlimit getdtablesize nice osf_getrusage sched_set_affinity \
        ugetrlimit
        """),
    Group(
      name: "@sandbox", summary: "self-confinement",
      text: """
        landlock_add_rule landlock_create_ruleset landlock_restrict_self seccomp
        """),
    Group(
      name: "@setuid", summary: "change user and group",
      text: """
        setgid setgroups setregid setresgid setresuid setreuid setuid setgid32 setgroups32 \
        setregid32 setresgid32 setresuid32 setreuid32 setuid32
        """),
    Group(
      name: "@signal", summary: "signals",
      text: """
        pause restart_syscall rt_sigaction rt_sigpending rt_sigprocmask rt_sigreturn \
        rt_sigsuspend rt_sigtimedwait sigaltstack signalfd signalfd4 osf_sigprocmask \
        osf_sigstack rt_sigtimedwait_time64 sigaction signal sigpending sigprocmask sigreturn \
        sigsuspend utrap_install
        """),
    Group(
      name: "@swap", summary: "swap areas",
      text: """
        swapoff swapon osf_swapon
        """),
    Group(
      name: "@sync", summary: "write to disk",
      text: """
        fdatasync fsync msync sync sync_file_range syncfs arm_sync_file_range sync_file_range2
        """),
    Group(
      name: "@system-service", summary: "what services usually need",
      text: """
        @aio @basic-io @chown @default @file-system @io-event @ipc @keyring @memfd @memlock \
        @network-io @process @resources @sandbox @setuid @signal @sync @timer brk capget \
        capset copy_file_range fadvise64 flock get_mempolicy getcpu getpriority getrandom \
        ioctl ioprio_get kcmp listns lsm_get_self_attr lsm_list_modules lsm_set_self_attr \
        madvise map_shadow_stack mremap mseal name_to_handle_at personality pkey_alloc \
        pkey_free pkey_mprotect readahead sched_get_priority_max sched_get_priority_min \
        sched_getaffinity sched_getattr sched_getparam sched_getscheduler \
        sched_rr_get_interval sched_yield sendfile setfsgid setfsuid setpgid setsid splice \
        sysinfo tee umask uname userfaultfd vmsplice arm_fadvise64_64 fadvise64_64 \
        getdomainname gethostname getpagesize kern_features memory_ordering oldolduname \
        olduname osf_getdomainname osf_getsysinfo osf_setsysinfo osf_syscall osf_sysinfo \
        osf_utsname readdir riscv_hwprobe s390_sthyi sched_rr_get_interval_time64 sendfile64 \
        setfsgid32 setfsuid32 syscall sysmips
        """),
    Group(
      name: "@timer", summary: "timers",
      text: """
        alarm getitimer nanosleep setitimer timer_create timer_delete timer_getoverrun \
        timer_gettime timer_settime timerfd_create timerfd_gettime timerfd_settime times \
        osf_getitimer osf_setitimer osf_usleep_thread timer_gettime64 timer_settime64 \
        timerfd_gettime64 timerfd_settime64
        """),
  ]
}
