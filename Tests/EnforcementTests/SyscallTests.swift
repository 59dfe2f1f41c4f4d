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

  /// Each on the kernel: the refused errno is one that the call itself does not give here.
  @Test func `conditions on arguments hold at their edges, with anything in the upper half`() {
    let lines =
      "dup(fildes<=2):EXDEV,lseek(offset>=0x100000000):EXDEV,"
      + "socket(domain=AF_UNIX|AF_INET,type&0xf=SOCK_STREAM):EXDEV,kill(pid=-1):EXDEV"
    let options = plain + ["--seccomp.drop=" + lines]
    let refused: Int32 = 18
    for (call, arguments, isRefused) in [
      ("dup", ["2"], true), ("dup", ["\(2 + 1 << 32)"], true), ("dup", ["3"], false),
      ("dup", ["4294967295"], false), ("dup", ["2147483648"], false),
      ("lseek", ["0", "4294967295"], false), ("lseek", ["0", "4294967296"], true),
      ("lseek", ["0", "-1"], true), ("kill", ["-1", "0"], true),
      ("kill", ["4294967295", "0"], true),
      ("kill", ["0", "0"], false), ("socket", ["1", "1", "0"], true),
      ("socket", ["2", "524289", "0"], true), ("socket", ["2", "2", "0"], false),
      ("socket", ["10", "1", "0"], false), ("socket", ["\(1 << 32 + 1)", "1", "0"], true),
    ] as [(String, [String], Bool)] {
      #expect(
        (error(of: call, arguments, under: options) == refused) == isRefused,
        "\(call) \(arguments)")
    }
  }

  @Test func `the filter is printed as it stands, each verdict with its place`() {
    let profile = box.file(
      "printed.profile", "protocol unix\n\nseccomp.keep read,write(fd=1|3):EBADF,socket\n")
    let printed = box.sandbox(["--profile=" + profile, "--debug-filter", "true"]).output
    for line in [
      "0\tread\tallow\t\t\(profile):3: seccomp.keep",
      "1\twrite\tallow\tfd=0x1\t\(profile):3: seccomp.keep",
      "1\twrite\tallow\tfd=0x3\t\(profile):3: seccomp.keep",
      "1\twrite\tEBADF\t\t\(profile):3: seccomp.keep",
      "2\topen\tEPERM\t\t\(profile):3: seccomp.keep",
      "41\tsocket\tEOPNOTSUPP\tdomain=0x0\t\(profile):1: protocol",
      "other architectures\tENOSYS",
    ] { #expect(printed.contains(line + "\n"), "\(line)") }
    let json = box.sandbox(["--profile=" + profile, "--debug-filter", "--json", "true"]).output
    #expect(json.contains("\"name\":\"write\",\"verdict\":\"allow\",\"condition\":\"fd=0x3\""))
  }

  @Test(arguments: [
    ("write(fdd=1)", "it has fd, buf, count"),
    ("ioctl(request=TCGETSS)", "did you mean \"TCGETS\""),
    ("ioctl(request=0x100000000)", "the kernel reads 32 of \"request\""),
    ("write(buf=5)", "is a pointer"), ("write(fd<0)", "can never hold"),
    ("write(fd<1", "lacks a closing parenthesis"), ("write()", "is empty"),
    ("getpid(x=1)", "has no arguments"), ("@memlock(fd=1)", "no group is called"),
    ("write(fd&3=4)", "bits that the mask has not"), ("write(fd)", "is no condition"),
    ("write(fd=1)x", "goes on behind its parenthesis"),
    ("lseek(offset!=5,whence!=5,fd!=5)", "cases"),
  ])
  func `a condition that means nothing is refused with its reason`(item: String, reason: String) {
    let outcome = box.sandbox(plain + ["--seccomp.drop=" + item, "echo", "ran"])
    #expect(outcome.status == 1 && outcome.output.isEmpty && outcome.errors.contains(reason))
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
