import KernelTypes
import SandboxPolicy
import TestSupport
import Testing

private let box = Installation.shared
private let calls = box.prefix + "/bin/calls"

/// The error of one call inside a sandbox with these options; 0 where it succeeded.
private func error(
  of call: String, _ arguments: [String] = [], on architecture: Architecture = .native,
  under options: [String], asRoot: Bool = false
) -> Int32 {
  let number = SystemCall(named: call)?.number(on: architecture) ?? -1
  return error(of: number, arguments, on: architecture, under: options, asRoot: asRoot)
}

private func error(
  of number: Int, _ arguments: [String] = [], on architecture: Architecture = .native,
  under options: [String], asRoot: Bool = false
) -> Int32 {
  let entry = architecture == .i386 ? "i386" : "native"
  return box.sandbox(
    ["--quiet"] + options + ["--", calls, entry, String(number)] + arguments, asRoot: asRoot
  ).status
}

/// The kernel shows these to no filter (kernel/seccomp.c): they serve its own probes alone, and end a
/// program that calls them by itself.
private let unfiltered = ["uprobe", "uretprobe"]

private let plain = ["--noprofile", "--filter-only"]

@Suite struct `System calls` {
  @Test(arguments: [
    "seccomp.32=mkdir", "seccomp.32.drop=mkdir", "seccomp.32.keep=exit,exit_group,getpid",
  ])
  func `lists of the 32-bit entry act on that alone`(list: String) {
    let options = plain + ["--" + list]
    #expect(error(of: "mkdir", on: .i386, under: options) == 1)
    #expect(error(of: "getpid", on: .i386, under: options) == 0)
    #expect(error(of: "mkdir", under: options) == 14)
  }

  /// Calls that end or stop the caller when they are let through can't be tried without protection.
  @Test func `without a list, calls answer for themselves`() {
    #expect(error(of: "getpid", under: plain) == 0)
    #expect(error(of: "getpid", on: .i386, under: plain) == 0)
    #expect(error(of: "close", under: plain) == 9)
    #expect(error(of: "mkdir", under: plain) == 14)
  }

  @Test func `seccomp.drop refuses every call of the table, by both entries`() {
    for architecture in [Architecture.native, .i386] {
      for (number, name) in SystemCall.all(on: architecture) where !unfiltered.contains(name) {
        let status = error(
          of: number, on: architecture, under: plain + ["--seccomp.drop=\(name)"])
        let expected = name == "clone3" ? Errno.unsupportedCall.code : Errno.notPermitted.code
        #expect(status == expected, "\(architecture) \(name)")
      }
    }
  }

  @Test(arguments: [false, true])
  func `a keep list allows its calls and refuses each other`(asRoot: Bool) {
    guard !asRoot || Installation.isRoot else { return }
    let list = plain + ["--shell=none", "--seccomp.keep=getpid,exit_group"]
    #expect(error(of: "getpid", under: list, asRoot: asRoot) == 0)
    let kept = ["getpid", "exit_group", "exit", "rt_sigreturn", "restart_syscall"] + unfiltered
    for (number, name) in SystemCall.all(on: .native) where !kept.contains(name) {
      let status = error(of: number, under: list, asRoot: asRoot)
      let expected: Errno =
        FilterBuilder.fallsBack.contains(name) ? .unsupportedCall : .notPermitted
      #expect(status == expected.code, "\(name)")
    }
    #expect(error(of: 5000, under: list, asRoot: asRoot) == Errno.unsupportedCall.code)
    #expect(error(of: 0x4000_0027, under: list, asRoot: asRoot) == Errno.unsupportedCall.code)
    #expect(error(of: "getppid", on: .i386, under: list, asRoot: asRoot) == 1)
  }

  @Test func `name:ERRNO, !name, $number and groups`() {
    let list = plain + ["--seccomp.drop=@clock,!adjtimex,mkdir:ENOENT,$39"]
    #expect(error(of: "clock_settime", under: list) == 1)
    #expect(error(of: "adjtimex", under: list) == 14)
    #expect(error(of: "mkdir", under: list) == 2)
    #expect(error(of: "getpid", under: list) == 1)
  }

  @Test func `the error action is what was asked for`() {
    let drop = plain + ["--seccomp.drop=getpid"]
    #expect(error(of: "getpid", under: drop + ["--seccomp-error-action=EACCES"]) == 13)
    #expect(error(of: "getpid", under: drop + ["--seccomp-error-action=log"]) == 0)
    #expect(error(of: "getpid", under: drop + ["--seccomp-error-action=kill"]) == 128 + 31)
    #expect(error(of: "getpid", under: drop + ["--seccomp-error-action=trap"]) == 128 + 31)
    #expect(error(of: "getpid", under: plain + ["--seccomp.drop=getpid:kill"]) == 128 + 31)
  }

  @Test func `block-secondary closes the 32-bit entry, and x32 is always closed`() {
    #expect(error(of: "getpid", on: .i386, under: plain + ["--seccomp.block-secondary"]) == 1)
    #expect(error(of: 0x4000_0000 + 39, under: plain) == Errno.unsupportedCall.code)
    #expect(error(of: 0x4000_0000 + 39, under: plain + ["--seccomp.block-secondary"]) == 1)
  }

  @Test func `protocol allows its families alone`() {
    let filter = plain + ["--protocol=unix,inet"]
    for family in 0...47 {
      let isAllowed = family == 1 || family == 2
      let status = error(of: "socket", ["\(family)", "2", "0"], under: filter)
      #expect((status == 95) == !isAllowed, "family \(family): \(status)")
    }
    #expect(error(of: "socket", ["4294967312", "2", "0"], under: filter) == 95)
    #expect(error(of: "socket", ["1", "1", "0"], on: .i386, under: filter) == 95)
    #expect(error(of: "socketcall", ["1", "0"], on: .i386, under: filter) == 95)
    #expect(error(of: "io_uring_setup", under: filter) == 38)
    #expect(error(of: "socket", ["16", "3", "0"], under: plain) == 0)
  }

  @Test func `memory can't be writable and executable`() {
    let filter = plain + ["--memory-deny-write-execute"]
    let anonymous = ["0", "4096", "7", "34", "-1", "0"]
    #expect(error(of: "mmap", anonymous, under: plain) == 0)
    #expect(error(of: "mmap", anonymous, under: filter) == 1)
    #expect(error(of: "mmap", ["0", "4096", "3", "34", "-1", "0"], under: filter) == 0)
    #expect(error(of: "mprotect", ["0", "0", "4"], under: filter) == 1)
    #expect(error(of: "memfd_create", under: filter) == 1)
    #expect(error(of: "personality", ["4194304"], under: filter) == 1)
    #expect(error(of: "personality", ["4294967295"], under: filter) == 0)
  }

  @Test(arguments: [("user", 0x1000_0000), ("mnt", 0x2_0000), ("net", 0x4000_0000), ("time", 0x80)])
  func `namespaces can't be made or entered`(name: String, flag: Int) {
    let filter = plain + ["--restrict-namespaces=\(name)"]
    #expect(error(of: "unshare", ["\(flag)"], under: filter) == 1)
    #expect(error(of: "unshare", ["\(flag | 1 << 40)"], under: filter) == 1)
    #expect(error(of: "unshare", ["1024"], under: filter) == 0)
    #expect(error(of: "setns", ["-1", "\(flag)"], under: filter) == 1)
    #expect(error(of: "setns", ["-1", "0"], under: filter) == 1)
    #expect(error(of: "clone3", under: filter) == 38)
    if flag > 0xff { #expect(error(of: "clone", ["\(flag)"], under: filter) == 1) }
  }

  @Test(arguments: [
    [], ["--filter-only"], ["--noprofile"], ["--noprofile", "--filter-only"],
    ["--noprofile", "--seccomp.keep=ioctl,exit_group"], ["--noprofile", "--blacklist=/etc/shadow"],
  ])
  func `nobody types into the caller's terminal`(options: [String]) {
    for request in [0x5412, 0x541c] {
      for dirt in [0, 1 << 32, 0x7fff_ffff << 32] {
        #expect(error(of: "ioctl", ["0", "\(request | dirt)", "0"], under: options) == 1)
      }
      #expect(error(of: "ioctl", ["0", "\(request)", "0"], on: .i386, under: options) == 1)
    }
    // Another request is let through, and fails for what it is: no terminal here.
    #expect(error(of: "ioctl", ["0", "\(0x5413)", "0"], under: options) == 25)
  }

  @Test func `the program starts even where execve is refused, and can't start another`() {
    let outcome = box.sandbox(plain + ["--seccomp.drop=execve", "sh", "-c", "/bin/true; echo $?"])
    #expect(outcome.output == "126\n")
    #expect(error(of: "execve", under: plain + ["--seccomp.drop=execve"]) == 1)
  }

  @Test func `there is one filter, and it holds for children and threads`() {
    let text = "grep -E '^(Seccomp|NoNewPrivs)' /proc/self/status | tr '\\n\\t' ' :'"
    let outcome = box.sandbox(
      plain + ["--seccomp", "--protocol=unix", "--restrict-namespaces", "sh", "-c", text])
    #expect(outcome.output == "NoNewPrivs::1 Seccomp::2 Seccomp_filters::1 ")
  }

  @Test func `a list by hand wins over the profile's`() {
    let copy = box.program("calls-by-hand")
    box.file(".config/sandbox/calls-by-hand.profile", "seccomp.keep exit_group\n")
    let status = { (options: [String], call: Int) in
      box.sandbox(options + [copy, "native", "\(call)"]).status
    }
    #expect(status([], 39) == 1)
    #expect(status(["--seccomp.drop=getppid"], 39) == 0)
    #expect(status(["--seccomp.drop=getppid"], 110) == 1)
  }

  @Test func `the default profile lets nobody into the memory of others`() {
    for call in ["ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "bpf"] {
      #expect(error(of: call, under: ["--filter-only"]) == 1, "\(call)")
    }
  }
}
