internal import KernelTypes

private func recordList(
  _ form: SyscallList.Form, secondary: Bool = false
) -> @Sendable (inout Recorder, ArraySlice<UInt8>) throws(DirectiveError) -> Void {
  { (recorder, argument) throws(DirectiveError) in
    let isBare = argument.isEmpty && form == .standardAnd
    let list =
      isBare
      ? SyscallList(.standard)
      : SyscallList(form, try SyscallListParser.items(in: argument))
    let origin = recorder.origin
    if secondary {
      SyscallPolicy.choose(list, origin, over: &recorder.policy.syscalls.secondary)
    } else {
      SyscallPolicy.choose(list, origin, over: &recorder.policy.syscalls.native)
    }
  }
}

private func phaseEvent(
  _ text: ArraySlice<UInt8>, _ macros: Macros
) throws(DirectiveError) -> PhaseEvent {
  if text.contains(UInt8(ascii: "/")) {
    return .opened(try PathArgument.path(text, macros: macros))
  }
  if text.starts(with: "SIG".utf8) {
    let name = String(decoding: text, as: UTF8.self)
    guard let signal = PhaseEvent.Signal(rawValue: name) else {
      throw DirectiveError(
        "\"\(displayed(text))\" is no event", hint: "the signals are SIGUSR1 and SIGUSR2")
    }
    return .signal(signal)
  }
  let items = try SyscallListParser.items(in: text)
  guard items.allSatisfy({ !$0.isException && $0.action == nil }) else {
    throw DirectiveError(
      "\"\(displayed(text))\" is no event", hint: "name system calls, a path or SIGUSR1")
  }
  return .calls(items)
}

let syscallDirectives: [Directive] =
  [
    Directive(
      "seccomp", .optional("LIST"), in: .syscalls,
      summary: "Refuse dangerous system calls; with LIST, these as well",
      discussion: """
        Without a value, the calls of @default-nodebuggers are refused. A list is made of names, \
        groups (@name) and numbers ($number), separated by commas without blanks. !name takes a call \
        out of the list, name:ERRNO answers that error, name:kill ends the program. 32-bit programs \
        get the same rules under the names of their table. A name that no table knows is an error; \
        one that this machine's kernel does not have is accepted. name(CONDITION) is about calls with \
        such arguments alone: see CONDITIONS ON ARGUMENTS.
        """,
      example: "seccomp @clock,!chroot,mkdir:ENOSYS", record: recordList(.standardAnd)),
    Directive(
      "seccomp.drop", .required("LIST"), in: .syscalls,
      summary: "Refuse just these system calls",
      discussion: """
        Where execve is refused, the start of the program itself is still let through. clone3 \
        answers ENOSYS, so that libc falls back on clone.
        """,
      example: "seccomp.drop mount,umount2,@module", record: recordList(.drop)),
    Directive(
      "seccomp.keep", .required("LIST"), in: .syscalls,
      summary: "Refuse all system calls but these",
      discussion: """
        The error action answers the rest; but calls for which libc has an older one (clone3, \
        close_range, faccessat2, openat2, statx, rseq and so on) and numbers that no table knows \
        answer ENOSYS, so that it is tried. rt_sigreturn and restart_syscall are always allowed, \
        because the kernel makes programs use them. Nothing else is added: unlike Firejail, execve, \
        execveat and prctl must be named if the program needs them after its start. io_uring is \
        closed unless named. What a call with a condition is refused may follow it: \
        prctl(option=PR_SET_NAME):ENOSYS.
        """,
      example: "seccomp.keep read,write(fd<=2),exit_group,@memlock", record: recordList(.keep)),
    Directive(
      "seccomp.keep.after", .required("EVENT LIST"), in: .syscalls,
      summary: "From EVENT on, refuse all system calls but these",
      discussion: """
        For a server that starts, and then serves with less. EVENT is a system call, or one of \
        several, with a condition where one is wanted, that any process of the program makes; or the \
        path of a file that it opens; or SIGUSR1 or SIGUSR2, sent to the launcher. Until then \
        seccomp.keep or another list holds, if there is one; then this one alone, for all processes \
        of the program, and for good. See TWO PHASES.
        """,
      example: "seccomp.keep.after listen read,write,accept4,epoll_wait,close,exit_group",
      record: { (recorder, argument) throws(DirectiveError) in
        let parts = argument.split(separator: UInt8(ascii: " "), maxSplits: 1)
        guard parts.count == 2 else {
          throw DirectiveError(
            "takes an event and a list", hint: "write: seccomp.keep.after listen read,write")
        }
        let list = SyscallList(.keepAfter, try SyscallListParser.items(in: parts[1]))
        let event = try phaseEvent(parts[0], recorder.macros)
        recorder.set(SecondPhase(event: event, list: list), &recorder.policy.syscalls.secondPhase)
      }),
    Directive(
      "seccomp.allow", .required("LIST"), in: .syscalls,
      summary: "Take these system calls out of whatever list refuses them",
      discussion: """
        For .local files, and for a try by hand: it holds wherever the line stands, for all forms of \
        seccomp and for 32-bit programs, and several lines add up. What protocol, \
        memory-deny-write-execute and restrict-namespaces refuse stays refused.
        """,
      example: "seccomp.allow ptrace,@keyring",
      record: { (recorder, argument) throws(DirectiveError) in
        let items = try SyscallListParser.items(in: argument)
        guard items.allSatisfy({ !$0.isException && $0.action == nil }) else {
          throw DirectiveError("takes names, groups and numbers alone")
        }
        recorder.policy.syscalls.allowed.append(Setting(items, recorder.origin))
      }),
    Directive(
      "seccomp.32", .optional("LIST"), in: .syscalls,
      summary: "As seccomp, for 32-bit system calls only",
      example: "seccomp.32 mkdir", record: recordList(.standardAnd, secondary: true)),
    Directive(
      "seccomp.32.drop", .required("LIST"), in: .syscalls,
      summary: "As seccomp.drop, for 32-bit system calls only",
      example: "seccomp.32.drop mkdir", record: recordList(.drop, secondary: true)),
    Directive(
      "seccomp.32.keep", .required("LIST"), in: .syscalls,
      summary: "As seccomp.keep, for 32-bit system calls only",
      example: "seccomp.32.keep read,write,exit", record: recordList(.keep, secondary: true)),
    Directive(
      "seccomp.block-secondary", in: .syscalls,
      summary: "Refuse all system calls of other architectures",
      discussion: """
        32-bit programs don't run, and personality(2) can't change. The default list is in force as \
        well, unless another one is given. x32 calls are refused with and without it.
        """,
      example: "seccomp.block-secondary",
      record: { (recorder, _) throws(DirectiveError) in
        recorder.policy.syscalls.blocksSecondary = recorder.origin
      }),
    Directive(
      "seccomp-error-action", .required("ERRNO|kill|log|trap"), in: .syscalls,
      summary: "What a refused system call gets; EPERM by default",
      discussion: """
        kill ends the whole program (Firejail: the thread) with SIGSYS, status 159, after a line \
        that names the call and the rule. log lets the call \
        through and writes to the kernel log. trap sends SIGSYS that the program may handle. It does \
        not change what protocol answers (ENOTSUP), nor the ENOSYS of seccomp.keep.
        """,
      example: "seccomp-error-action kill",
      record: { (recorder, argument) throws(DirectiveError) in
        let action = try SyscallListParser.errorAction(argument)
        recorder.set(action, &recorder.policy.syscalls.errorAction)
      }),
    Directive(
      "protocol", .required("LIST"), in: .syscalls,
      summary: "Allow sockets of these families only",
      discussion: """
        Families: unix, inet, inet6, netlink, packet, bluetooth. socket(2) and socketpair(2) of any \
        other family fail with ENOTSUP, and io_uring is closed. Lists add up over profiles; -name \
        removes, =name starts anew. A list on the command line replaces the profile's. 32-bit \
        programs get no sockets at all: their family hides behind a pointer.
        """,
      example: "protocol unix,inet,inet6",
      record: { (recorder, argument) throws(DirectiveError) in
        let names = SocketFamily.all.map { $0.name }
        try recorder.policy.syscalls.protocols.edit(argument, origin: recorder.origin) {
          (name) throws(DirectiveError) in
          guard names.contains(name) else {
            throw DirectiveError(
              "no protocol is called \"\(displayed(Array(name.utf8)))\"",
              hint: suggestion(for: name, in: names))
          }
        }
      }),
    Directive(
      "memory-deny-write-execute", in: .syscalls,
      summary: "Refuse memory that is both writable and executable",
      discussion: """
        Refused: mmap with both rights, mprotect and pkey_mprotect to executable, shmat with \
        SHM_EXEC, memfd_create, and the personality that makes readable memory executable. Programs \
        that compile while running (browsers, Java, JavaScript) don't work with it.
        """,
      example: "memory-deny-write-execute",
      record: { (recorder, _) throws(DirectiveError) in
        recorder.policy.syscalls.denyWriteExecute = recorder.origin
      }),
    Directive(
      "restrict-namespaces", .optional("LIST"), in: .syscalls,
      summary: "Refuse new namespaces; with LIST, of these kinds only",
      discussion: """
        Kinds: cgroup, ipc, net, mnt, pid, time, user, uts. clone(2), unshare(2) and setns(2) are \
        refused; clone3(2) answers ENOSYS, so that libc uses clone.
        """,
      example: "restrict-namespaces user,net",
      record: { (recorder, argument) throws(DirectiveError) in
        let names = NamespaceKind.all.map { $0.name }
        let all = Array(names.joined(separator: ",").utf8)
        try recorder.policy.syscalls.namespaces.edit(
          argument.isEmpty ? all[...] : argument, origin: recorder.origin
        ) { (name) throws(DirectiveError) in
          guard names.contains(name) else {
            throw DirectiveError(
              "no namespace is called \"\(displayed(Array(name.utf8)))\"",
              hint: suggestion(for: name, in: names))
          }
        }
      }),
  ]
  + [
    Directive(
      "allow-debuggers", in: .syscalls,
      summary: "Let debuggers work",
      discussion: """
        The default list is then @default, without ptrace, personality and process_vm_readv; /boot, \
        /lib/modules, /usr/lib/debug and /usr/src/linux* are not hidden; and a later include of \
        disable-devel.inc is skipped. Given as an option, strace is not hidden either and apparmor \
        lines are left out.
        """,
      example: "allow-debuggers",
      record: { (recorder, _) throws(DirectiveError) in
        recorder.policy.allowsDebuggers = recorder.policy.allowsDebuggers ?? recorder.origin
        guard recorder.origin.option != nil else { return }
        recorder.policy.files.rules += recorder.macros.searchPath.map {
          PathRule(.noBlacklist, $0.appending("strace"), recorder.origin)
        }
      })
  ]
