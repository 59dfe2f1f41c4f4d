import Foundation
import KernelTypes
import Testing

@Suite struct `Tables` {
  /// `#define __NR_name number` lines of an installed kernel header.
  private func header(_ path: String) -> [String: Int] {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [:] }
    var numbers: [String: Int] = [:]
    for line in text.split(separator: "\n") {
      let words = line.split(whereSeparator: \.isWhitespace)
      guard words.count == 3, words[0] == "#define", words[1].hasPrefix("__NR_") else { continue }
      numbers[String(words[1].dropFirst(5))] = Int(words[2])
    }
    numbers["syscalls"] = nil
    return numbers
  }

  @Test(arguments: [("unistd_64.h", Architecture.x86_64), ("unistd_32.h", .i386)])
  func `numbers equal the installed kernel headers`(file: String, architecture: Architecture) {
    let numbers = header("/usr/include/x86_64-linux-gnu/asm/" + file)
    #expect(numbers.count > 350)
    for (name, number) in numbers {
      #expect(SystemCall(named: name)?.number(on: architecture) == number, "\(name)")
    }
  }

  @Test func `every call is found by its name, and names are in order`() {
    let names = SystemCall.names
    #expect(names.count > 600)
    #expect(names.allSatisfy { SystemCall(named: $0)?.name == $0 })
    #expect(SystemCall(named: "reed") == nil)
  }

  @Test(arguments: Architecture.allCases)
  func `a number stands for one call`(architecture: Architecture) {
    let numbers = SystemCall.all(on: architecture).map(\.number)
    #expect(Set(numbers).count == numbers.count)
  }

  @Test func `there are 32 groups and each member is known`() {
    #expect(SyscallGroups.all.count == 32)
    for group in SyscallGroups.all {
      let calls = (SyscallGroups.calls(of: group.name) ?? []).map(\.name)
      #expect(!calls.isEmpty, "\(group.name)")
      for call in calls { #expect(SystemCall(named: call) != nil, "\(group.name): \(call)") }
    }
    #expect(
      SyscallGroups.calls(of: "@clock")?.map(\.name) == [
        "adjtimex", "clock_adjtime", "clock_settime",
        "clock_adjtime64", "clock_settime64", "old_adjtimex",
      ])
  }

  @Test func `every twin is a call of i386, or a part of one`() {
    let filter = ArchitectureFilter(.i386, rules: ["recv": .trap, "shmat": .trap])
    let parts = { (call: String) in filter.parts(of: call) ?? [] }
    #expect(parts("socketcall").count == 20 && parts("ipc").count == 12)
    #expect(filter.verdict(on: "socketcall", [10]) == .trap)
    #expect(filter.verdict(on: "socketcall", [11]) == .allow)
    // The upper half is a version.
    #expect(filter.verdict(on: "ipc", [0x1_0015]) == .trap)
    // A name out of its order would not be found.
    let calls = SyscallTwins.rows.compactMap { SystemCall(named: $0.name) }
    #expect(calls.count == SyscallTwins.rows.count)
    #expect(calls.allSatisfy { !SyscallTwins.onI386(of: $0).isEmpty })
    let multiplexed = ["accept", "recv", "semop", "semtimedop", "send"]
    for call in SystemCall.names.compactMap(SystemCall.init(named:)) {
      for twin in SyscallTwins.onI386(of: call) {
        #expect(
          twin.number(on: .i386) != nil || multiplexed.contains(twin.name), "\(twin.name)")
      }
    }
  }

  @Test func `errors have one name each and aliases lead to them`() {
    #expect(Set(Errno.table.map(\.name)).count == Errno.table.count)
    #expect(Errno(named: "EPERM") == .notPermitted)
    #expect(Errno(named: "ENOTSUP") == .notSupported)
    #expect(Errno(named: "EWOULDBLOCK")?.name == "EAGAIN")
    #expect(Errno(named: "ENOSUCH") == nil)
  }
}

@Suite struct `Argument conditions` {
  private static let edges: [UInt64] = {
    var edges: Set<UInt64> = [.max, 0x1234_5678_9abc_def0]
    edges.formUnion(0...40)
    for bit in 0..<64 {
      let power = UInt64(1) << UInt64(bit)
      edges.formUnion([power &- 1, power, power &+ 1])
    }
    return edges.sorted()
  }()

  private func expected(
    _ value: UInt64, _ comparison: ArgumentCondition.Comparison, _ values: [UInt64]
  ) -> Bool {
    switch comparison {
    case .equal: values.contains(value)
    case .notEqual: !values.contains(value)
    case .less: value < values[0]
    case .lessOrEqual: value <= values[0]
    case .greater: value > values[0]
    case .greaterOrEqual: value >= values[0]
    }
  }

  @Test(arguments: [32, 64], ArgumentCondition.Comparison.allCases)
  func `a comparison is what its tests say, at every edge`(
    bits: Int, comparison: ArgumentCondition.Comparison
  ) {
    let largest = bits == 64 ? UInt64.max : 0xffff_ffff
    for constant in Self.edges where constant <= largest {
      let condition = ArgumentCondition(2, bits: bits, comparison, [constant])
      for value in Self.edges {
        // The upper half of a register that the kernel does not read says nothing.
        let arguments = [0, 0, value, 0, 0, 0]
        #expect(
          condition.holds(for: arguments) == expected(value & largest, comparison, [constant]),
          "\(value) \(comparison) \(constant)")
      }
    }
  }

  @Test func `several values, masks, and what must hold together`() {
    let families: [UInt64] = [1, 2, 10]
    let others = ArgumentCondition(0, bits: 32, .notEqual, families)
    let flags = ArgumentCondition(1, mask: 0b1011, isEqual: true, [1, 2])
    let noFlags = ArgumentCondition(1, mask: 0b1011, isEqual: false, [1, 2])
    let between = ArgumentCondition(0, bits: 64, .greaterOrEqual, [3])
      .and(ArgumentCondition(0, bits: 64, .lessOrEqual, [9]))
    for first in Self.edges {
      for second: UInt64 in 0..<32 {
        let arguments = [first, second, 0, 0, 0, 0]
        let isFlagged = [1, 2].contains(second & 0b1011)
        #expect(others.holds(for: arguments) == !families.contains(first & 0xffff_ffff))
        #expect(flags.holds(for: arguments) == isFlagged)
        #expect(noFlags.holds(for: arguments) == !isFlagged)
        #expect(between.holds(for: arguments) == (3...9).contains(first))
        #expect(
          between.and(noFlags).or(flags).holds(for: arguments)
            == ((3...9).contains(first) || isFlagged))
      }
    }
    let never = ArgumentCondition(0, bits: 32, .less, [0])
    #expect(never.alternatives.isEmpty && never.or(flags) == flags)
    #expect(between.and(ArgumentCondition(0, bits: 64, .equal, [20])).alternatives.isEmpty)
  }
}

@Suite struct `Names of arguments and constants` {
  /// Those that are macros there, each as the compiler computes it.
  @Test func `constants equal the installed headers`() throws {
    let headers = [
      "sys/socket.h", "netinet/in.h", "sys/ioctl.h", "fcntl.h", "sys/mman.h", "sched.h",
      "sys/prctl.h", "sys/mount.h", "sys/wait.h", "signal.h", "linux/futex.h", "sys/resource.h",
      "time.h", "sys/shm.h", "sys/stat.h", "linux/random.h", "linux/seccomp.h", "linux/keyctl.h",
      "asm/prctl.h", "sys/personality.h", "linux/sockios.h",
    ]
    let base = NSTemporaryDirectory() + "constants-" + UUID().uuidString
    // libc says 0 of the last one, because the kernel sets it by itself.
    let lines = KernelConstants.names.filter { $0 != "O_LARGEFILE" }.map { name in
      "#ifdef \(name)\nprintf(\"\(name) %lld\\n\", (long long)(\(name)));\n#endif"
    }
    let source =
      "#define _GNU_SOURCE\n#include <stdio.h>\n"
      + headers.map { "#include <\($0)>\n" }.joined()
      + "int main(void) {\n\(lines.joined(separator: "\n"))\n}\n"
    try source.write(toFile: base + ".c", atomically: true, encoding: .utf8)
    let script = "cc -w -o \(base) \(base).c && \(base) >\(base).txt"
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", script]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    let said = try String(contentsOfFile: base + ".txt", encoding: .utf8).split(separator: "\n")
    for name in [".c", ".txt", ""] { try FileManager.default.removeItem(atPath: base + name) }
    #expect(said.count > 900)
    for line in said {
      let words = line.split(separator: " ")
      #expect(KernelConstants.value(of: String(words[0])) == Int64(words[1]), "\(line)")
    }
  }

  @Test func `arguments have the names of the manual and the kernel's width`() throws {
    func arguments(_ call: String) throws -> String {
      try #require(SyscallArgument.all(of: call)).map { "\($0.names[0]):\($0.width.rawValue)" }
        .joined(separator: " ")
    }
    #expect(try arguments("ioctl") == "fd:i request:i arg:l")
    #expect(try arguments("write") == "fd:i buf:p count:l")
    #expect(try arguments("socket") == "domain:i type:i protocol:i")
    #expect(try arguments("clone").hasPrefix("flags:i stack:"))
    #expect(try arguments("mmap") == "addr:l length:l prot:i flags:i fd:i offset:l")
    #expect(SyscallArgument.all(of: "getpid") == nil && SyscallArgument.all(of: "x") == nil)
  }
}

@Suite struct `Paths and text` {
  @Test(arguments: [
    ("//a//b/./c/", "/a/b/c"), ("/", "/"), ("a/./b", "a/b"), ("/a/../b", "/a/../b"),
  ])
  func `normalizing removes what means nothing`(path: String, expected: String) {
    #expect(Path(path).normalized == Path(expected))
  }

  @Test func `a path is within a directory by components, not by letters`() {
    #expect(Path("/a/b").isWithin("/a"))
    #expect(Path("/a").isWithin("/a"))
    #expect(!Path("/ab").isWithin("/a"))
    #expect(Path("/a/b").isEntry(of: "/a") && Path("/a").isEntry(of: "/"))
    for path: Path in ["/a", "/a/b/c", "/ab/c", "/", "a/b", "/b/b", ""] {
      #expect(!path.isEntry(of: "/a"))
    }
    #expect(!Path("/a/b").isEntry(of: "/"))
    #expect(Path("/a").isWithin("/"))
  }

  @Test func `text can't repaint the terminal`() {
    #expect(displayed(Array("a\u{1b}[31mb\r\n".utf8)) == "a\\x1b[31mb\\x0d\\x0a")
    #expect(displayed([0x61, 0xff]) == "a\\xff")
    #expect(displayed(Array("\u{202e}x\u{9b}".utf8)) == "\\u{202e}x\\u{9b}")
    #expect(displayed(Array("é漢".utf8)) == "é漢")
  }
}
