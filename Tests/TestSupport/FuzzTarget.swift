internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// A reader of bytes that strangers may write. It takes any bytes: what traps, hangs or breaks a
/// promise is a defect.
package enum FuzzTarget: String, CaseIterable {
  /// A profile, read, planned and made into a filter; lines after one of `==` are another profile's.
  case profile
  /// Options of the command line, one in each line.
  case options
  /// A list of system calls with rules for arguments.
  case rules
  /// Arguments of a call (number in two bytes, then six of eight bytes) and its caller's memory.
  case notification
  /// /etc/passwd and /etc/group.
  case accounts
  /// A program file.
  case executable
  /// What a launcher says of its sandbox.
  case record
  /// Messages on a bus.
  case bus
  /// A profile that --build has written before.
  case learned

  package func run(_ bytes: [UInt8]) {
    switch self {
    case .profile:
      let parts = bytes.split(separator: Array("==\n".utf8), maxSplits: 1)
      plan(
        [], profile: Array(parts.first ?? []), other: parts.count > 1 ? Array(parts[1]) : [],
        on: Self.host)
    case .options:
      plan(bytes.split(separator: 10).map { Array($0) }, on: Self.host)
    case .rules:
      for name in ["seccomp.keep", "seccomp", "seccomp.drop"] {
        plan([Array("--\(name)=".utf8) + bytes], on: Self.host)
      }
    case .notification: describe(bytes)
    case .accounts:
      var host = Self.host
      host.texts["/etc/passwd"] = bytes
      host.texts["/etc/group"] = bytes
      host.add("/etc/passwd", owner: 0)
      host.add("/etc/group", owner: 0)
      plan([], on: host)
    case .executable:
      guard let file = ExecutableFile(bytes) else { return }
      precondition(file.libraries.allSatisfy { !$0.contains(0) }, "a name holds a NUL")
    case .record:
      guard let record = SandboxRecord(bytes: bytes) else { return }
      precondition(
        SandboxRecord(bytes: record.bytes)?.bytes == record.bytes, "a record is not read as written"
      )
    case .bus:
      for message in BusMessage.all(in: bytes) { _ = BusUse(message, on: .user) }
    case .learned:
      let learned = Learned(readingFrom: bytes)
      _ = Learned(readingFrom: Array(learned.lines.joined(separator: "\n").utf8)).merging(learned)
    }
  }

  private static let host = FakeHost([
    "/etc/", "/usr/", "/usr/lib/", "/home/ann/.ssh/", "/home/ann/.config/", "/home/ann/notes",
  ])

  /// As the launcher does it. An error is an answer; it must say where it comes from.
  private func plan(
    _ options: [[UInt8]], profile: [UInt8] = [], other: [UInt8] = [], on host: FakeHost
  ) {
    do {
      let texts = [
        "/p/test.profile": profile, "/p/other.profile": other, "/p/other.inc": other,
      ]
      var reader = try read(bytes: texts, host: host)
      for option in options { try reader.readOption(option[...]) }
      let command = Command(program: Array("true".utf8), arguments: [])
      let plan = try Planner.plan(reader.recorder.policy, running: command, on: host)
      for step in plan.steps {
        guard case .installFilter(let filter) = step.operation else { continue }
        _ = try FilterCompiler.template(filter)
      }
    } catch let error as PolicyError {
      precondition(!error.line.isEmpty, "an error without words")
    } catch is FilterError {
    } catch {
      fatalError("\(error)")
    }
  }

  private func describe(_ bytes: [UInt8]) {
    guard bytes.count >= 50 else { return }
    func word(_ start: Int, _ count: Int) -> UInt64 {
      bytes[start..<start + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    let names = SystemCall.names
    let name = names[Int(word(0, 2)) % names.count]
    let arguments = (0..<6).map { word(2 + $0 * 8, 8) }
    let memory = bytes[50...]
    let description = CallDescription(name, arguments) { (address, count) in
      // An address is a place in the rest of the bytes.
      let start = memory.startIndex + Int(address % UInt64(memory.count + 1))
      return Array(memory[start...].prefix(count))
    }
    precondition(
      description.text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }, "not safe on a terminal")
  }
}
