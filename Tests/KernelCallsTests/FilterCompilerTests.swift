import KernelCalls
import KernelTypes
import SandboxPolicy
import TestSupport
import Testing

private let key = LaunchKey(0x1111_2222_3333_4444, 0x5555_6666_7777_8888, 0x9999_aaaa_bbbb_cccc)

private func policy(_ lines: String) throws -> SyscallPolicy {
  try read(lines).recorder.policy.syscalls
}

/// What the pure policy says, which the compiled program must say as well.
private func expected(
  _ filter: SyscallFilter, _ architecture: Architecture, _ number: Int, _ arguments: [UInt64]
) -> UInt32 {
  if architecture == .x86_64, number >= 0x4000_0000 { return filter.foreign.returnValue }
  guard let part = filter.architectures.first(where: { $0.architecture == architecture }) else {
    return filter.foreign.returnValue
  }
  return part.verdict(number: number, arguments).returnValue
}

@Suite struct `The compiled filter` {
  static let policies = [
    "", "seccomp", "seccomp !chroot,mkdir:ENOENT,getpid:kill", "seccomp.drop mseal,getpid,$600",
    "seccomp.keep read,write,exit_group",
    "seccomp.keep @system-service,@program-keep\nprotocol unix",
    "seccomp.keep mmap,mprotect,socket,ioctl,mseal,fstat\nprotocol inet\nmemory-deny-write-execute",
    "protocol unix,inet,inet6\nrestrict-namespaces", "restrict-namespaces user,time",
    "memory-deny-write-execute\nseccomp-error-action kill", "seccomp.block-secondary",
    "seccomp.keep read\nseccomp.32.drop mkdir", "seccomp.drop mkdir\nseccomp.32.keep read,exit",
    "seccomp.drop execve,write\nseccomp-error-action trap", "seccomp-error-action log\nseccomp",
    "seccomp.keep read,write(fd<=2),ioctl(request=TCGETS|TIOCGWINSZ),prctl(option=PR_SET_NAME):ENOSYS",
    "seccomp.drop socket(domain=AF_INET):kill,lseek(offset>=0x100000000),ptrace(pid!=0):EACCES",
    "seccomp !personality(persona=0xffffffff)\nseccomp.allow ptrace(request=PTRACE_TRACEME)",
    "protocol unix,inet\nseccomp.keep socket(type&0xf=SOCK_STREAM||domain=AF_UNIX),write(fd=1),write",
  ]

  private static let edges: [UInt64] = [
    0, 1, 2, 3, 5, 9, 0x5401, 0xffff_ffff, .max, 1 << 32,
  ]

  /// Where two phases agree, the kernel answers; where they do not, and at the event, it asks.
  @Test(arguments: [
    ("", "read,write"), ("seccomp.keep read,write,execve", "read,openat"),
    ("seccomp.keep read,write(fd<=2),mmap", "write(fd=1),mmap(prot&PROT_EXEC=0),lseek(offset>=9)"),
    ("seccomp.keep ioctl(request=TCGETS|TIOCGWINSZ),write(fd<=2)", "ioctl,write(fd<=2)"),
    ("protocol unix\nmemory-deny-write-execute\nseccomp", "socket,mmap,ioctl,io_uring_enter,clone"),
    ("seccomp.drop socket(domain!=AF_UNIX)", "socket(domain!=AF_INET),epoll_wait(timeout=5)"),
    ("seccomp-error-action kill\nseccomp.keep epoll_wait", "epoll_wait,read(count<1000):ENOSYS"),
    ("seccomp.block-secondary\nseccomp.keep read", "read,personality"),
  ])
  func `a filter for two phases asks where they differ`(first: String, second: String) throws {
    for event in ["epoll_wait(timeout!=-1),bpf", "read", "ioctl(request=TCGETS)"] {
      let policy = try policy(first + "\nseccomp.keep.after \(event) \(second)\n")
      let before = FilterBuilder.filter(for: policy)
      let after = FilterBuilder.filter(for: try #require(policy.afterEvent))
      var plan = Plan()
      plan.secondPhase = PlannedPhase(
        try #require(policy.secondPhase).value.event, .builtIn("test"), after)
      plan.steps = [Step(.installFilter(before), .builtIn("test"))]
      let marks = try #require(plan.secondPhase).marks
      let program = try FilterCompiler.compile(try #require(plan.askingFilter), key: nil)
      var random = Seeded(7)
      for architecture in [Architecture.native, .i386] {
        for number in 0...470 {
          for _ in 0..<8 {
            let arguments: [UInt64] = (0..<6).map { _ in
              Self.edges.randomElement(using: &random) ?? 0
            }
            let said = program.verdict(architecture.auditValue, UInt32(number), arguments)
            let one = expected(before, architecture, number, arguments)
            let other = expected(after, architecture, number, arguments)
            let isEvent =
              expected(marks, architecture, number, arguments)
              == FilterAction.notify.returnValue
            let answer = isEvent || one != other ? FilterAction.notify.returnValue : one
            #expect(
              said == answer, "\(first) | \(second) | \(event): \(number) \(arguments)")
          }
        }
      }
    }
  }

  @Test func `phases with too many cases ask about all of a call`() throws {
    let many = (0..<30).map { "write(fd&\(1 << $0)=\(1 << $0))" }
    let policy = try policy(
      "seccomp.keep \(many.joined(separator: ","))\n"
        + "seccomp.keep.after listen \(many.reversed().joined(separator: ","))\n")
    let phase = PlannedPhase(
      try #require(policy.secondPhase).value.event, .builtIn("test"),
      FilterBuilder.filter(for: try #require(policy.afterEvent)))
    let asking = phase.asking(FilterBuilder.filter(for: policy))
    #expect(asking.architectures[0].verdict(on: "write", [9]) == .notify)
  }

  @Test(arguments: policies)
  func `says what the policy says to every number, on each architecture`(lines: String) throws {
    for native in [Architecture.native] {
      let filter = FilterBuilder.filter(for: try policy(lines), native: native)
      let program = try FilterCompiler.compile(filter, key: key)
      let interpreter = program
      let odd = [0x3fff_ffff, 0x4000_0000, 0x4000_0027, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]
      for architecture in Architecture.allCases {
        // The first argument says what some calls of i386 are.
        let parts: [[UInt64]] =
          architecture == .i386 ? (1...24).map { [$0] } + [[0x1_0002], [0x1_0015]] : []
        for number in Array(0...1024) + odd {
          for arguments in [[], Array(repeating: UInt64.max, count: 6)] + parts {
            let said = interpreter.verdict(architecture.auditValue, UInt32(number), arguments)
            #expect(
              said == expected(filter, architecture, number, arguments),
              "\(lines): \(architecture) \(number) \(arguments)")
          }
        }
      }
    }
  }

  /// Numbers around each constant, with anything in the upper half.
  @Test(arguments: policies.filter { $0.contains("(") })
  func `says what the policy says to any arguments`(lines: String) throws {
    let filter = FilterBuilder.filter(for: try policy(lines))
    let interpreter = try FilterCompiler.compile(filter, key: key)
    var random = Seeded(7)
    let constants: [UInt64] = [0, 1, 2, 3, 10, 15, 16, 0x5401, 0x5413, 1 << 31, 1 << 32, .max]
    let calls = Set(filter.architectures.flatMap { $0.conditions.map(\.call) })
    for call in calls {
      for architecture in [Architecture.native, .i386] {
        guard let number = SystemCall(named: call)?.number(on: architecture) else { continue }
        for _ in 0..<4000 {
          let largest = architecture == .i386 ? UInt64(UInt32.max) : .max
          let arguments = (0..<6).map { _ -> UInt64 in
            let base = constants.randomElement(using: &random) ?? 0
            let near = base &+ UInt64.random(in: 0...2, using: &random) &- 1
            let dirt = UInt64.random(in: 0...3, using: &random) << 32
            return largest & (Bool.random(using: &random) ? near : near ^ dirt)
          }
          #expect(
            interpreter.verdict(architecture.auditValue, UInt32(number), arguments)
              == expected(filter, architecture, number, arguments),
            "\(call) \(architecture) \(arguments)")
        }
      }
    }
  }

  @Test func `a list allows and refuses by arguments`() throws {
    func says(_ lines: String, _ call: String, _ arguments: [UInt64]) throws -> String {
      let filter = FilterBuilder.filter(for: try policy(lines)).architectures[0]
      return switch filter.verdict(on: call, arguments) {
      case .allow: "allow"
      case .errno(let errno): errno.name
      case .killProcess: "kill"
      default: "other"
      }
    }
    let dirt: UInt64 = 0xdead_0000_0000
    for (lines, call, arguments, verdict) in [
      ("seccomp.keep write(fd<=2)", "write", [2], "allow"),
      ("seccomp.keep write(fd<=2)", "write", [2 + dirt], "allow"),
      ("seccomp.keep write(fd<=2)", "write", [3], "EPERM"),
      ("seccomp.keep write(fd<=2)", "write", [0xffff_ffff], "EPERM"),
      ("seccomp.keep write(fd<=2),write(fd=7)", "write", [7], "allow"),
      ("seccomp.keep write(fd<=2),write", "write", [7], "allow"),
      ("seccomp.keep write(fd<=2)\nseccomp.allow write", "write", [7], "allow"),
      ("seccomp.keep write(fd<=2)\nseccomp.allow write(fd=7)", "write", [7], "allow"),
      ("seccomp.keep prctl(option=PR_SET_NAME):ENOSYS", "prctl", [1], "ENOSYS"),
      ("seccomp.keep prctl(option=15):ENOSYS", "prctl", [15], "allow"),
      ("seccomp.keep clone3(size=64)", "clone3", [0, 64], "allow"),
      ("seccomp.drop lseek(offset=-1)", "lseek", [0, .max], "EPERM"),
      ("seccomp.drop lseek(offset=-1)", "lseek", [0, 0xffff_ffff], "allow"),
      ("seccomp.drop fcntl(cmd=F_SETFL,arg&O_APPEND=0):kill", "fcntl", [0, 4, 0], "kill"),
      ("seccomp.drop fcntl(cmd=F_SETFL,arg&O_APPEND=0):kill", "fcntl", [0, 4, 0x400], "allow"),
      ("seccomp !personality(persona=0xffffffff)", "personality", [.max], "allow"),
      ("seccomp !personality(persona=0xffffffff)", "personality", [0], "EPERM"),
      ("seccomp.keep read,write,!write(fd=9)", "write", [9], "EPERM"),
      ("seccomp.keep read,write,!write(fd=9)", "write", [8], "allow"),
      (
        "seccomp.drop openat(dirfd=AT_FDCWD&&flags=O_RDWR+O_CREAT||mode=0777)", "openat",
        [UInt64(bitPattern: -100), 0, 0o102], "EPERM"
      ),
      (
        "seccomp.drop openat(dirfd=AT_FDCWD,flags=O_RDWR+O_CREAT||mode=0777)", "openat",
        [5, 0, 0, 0o777], "EPERM"
      ),
      ("seccomp.drop mount(data!=0)", "mount", [0, 0, 0, 0, 8], "EPERM"),
    ] as [(String, String, [UInt64], String)] {
      #expect(try says(lines, call, arguments) == verdict, "\(lines) \(arguments)")
    }
  }

  @Test func `a program for the other architecture can be compiled here`() throws {
    let filter = FilterBuilder.filter(
      for: try policy("seccomp.keep read,write,openat"), native: .aarch64)
    let interpreter = try FilterCompiler.compile(filter, key: key)
    let arm = Architecture.aarch64
    for (number, call) in SystemCall.all(on: arm) {
      let verdict = filter.architectures[0].verdict(on: call).returnValue
      #expect(interpreter.verdict(arm.auditValue, UInt32(number)) == verdict, "\(call)")
    }
    #expect(interpreter.verdict(Architecture.x86_64.auditValue, 0) == filter.foreign.returnValue)
  }

  @Test(arguments: [UInt64(0), 0xffff_ffff_0000_0000, 0x1_0000_0000])
  func `the upper half of 32-bit arguments changes nothing`(dirt: UInt64) throws {
    let filter = FilterBuilder.filter(
      for: try policy(
        "protocol unix,inet\nrestrict-namespaces\nmemory-deny-write-execute"))
    let interpreter = try FilterCompiler.compile(filter, key: key)
    func says(_ call: String, _ arguments: [UInt64]) -> UInt32? {
      let number = SystemCall(named: call)?.number(on: .native) ?? -1
      return interpreter.verdict(
        Architecture.native.auditValue, UInt32(number), arguments.map { $0 | dirt })
    }
    let allow = FilterAction.allow.returnValue
    #expect(says("ioctl", [0, 0x5412]) == FilterAction.errno(.notPermitted).returnValue)
    #expect(says("ioctl", [0, 0x541c]) == FilterAction.errno(.notPermitted).returnValue)
    #expect(says("ioctl", [0, 0x5413]) == allow)
    for family in UInt64(0)...64 {
      let isAllowed = family == 1 || family == 2
      #expect((says("socket", [family]) == allow) == isAllowed, "\(family)")
      #expect((says("socketpair", [family]) == allow) == isAllowed, "\(family)")
    }
    #expect(says("clone", [0x1000_0000]) != allow)
    #expect(says("clone", [0x003d_0f00]) == allow)
    #expect(says("unshare", [0x80]) != allow)
    #expect(says("unshare", [0x400]) == allow)
    #expect(says("setns", [3, 0]) != allow)
    #expect(says("mmap", [0, 0, 6]) != allow)
    #expect(says("mmap", [0, 0, 5]) == allow)
    #expect(says("mprotect", [0, 0, 4]) != allow)
    #expect(says("personality", [0xffff_ffff]) == allow)
    #expect(says("personality", [0x0040_0000]) != allow)
    #expect(says("clone3", []) == FilterAction.unsupported.returnValue)
  }

  @Test func `a refused execve passes with the launch key and with nothing less`() throws {
    let filter = FilterBuilder.filter(for: try policy("seccomp.drop execve"))
    let interpreter = try FilterCompiler.compile(filter, key: key)
    let number = UInt32(SystemCall(named: "execve")?.number(on: .native) ?? 0)
    let audit = Architecture.native.auditValue
    let start: [UInt64] = [1, 2, 3]
    #expect(interpreter.verdict(audit, number, start + key.words) == FilterAction.allow.returnValue)
    for index in 0..<3 {
      for bit in 0..<64 {
        var wrong = key.words
        wrong[index] ^= 1 << UInt64(bit)
        let refusal = FilterAction.errno(.notPermitted).returnValue
        #expect(interpreter.verdict(audit, number, start + wrong) == refusal)
      }
    }
    #expect(filter.launchCalls == ["execve"])
  }

  @Test func `an i386 socket is closed by protocol through either door`() throws {
    let filter = FilterBuilder.filter(for: try policy("protocol unix"))
    let interpreter = try FilterCompiler.compile(filter, key: key)
    let audit = Architecture.i386.auditValue
    let refusal = FilterAction.errno(.notSupported).returnValue
    #expect(interpreter.verdict(audit, 359, [1]) == refusal)
    #expect(interpreter.verdict(audit, 102, [1]) == refusal)
    #expect(interpreter.verdict(audit, 102, [8]) == refusal)
    #expect(interpreter.verdict(audit, 102, [3]) == FilterAction.allow.returnValue)
  }
}
