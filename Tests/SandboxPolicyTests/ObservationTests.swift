import KernelTypes
import SandboxPolicy
import TestSupport
import Testing

@Suite struct `Watching a program` {
  private func described(
    _ name: String, _ arguments: [UInt64], memory: [UInt64: [UInt8]] = [:]
  ) -> CallDescription {
    CallDescription(name, arguments + Array(repeating: 0, count: 6 - arguments.count)) {
      address, count in
      for (start, bytes) in memory where address >= start && address < start + UInt64(bytes.count) {
        return Array(bytes[Int(address - start)...].prefix(count))
      }
      return []
    }
  }

  @Test func `calls are shown with their arguments`() {
    let path = Array("/etc/\u{1b}[2Jx\0".utf8)
    let open = described(
      "openat", [UInt64(bitPattern: -100), 0x1000, 0o2000101, 0o644], memory: [0x1000: path])
    #expect(open.text == "openat(AT_FDCWD, \"/etc/\\x1b[2Jx\", O_WRONLY|O_CREAT|O_CLOEXEC, 0644)")
    #expect(open.paths.map(\.access) == [.create] && open.paths[0].directory == nil)
    #expect(
      described("socket", [2, 0o2000001, 6]).text == "socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, 6)")
    #expect(described("unshare", [0x1002_0000]).text == "unshare(CLONE_NEWNS|CLONE_NEWUSER)")
    #expect(
      described("rename", [0x10, 0x20], memory: [0x10: [97, 0], 0x20: [98, 0]]).paths.count == 2)
    // Memory that ends, or a pointer to nothing.
    #expect(described("stat", [0x5000], memory: [0x5000: [97]]).text == "stat(0x5000)")
    #expect(described("stat", [0]).paths.isEmpty)
    let inet: [UInt8] = [2, 0, 0, 80, 192, 0, 2, 1] + [UInt8](repeating: 0, count: 8)
    #expect(
      described("connect", [3, 0x10, 16], memory: [0x10: inet]).text == "connect(3, 192.0.2.1:80)")
    let abstract: [UInt8] = [1, 0, 0, 120]
    #expect(
      described("connect", [3, 0x10, 4], memory: [0x10: abstract]).address == .abstract([120]))
  }

  @Test func `a filter that asks asks where the other one refuses`() {
    var filter = SyscallFilter(
      architectures: [
        ArchitectureFilter(
          .x86_64, otherwise: .allow,
          rules: ["mkdir": .killProcess, "rmdir": .errno(.notPermitted)])
      ], foreign: .errno(.unsupportedCall))
    filter.architectures[0].guards = [Guard("ioctl", [.equals(1, 0x5412)], .errno(.notPermitted))]
    let kills = Watch.kills.asking(filter).architectures[0]
    #expect(kills.verdict(on: "mkdir") == .notify && kills.verdict(on: "rmdir") != .notify)
    let refusals = Watch.refusals.asking(filter)
    #expect(
      refusals.architectures[0].verdict(on: "rmdir") == .notify && refusals.foreign == .notify)
    #expect(refusals.architectures[0].verdict(on: "ioctl", [0, 0x5412]) == .notify)
    #expect(refusals.architectures[0].verdict(on: "ioctl", [0, 1]) == .allow)
    // A look at a path is asked about, and let through.
    #expect(refusals.architectures[0].verdict(on: "openat") == .notify)
    #expect(refusals.architectures[0].verdict(on: "read") == .allow)
    #expect(Watch.everything.asking(filter).architectures[0].verdict(on: "read") == .notify)
  }

  @Test func `a refusal names the rule and the line that lifts it`() throws {
    let policy = try read(
      "protocol unix\nseccomp.drop mkdir\nmemory-deny-write-execute\nrestrict-namespaces net"
    ).recorder.policy.syscalls
    let rules = FilterRules(FilterBuilder.filter(for: policy, native: .x86_64), policy)
    func rule(_ call: String, _ arguments: [UInt64]) throws -> RuleReference? {
      let number = try #require(SystemCall(named: call)?.number(on: .x86_64))
      let padded = arguments + Array(repeating: 0, count: 6 - arguments.count)
      return rules.verdict(
        architecture: Architecture.x86_64.auditValue, number: number, padded
      ).rule
    }
    let socket = try rule("socket", [2, 1])
    #expect(
      socket?.origin == .file("/p/test.profile", line: 1) && socket?.remedy == ["protocol inet"])
    let mkdir = try rule("mkdir", [])
    #expect(mkdir?.directive == "seccomp.drop" && mkdir?.remedy == ["seccomp.allow mkdir"])
    #expect(try rule("mmap", [0, 1, 7])?.remedy == ["ignore memory-deny-write-execute"])
    #expect(try rule("unshare", [0x4000_0000])?.origin == .file("/p/test.profile", line: 4))
    #expect(try rule("read", []) == nil)
    #expect(try rule("ioctl", [0, 0x5412])?.remedy == [])
  }

  @Test func `seccomp.allow takes calls out of any list`() throws {
    for list in ["seccomp.drop mkdir,rmdir", "seccomp.keep read", "seccomp mkdir,rmdir"] {
      let policy = try read("seccomp.allow mkdir\n" + list).recorder.policy.syscalls
      let filter = FilterBuilder.filter(for: policy, native: .x86_64)
      #expect(filter.architectures.allSatisfy { $0.verdict(on: "mkdir") == .allow }, "\(list)")
      #expect(filter.architectures[0].verdict(on: "rmdir") != .allow, "\(list)")
    }
    #expect(refusal("seccomp.allow !mkdir")?.contains("names, groups and numbers alone") == true)
    #expect(refusal("seccomp.allow mkdir:EPERM") != nil)
  }

  /// A message as libraries write it, in either order of bytes.
  private func message(
    type: UInt8 = 1, isBig: Bool = false, fields: [(UInt8, Character, String)], body: String? = nil
  ) -> [UInt8] {
    func word(_ value: Int) -> [UInt8] {
      let bytes = [24, 16, 8, 0].map { UInt8(value >> $0 & 0xff) }
      return isBig ? bytes : bytes.reversed()
    }
    func padded(_ bytes: [UInt8], _ count: Int) -> [UInt8] {
      bytes + Array(repeating: 0, count: (count - bytes.count % count) % count)
    }
    func text(_ value: String) -> [UInt8] { word(value.utf8.count) + Array(value.utf8) + [0] }
    var list: [UInt8] = []
    for (code, kind, value) in fields + (body == nil ? [] : [(8, "g", "su")]) {
      list = padded(list, 8) + [code, 1, kind.asciiValue ?? 0, 0]
      list += kind == "g" ? [UInt8(value.utf8.count)] + Array(value.utf8) + [0] : text(value)
    }
    let content = body.map { padded(text($0), 4) + word(7) } ?? []
    return padded(
      [isBig ? 0x42 : 0x6c, type, 0, 1] + word(content.count) + word(9) + word(list.count) + list, 8
    )
      + content
  }

  @Test(arguments: [false, true])
  func `messages to a bus are read`(isBig: Bool) throws {
    let call = message(
      isBig: isBig,
      fields: [
        (1, "o", "/a/b"), (2, "s", "org.x.I"), (3, "s", "Do"), (6, "s", "org.x.Name"),
      ])
    let own = message(
      isBig: isBig,
      fields: [(3, "s", "RequestName"), (6, "s", "org.freedesktop.DBus")], body: "org.own.Name")
    let read = BusMessage.all(in: call + own + call.dropLast(20))
    #expect(read.count == 2)
    #expect(BusUse(read[0], on: .user) == BusUse(.user, .talk, "org.x.Name"))
    #expect(BusUse(read[1], on: .system) == BusUse(.system, .own, "org.own.Name"))
    // Answers, connections, the bus itself, and names that would say more than themselves.
    let passed = [
      message(type: 2, fields: [(6, "s", "org.x.Name")]), message(fields: [(6, "s", ":1.5")]),
      message(fields: [(3, "s", "Hello"), (6, "s", "org.freedesktop.DBus")]),
      message(fields: [(6, "s", "org.*")]), message(fields: [(6, "s", "org.x\ninclude y")]),
    ]
    for bytes in passed {
      let message = try #require(BusMessage.all(in: bytes).first)
      #expect(BusUse(message, on: .user) == nil)
    }
    // Cut anywhere, or with any byte another: no crash, and no name that is none.
    for count in call.indices { #expect(BusMessage.all(in: Array(call[..<count])).count <= 1) }
    for index in call.indices {
      for byte: UInt8 in [0, 1, 0x6c, 0x7f, 0xff] {
        var other = call
        other[index] = byte
        for message in BusMessage.all(in: other) { _ = BusUse(message, on: .user) }
      }
    }
  }

  @Test func `a bus's rules decide as its proxy does`() throws {
    let rules = """
      dbus-user.talk org.talk.*
      dbus-user.own org.own.Name
      dbus-user.see org.see.Name
      dbus-user.call org.call.Name=org.x.I.*@/a/*
      dbus-user.call org.one.Name=org.x.I.Do

      """
    var policy = try read(rules, host: FakeHost()).recorder.policy.buses
    let message = try #require(
      BusMessage.all(
        in: message(fields: [(1, "o", "/a/b"), (2, "s", "org.x.I"), (3, "s", "Do")])
      ).first)
    func isRefused(_ verb: BusPolicy.Rule.Verb, _ name: String, _ bus: Bus = .user) -> Bool {
      policy.refusal(of: BusUse(bus, verb, name), message) != nil
    }
    #expect(!isRefused(.talk, "org.nobody.X"))
    policy = try read(rules + "dbus-user filter\n", host: FakeHost()).recorder.policy.buses
    for (verb, name, refused) in [
      (.talk, "org.talk", false), (.talk, "org.talk.a.b", false), (.talk, "org.talker.a", true),
      (.own, "org.talk.a", true), (.own, "org.own.Name", false), (.talk, "org.own.Name", false),
      (.see, "org.see.Name", false), (.talk, "org.see.Name", true), (.see, "org.call.Name", false),
      (.talk, "org.call.Name", false), (.talk, "org.one.Name", false), (.talk, "org.x.Y", true),
    ] as [(BusPolicy.Rule.Verb, String, Bool)] {
      #expect(isRefused(verb, name) == refused, "\(verb) \(name)")
    }
    #expect(!isRefused(.talk, "org.x.Y", .system))
  }

  @Test func `a record is read as it was written`() {
    var learned = Learned()
    learned.runs = 2
    learned.calls = [
      "read": .init(count: 7, askers: ["libc.so.6", "ld.so"]), "$999": .init(count: 1),
    ]
    learned.families = ["inet": 3, "40": 1]
    learned.paths = [Path("/home/u/.config/a b"): .init(count: 2, isWritten: true)]
    learned.programs = [Path("/usr/bin/x"): 4]
    learned.namespaces = ["user": 1]
    learned.writeExecute = 5
    learned.buses = [.user]
    learned.busUses[BusUse(.user, .talk, "org.example.Name")] = 2
    let text = Array(learned.lines.joined(separator: "\n").utf8)
    #expect(Learned(readingFrom: text) == learned)
    let twice = learned.merging(learned)
    #expect(twice.runs == 4 && twice.calls["read"]?.count == 14 && twice.families["inet"] == 6)
    #expect(Learned(readingFrom: Array("seccomp\n#: call\n#: x y\n".utf8)) == Learned())
  }

  @Test func `paths are gathered to what a profile names`() {
    let places = Places(home: "/home/u", uid: 1000)
    for (path, place) in [
      ("/home/u/.config/app/deep/file", "/home/u/.config/app"),
      ("/home/u/.apprc", "/home/u/.apprc"),
      ("/home/u/.local/share/app/x", "/home/u/.local/share/app"),
      ("/home/u/Documents/a/b", "/home/u/Documents"), ("/etc/ssl/certs/x", "/etc/ssl"),
      ("/usr/share/app/x", "/usr/share/app"), ("/var/lib/app/db", "/var/lib/app"),
      ("/run/user/1000/pulse/native", "/run/user/1000/pulse"), ("/dev/snd/x", "/dev/snd"),
    ] as [(Path, Path)] {
      #expect(places.place(of: path) == place, "\(path)")
    }
    for path: Path in ["/home/u", "/home/u/.config", "/usr/lib/x", "/proc/self/maps", "/"] {
      #expect(places.place(of: path) == nil, "\(path)")
    }
  }

  @Test func `names that a program chose can't widen its profile`() {
    var learned = Learned()
    learned.runs = 1
    learned.calls = ["read": .init(count: 1)]
    for name in ["*", "a#b", "x\nseccomp.allow ptrace", "[a]", "a,b", "two  blanks", "plain"] {
      learned.paths[Path("/home/u/" + name)] = .init(count: 1, isWritten: true)
      learned.paths[Path("/etc/" + name)] = .init(count: 1)
      learned.programs[Path("/usr/bin/" + name)] = 1
    }
    let facts = ProfileWriter.Facts(
      program: "/usr/bin/x", home: "/home/u", uid: 1000, date: "2026-11-21",
      kind: { _ in .regular }, isCommon: { _ in false }, isDenied: { _ in true })
    let text = ProfileWriter(learned, facts, additions: []).text(extending: nil)
    let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
    #expect(lines.filter { $0.hasPrefix("whitelist ") } == ["whitelist ${HOME}/plain  # 1"])
    #expect(lines.contains("private-etc plain") && lines.contains("private-bin plain,x"))
    #expect(!lines.contains { $0.hasPrefix("seccomp.allow") || $0.contains("*") })
    // Another run writes the same again, and one by hand stays.
    let again = ProfileWriter(learned, facts, additions: ["write"]).text(
      extending: Array((text + "nodvd\nenv A=1\n").utf8))
    #expect(again.contains("\nenv A=1\n") && again.contains("\nseccomp.keep read,write\n"))
    let third = ProfileWriter(learned, facts, additions: ["close"]).text(
      extending: Array(again.utf8))
    #expect(third.contains("\nseccomp.keep close,read\n"), "\(third)")
  }

  @Test func `at most half as many calls are added, and none twice`() {
    let seen: Set<String> = [
      "read", "write", "openat", "close", "connect", "socket", "poll", "execve", "clone3", "futex",
    ]
    let added = CallFamilies.additions(to: seen)
    #expect(added.count == 5 && Set(added).count == 5 && Set(added).isDisjoint(with: seen))
    #expect(added.prefix(2) == ["exit_group", "rt_sigprocmask"])
    #expect(added.allSatisfy { SystemCall(named: $0) != nil })
    let all = CallFamilies.additions(to: Set(SystemCall.names.prefix(400)))
    #expect(all.allSatisfy { SystemCall(named: $0) != nil })
  }
}
