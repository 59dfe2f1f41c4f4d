import CKernel
import Glibc
import KernelCalls
import KernelTypes
import Seccomp
import TestSupport
import TestSupport
import Testing

/// How a child ends that does this; 99 where it throws, SIGALRM where it hangs.
private func ending(_ body: () throws -> Int32) throws -> KernelCalls.ExitStatus {
  guard let pid = try Processes.fork() else {
    alarm(10)
    do { Processes.exit(try body()) } catch { Processes.exit(99) }
  }
  let (_, status) = try #require(try Processes.wait(for: pid))
  return Processes.ending(status) ?? .exited(-1)
}

/// The errno of rmdir("/nowhere"), 0 for success.
private func rmdirError() -> Int32 {
  errno = 0
  return rmdir("/nowhere-at-all") == 0 ? 0 : errno
}

private func filter(_ action: Action, _ calls: String...) throws -> Filter {
  var filter = Filter(otherwise: .allow)
  try filter.add(action, calls)
  return filter
}

private final class Work: @unchecked Sendable {
  let body: () -> Void
  init(_ body: @escaping () -> Void) { self.body = body }
}

private func started(_ body: @escaping () -> Void) -> pthread_t {
  var thread = pthread_t()
  pthread_create(
    &thread, nil,
    { pointer in
      if let pointer { Unmanaged<Work>.fromOpaque(pointer).takeRetainedValue().body() }
      return nil
    }, Unmanaged.passRetained(Work(body)).toOpaque())
  return thread
}

/// Runs in a thread, and waits for it.
private func inThread(_ body: @escaping () -> Void) { pthread_join(started(body), nil) }

/// Where one thread waits for another; a pipe, because nothing else is sure in a forked child.
private final class Gate {
  private var ends: [Int32] = [0, 0]
  init() { pipe(&ends) }
  func wait() {
    var byte: UInt8 = 0
    read(ends[0], &byte, 1)
  }
  func open() {
    var byte: UInt8 = 1
    write(ends[1], &byte, 1)
  }
}

@Suite(.serialized) struct `Actions in the kernel` {
  @Test func `kill ends the process, also from a thread`() throws {
    let kill = try filter(.killProcess, "rmdir")
    #expect(
      try ending {
        try kill.install()
        return rmdirError()
      } == .signaled(SIGSYS))
    #expect(
      try ending {
        try kill.install()
        inThread { _ = rmdirError() }
        return 7
      } == .signaled(SIGSYS))
  }

  @Test func `kill of a thread leaves the others`() throws {
    let kill = try filter(.killThread, "rmdir")
    #expect(
      try ending {
        try kill.install()
        inThread { _ = rmdirError() }
        return 7
      } == .exited(7))
  }

  @Test func `an errno is what the call gives, and a trap can be handled`() throws {
    let errno = try filter(.errno(EXDEV), "rmdir")
    #expect(
      try ending {
        try errno.install()
        return rmdirError()
      } == .exited(EXDEV))
    let trap = try filter(.trap, "rmdir")
    #expect(
      try ending {
        signal(SIGSYS) { _ in _exit(11) }
        try trap.install()
        return rmdirError()
      } == .exited(11))
    #expect(
      try ending {
        try trap.install()
        return rmdirError()
      } == .signaled(SIGSYS))
  }

  @Test func `log lets through; without a tracer or a listener a call is not there`() throws {
    for (action, expected) in [(Action.log, ENOENT), (.allow, ENOENT), (.trace(5), ENOSYS)] {
      let filter = try filter(action, "rmdir")
      #expect(
        try ending {
          try filter.install()
          return rmdirError()
        } == .exited(expected))
    }
    let asking = try filter(.userNotification, "rmdir")
    #expect(
      try ending {
        close(try asking.installWithListener())
        return rmdirError()
      } == .exited(ENOSYS))
  }

  /// Each pair of actions, in both orders: the kernel takes the one that `<` puts first.
  @Test func `of several filters the strictest counts, of equals the latest`() throws {
    let actions: [Action] = [.killProcess, .trap, .errno(EXDEV), .trace(1), .log, .allow]
    let endings: [KernelCalls.ExitStatus] = [
      .signaled(SIGSYS), .exited(11), .exited(EXDEV), .exited(ENOSYS), .exited(ENOENT),
      .exited(ENOENT),
    ]
    for (index, first) in actions.enumerated() {
      for (other, second) in actions.enumerated() {
        let filters = [try filter(first, "rmdir"), try filter(second, "rmdir")]
        #expect((first <= second) == (index <= other))
        #expect(
          try ending {
            signal(SIGSYS) { _ in _exit(11) }
            for filter in filters { try filter.install() }
            return rmdirError()
          } == endings[min(index, other)], "\(first) \(second)")
      }
    }
    let later = [try filter(.errno(EXDEV), "rmdir"), try filter(.errno(EBUSY), "rmdir")]
    #expect(
      try ending {
        for filter in later { try filter.install() }
        return rmdirError()
      } == .exited(EBUSY))
  }

  @Test(arguments: [Filter.Scope.thread, .process])
  func `threads may have filters of their own, or one together`(scope: Filter.Scope) throws {
    let errno = try filter(.errno(EXDEV), "rmdir")
    let ending = try ending {
      let gate = Gate()
      var seen: Int32 = -1
      let thread = started {
        gate.wait()
        seen = rmdirError()
      }
      try errno.install(for: scope)
      gate.open()
      pthread_join(thread, nil)
      return rmdirError() == EXDEV ? seen : 50
    }
    #expect(ending == .exited(scope == .process ? EXDEV : ENOENT))
  }

  @Test func `a thread with another filter is told, and nothing changes`() throws {
    let errno = try filter(.errno(EXDEV), "rmdir")
    let other = try filter(.errno(EXDEV), "mkdir")
    #expect(
      try ending {
        let (installed, over) = (Gate(), Gate())
        let thread = started {
          do { try other.install() } catch { Processes.exit(98) }
          installed.open()
          over.wait()
        }
        installed.wait()
        var isTold = false
        do { try errno.install(for: .process) } catch SeccompError.threadDiffers { isTold = true }
        over.open()
        pthread_join(thread, nil)
        return isTold && rmdirError() == ENOENT ? 3 : 4
      } == .exited(3))
  }

  @Test func `strict mode leaves four calls`() throws {
    #expect(
      try ending {
        try StrictMode.enter()
        return rmdirError()
      } == .signaled(SIGKILL))
  }

  @Test func `a status tells of filters and privileges`() throws {
    let errno = try filter(.errno(EXDEV), "rmdir")
    let before = try ProcessStatus()
    #expect(
      try ending {
        try errno.install()
        try errno.install()
        try Privileges.drop()
        let after = try ProcessStatus(of: getpid())
        let added = (after.filterCount ?? 0) - (before.filterCount ?? 0)
        let isRight =
          after.mode == .filter && added == 2 && after.hasNoNewPrivileges
          && after.capabilities.isEmpty
        return isRight ? 5 : 6
      } == .exited(5))
    #expect(throws: SeccompError.self) { try ProcessStatus(of: 0x7fff_fff0) }
  }

  /// Calls that do nothing but answer, so that each answer is the filter's: the kernel says what the
  /// simulation says, for each number and each of the architectures that it runs.
  @Test func `the kernel says what the simulation says`() throws {
    var filter = Filter(
      otherwise: .errno(111), architectures: [.x86_64, .i386], foreign: .errno(112))
    // The child itself needs these.
    let needed = ["exit_group", "exit", "rt_sigreturn"]
    try filter.add(.allow, needed)
    for (index, name) in SystemCall.names.enumerated() where !needed.contains(name) {
      let call = SystemCall(named: name)
      guard call?.number(on: .native) != nil, index % 3 > 0 else { continue }
      if index % 3 == 1, SyscallArgument.all(of: name)?.first?.width == .word {
        let first = try #require(SyscallArgument.all(of: name)?.first).names[0]
        try filter.add(.errno(Int32(200 + index % 50)), name, where: Argument(first) <= 0x7fff_ffff)
      }
      try filter.add(.errno(Int32(300 + index % 700)), name)
    }
    let program = try filter.compile()
    var expected: [(number: Int, arguments: [UInt64], errno: Int32)] = []
    // uretprobe and uprobe are the kernel's own: no filter sees them.
    for number in 0...1024 where ![335, 336].contains(number) {
      for argument: UInt64 in [0, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 1 << 32, 0x1_8000_0000] {
        let arguments = [argument, 0, 0, 0, 0, 0]
        guard case .errno(let code) = program.verdict(number: UInt32(number), arguments) else {
          continue
        }
        #expect(filter.verdict(number: number, arguments) == .errno(code))
        expected.append((number, arguments, code))
      }
    }
    #expect(expected.count > 6000)
    // Anything at all, the same each time.
    var random = Seeded(42)
    let numbers = expected.map(\.number)
    for _ in 0..<1_000_000 {
      let number = numbers[Int(random.next() % UInt64(numbers.count))]
      let arguments = (0..<6).map { _ in random.next() >> (random.next() % 64) }
      guard case .errno(let code) = program.verdict(number: UInt32(number), arguments) else {
        continue
      }
      expected.append((number, arguments, code))
    }
    // Nothing is allocated once the filter is in force: it refuses that too.
    let cases = expected.map { one in
      (one.number, one.arguments.map { Int(bitPattern: UInt($0)) }, Int(one.errno))
    }
    var secondary: [Int] = []
    for number in 0...500 {
      guard case .errno(let code) = program.verdict(.i386, number: UInt32(number), [1]) else {
        secondary.append(0)
        continue
      }
      secondary.append(Int(code))
    }
    let other = secondary
    let ending = try ending {
      try program.install()
      for index in cases.indices {
        let (number, words, code) = cases[index]
        let answer = ck_syscall(number, words[0], words[1], words[2], words[3], words[4], words[5])
        guard answer == -code else { return Int32(1 + index % 90) }
      }
      // The other table, by its own entry; 0 stands for what the child may do.
      for number in other.indices where other[number] != 0 {
        guard ck_syscall_i386(number, 1, 0, 0, 0, 0) == -other[number] else { return 98 }
      }
      return 0
    }
    #expect(ending == .exited(0))
  }
}

@Suite struct `Filters as values` {
  @Test func `rules by name, group and argument`() throws {
    var filter = Filter(otherwise: .killProcess)
    try filter.add(.allow, "read", "@memlock")
    try filter.add(.allow, "write", where: Argument("fd") <= 2 && Argument("count") < 4096)
    try filter.add(.errno(EACCES), "socket", where: Argument("domain").isOne(of: ["AF_INET", 10]))
    try filter.add(.allow, "socket")
    try filter.add(
      .allow, "openat", where: Argument("flags").masked("O_ACCMODE") == "O_RDONLY")
    func says(_ call: String, _ arguments: UInt64...) throws -> Action {
      let number = try #require(SystemCall(named: call)?.number(on: .native))
      let verdict = filter.verdict(number: number, arguments)
      #expect(try filter.compile().verdict(number: UInt32(number), arguments) == verdict)
      return verdict
    }
    #expect(try says("read") == .allow && says("mlock") == .allow)
    #expect(try says("write", 2, 0, 4095) == .allow && says("write", 3) == .killProcess)
    #expect(try says("write", 2, 0, 4096) == .killProcess)
    #expect(try says("write", 0xdead_0000_0001, 0, 1) == .allow)
    #expect(try says("socket", 2) == .errno(EACCES) && says("socket", 1) == .allow)
    #expect(try says("openat", 0, 0, 0o2000000) == .allow)
    #expect(try says("openat", 0, 0, 1) == .killProcess)
    #expect(try says("getpid") == .killProcess)
    #expect(filter.verdict(.i386, number: 3) == .killProcess)
    #expect(filter.table.contains("1\twrite\tallow\tfd=0x2,count&0xfffffffffffff000=0x0\n"))
    let text = try filter.compile().text
    #expect(text.hasPrefix("0\tload architecture\n") && text.contains("answer kill"))
    #expect(try filter.compile().bytes.count == 8 * filter.compile().count)
  }

  @Test func `bad use is refused with its reason`() throws {
    func message(_ body: (inout Filter) throws -> Void) -> String {
      var filter = Filter(otherwise: .killProcess)
      do {
        try body(&filter)
        _ = try filter.compile()
        return ""
      } catch { return "\(error)" }
    }
    #expect(message { _ in }.contains("no rule"))
    #expect(message { try $0.add(.allow, "reed") }.contains("did you mean \"read\""))
    #expect(message { try $0.add(.allow, "@memlok") }.contains("did you mean \"@memlock\""))
    #expect(message { try $0.add(.errno(5000), "read") }.contains("1 to 4095"))
    #expect(
      message {
        try $0.add(.allow, "read")
        try $0.add(.errno(1), "read")
      }.contains("contradict"))
    #expect(
      message { try $0.add(.allow, "ioctl", where: Argument("request") == 0x1_0000_0000) }
        .contains("the kernel reads 32"))
    #expect(
      message { try $0.add(.allow, "write", where: Argument("buf") == 5) }.contains("pointer"))
    #expect(
      message { try $0.add(.allow, "write", where: Argument("x") == 5) }.contains("it has fd"))
    #expect(
      message { try $0.add(.allow, "write", where: Argument("fd") < 0) }.contains("never hold"))
    #expect(
      message { try $0.add(.allow, "socket", where: Argument("domain") == "AF_UNIKS") }
        .contains("AF_UNIX"))
    #expect(
      message {
        try $0.add(.allow, "read")
        try $0.add(.allow, "read", where: Argument("fd") == 1)
      }.contains("contradict"))
  }
}

@Suite struct Examples {
  /// A thread that reads what anybody sends can't do what other threads can.
  @Test func `a server's threads have filters of their own`() {
    let script = """
      log=$(mktemp) && said=$(mktemp)
      "$1" "$log" >"$said" & server=$!
      for i in $(seq 100); do grep -q port "$said" && break; sleep 0.1; done
      port=$(sed 's/port //' "$said")
      for line in 'to be or not to be' '!open' '!socket' '!accept' '!log'; do
        exec 3<>/dev/tcp/127.0.0.1/$port; echo "$line" >&3; timeout 5 cat <&3; exec 3<&-
      done
      cat /proc/$server/task/*/status | grep -c 'Seccomp_filters:.1'
      sleep 0.2; kill $server; cat "$log"; rm "$log" "$said"
      """
    let outcome = Installation.shared.run(
      ["bash", "-c", script, "bash", Installation.root + "/.build/debug/ExampleServer"],
      asRoot: true)
    let refused = String(repeating: "Operation not permitted\n", count: 4)
    #expect(
      outcome.output == "6\n" + refused + "3\n18 bytes\n5 bytes\n7 bytes\n7 bytes\n4 bytes\n",
      "\(outcome)")
  }
}
