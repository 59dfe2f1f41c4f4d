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
      let calls = SyscallGroups.calls(of: group.name) ?? []
      #expect(!calls.isEmpty, "\(group.name)")
      for call in calls { #expect(SystemCall(named: call) != nil, "\(group.name): \(call)") }
    }
    #expect(
      SyscallGroups.calls(of: "@clock") == [
        "adjtimex", "clock_adjtime", "clock_settime",
        "clock_adjtime64", "clock_settime64", "old_adjtimex",
      ])
  }

  @Test func `every twin is a call of i386`() {
    for name in SystemCall.names {
      for twin in SyscallTwins.onI386(of: name) {
        let exists = SystemCall(named: twin)?.number(on: .i386) != nil
        #expect(exists || SyscallTwins.multiplexed.contains(twin), "\(twin)")
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

@Suite struct `Argument blocks` {
  private func isOutside(_ value: UInt32, _ tests: [ArgumentTest]) -> Bool {
    tests.contains { $0.holds(for: [UInt64(value)]) }
  }

  @Test(arguments: [[], [0], [1, 2, 10], [0, .max], [0x8000_0000], [46], [31, 32, 33]])
  func `the complement holds for exactly the other values`(values: [UInt32]) {
    let tests = ArgumentBlocks.outside(Set(values), argument: 0)
    var samples = Set((0...300).map(UInt32.init))
    for bit in 0..<32 {
      let power = UInt32(1) << UInt32(bit)
      samples.formUnion([power &- 1, power, power &+ 1])
    }
    samples.insert(.max)
    for sample in samples {
      #expect(isOutside(sample, tests) == !values.contains(sample), "\(sample)")
    }
  }

  @Test func `the upper half of a register is not looked at`() {
    let tests = ArgumentBlocks.outside([1], argument: 0)
    #expect(!tests.contains { $0.holds(for: [0xffff_ffff_0000_0001]) })
    #expect(tests.contains { $0.holds(for: [0xffff_ffff_0000_0002]) })
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
    #expect(Path("/a").isWithin("/"))
  }

  @Test func `text can't repaint the terminal`() {
    #expect(displayed(Array("a\u{1b}[31mb\r\n".utf8)) == "a\\x1b[31mb\\x0d\\x0a")
    #expect(displayed([0x61, 0xff]) == "a\\xff")
    #expect(displayed(Array("\u{202e}x\u{9b}".utf8)) == "\\u{202e}x\\u{9b}")
    #expect(displayed(Array("é漢".utf8)) == "é漢")
  }
}
