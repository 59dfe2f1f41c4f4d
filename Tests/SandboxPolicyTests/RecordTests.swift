import KernelTypes
import SandboxPolicy
import TestSupport
import Testing

@Suite struct `Records of running sandboxes` {
  private static func record(_ lines: String, host: FakeHost = FakeHost()) throws -> SandboxRecord {
    let policy = try read(lines, host: host).recorder.policy
    let plan = try Planner.plan(
      policy, running: Command(program: Array("true".utf8), arguments: []), on: host)
    return SandboxRecord(
      plan, policy, profile: "/p/test.profile", filter: [1, 2, 3], launcher: 7, first: 8)
  }

  static let lines = """
    name one
    net none
    nice 3
    cpu 0,1
    rlimit-nofile 99
    caps.keep chown,kill
    protocol unix,inet
    nogroups
    apparmor loaded
    landlock.enforce
    landlock.fs.read /usr
    landlock.fs.execute /usr
    seccomp
    env A=b
    """

  @Test(arguments: [true, false])
  func `come back from their bytes as they were`(isRoot: Bool) throws {
    var host = FakeHost(["/usr/"])
    host.isPrivileged = isRoot
    let record = try Self.record(Self.lines, host: host)
    #expect(SandboxRecord(bytes: record.bytes) == record)
    #expect(record.name == "one" && record.protocols == ["unix", "inet"])
    #expect(record.namespaces.contains([.mount, .network]))
    let plain = try Self.record("")
    #expect(SandboxRecord(bytes: plain.bytes) == plain && plain.protocols == nil)
  }

  @Test func `are none where a byte is missing or added`() throws {
    let bytes = try Self.record(Self.lines).bytes
    for count in 0..<bytes.count {
      #expect(SandboxRecord(bytes: Array(bytes.prefix(count))) == nil, "\(count)")
    }
    #expect(SandboxRecord(bytes: bytes + [0]) == nil)
  }

  /// Whatever confines the first program has to hold for the next.
  @Test func `hold each step that confines, in the order of the plan`() throws {
    var host = FakeHost(["/usr/"])
    host.supplementaryGroups = [4]
    let record = try Self.record(Self.lines, host: host)
    let command = Command(program: Array("ls".utf8), arguments: [])
    let steps = record.steps(running: "/bin/ls", command, environment: [], in: ["/"])
    let names = steps.map { "\($0.operation)".prefix { $0 != ":" && $0 != "/" } }.joined(
      separator: "; ")
    for part in [
      "run on processors", "set priority", "drop capabilities", "set no_new_privs", "landlock",
      "AppArmor profile", "set limit nofile", "close descriptors", "install filter", "execute",
    ] { #expect(names.contains(part), "\(part): \(names)") }
    guard case .execute = steps.last?.operation else { return #expect(Bool(false)) }
  }

  @Test func `say why nobody can join a sandbox in phases`() throws {
    #expect(try Self.record("seccomp.keep.after listen read").refusal?.contains(":1") == true)
  }
}
