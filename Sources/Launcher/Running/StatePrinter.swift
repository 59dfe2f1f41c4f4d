internal import Enforcement
internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// `--*.print`: how a running sandbox is confined, as the kernel tells it where it does.
struct StatePrinter {
  let host: LiveHost
  let isJSON: Bool

  func run(_ state: PrintedState, _ word: [UInt8]) throws(RunningError) {
    switch state {
    case .nameServers:
      try FileTransfer(host: host, action: .print).run(word, [Array("/etc/resolv.conf".utf8)])
    case .profile:
      guard let profile = try RunningSandboxes.named(word).record.profile else {
        throw RunningError("read no profile")
      }
      put([("profile", .string(profile.description))], profile.description + "\n")
    case .protocols:
      let families = try RunningSandboxes.named(word).record.protocols
      put(
        [("protocol", families.map { .array($0.map(JSON.string)) } ?? .null)],
        families.map { $0.joined(separator: ",") + "\n" } ?? "")
    case .capabilities: try look(word, putCapabilities)
    case .processors: try look(word, putProcessors)
    case .files: try look(word, putFiles)
    case .filter: try look(word, putFilter)
    case .appArmor: try look(word, putAppArmor)
    }
  }

  private func look(
    _ word: [UInt8], _ print: (RunningSandbox, _ program: Int32) throws(SystemCallError) -> Void
  ) throws(RunningError) {
    let (sandbox, program) = try RunningSandboxes.ready(word)
    try RunningError.passing { () throws(SystemCallError) in try print(sandbox, program) }
  }

  private func put(_ members: [(String, JSON)], _ text: String) {
    Console.print(isJSON ? JSON.object(members).text + "\n" : text)
  }

  private func putCapabilities(_: RunningSandbox, _ program: Int32) throws(SystemCallError) {
    let mask = try Processes.fields(of: "\(program)")["CapBnd"].flatMap { UInt64($0, radix: 16) }
    let enabled = Capability.names(in: mask ?? 0)
    put(
      [("capabilities", .array(enabled.map(JSON.string)))],
      Capability.names.map { name in
        name + String(repeating: " ", count: max(0, 18 - name.count)) + "  - "
          + (enabled.contains(name) ? "enabled" : "disabled") + "\n"
      }.joined())
  }

  private func putProcessors(_: RunningSandbox, _ program: Int32) throws(SystemCallError) {
    let list = try Processes.fields(of: "\(program)")["Cpus_allowed_list"] ?? ""
    put([("processors", .string(list))], "  Cpus_allowed_list:\t\(list)\n")
  }

  private func putAppArmor(
    _ sandbox: RunningSandbox, _ program: Int32
  ) throws(SystemCallError) {
    let profile = try Self.appArmor(program)
    put(
      [("apparmor", .string(profile))],
      ProcessLine.text(
        sandbox.pid, user: try AccountNames("/etc/passwd")[sandbox.user],
        name: sandbox.record.name ?? "", command: try sandbox.command)
        + "\n  AppArmor: \(profile)\n")
  }

  static func appArmor(_ program: Int32) throws(SystemCallError) -> String {
    do throws(SystemCallError) {
      let text = try FileDescriptor.open(Path("/proc/\(program)/attr/current"), 0)
        .readAll(limit: 4096)
      return displayed(text.prefix { $0 != 10 && $0 != 0 })
    } catch {
      // This kernel has no such layer.
      guard [.noEntry, .invalid, .accessDenied].contains(error.errno) else { throw error }
      return "unconfined"
    }
  }

  /// From the kernel's list of the program's mounts that the caller does not have.
  private func putFiles(
    _ sandbox: RunningSandbox, _ program: Int32
  ) throws(SystemCallError) {
    let mounts = try Measurement(of: program).mounts
    var lines: [(verb: String, path: Path)] = []
    for mount in mounts {
      let options = mount.options.split(separator: ",")
      switch mount.type {
      case _ where mount.isCover: lines.append(("blacklist", mount.path))
      case _ where mount.isReplacement: lines.append(("tmpfs", mount.path))
      case "proc" where mount.root == "/", "sysfs" where mount.root == "/", "devpts":
        lines.append(("mount", mount.path))
      default:
        if options.contains("ro") { lines.append(("read-only", mount.path)) }
        if options.contains("noexec") { lines.append(("noexec", mount.path)) }
        if !options.contains("ro"), !options.contains("noexec") {
          lines.append(("whitelist", mount.path))
        }
      }
    }
    let root = sandbox.record.hasRoot ? "chroot" : "local"
    put(
      [
        ("name", sandbox.record.name.map(JSON.string) ?? .null),
        ("pid", .number(Int(sandbox.pid))), ("root", .string(root)),
        (
          "files",
          .array(lines.map { .object([($0.verb, .string($0.path.description))]) })
        ),
      ],
      "sandbox name: \(sandbox.record.name ?? "")\nsandbox pid: \(sandbox.pid)\n"
        + "sandbox filesystem: \(root)\n" + lines.map { "\($0.verb) \($0.path)\n" }.joined())
  }

  private func putFilter(_ sandbox: RunningSandbox, _: Int32) {
    guard let program = FilterProgram(bytes: sandbox.record.filter) else { return }
    let lines = program.instructions.enumerated().map { line, instruction in
      InstructionLine.text(instruction, line)
    }
    put(
      [("instructions", .array(lines.map(JSON.string)))],
      "FILE: the filter of \(sandbox.pid)\n line  OP JT JF    K\n=================================\n"
        + lines.map { $0 + "\n" }.joined() + "\n")
  }
}

/// One instruction in Firejail's format: ` 0001: 15 01 00 c000003e   jeq ARCH_64 0003 (false 0002)`.
private enum InstructionLine {
  static func text(_ instruction: FilterInstruction, _ line: Int) -> String {
    let operand = instruction.operand
    let fields = [
      " " + hexadecimal(UInt32(line), 4) + ":", hexadecimal(UInt32(instruction.code), 2),
      hexadecimal(UInt32(instruction.ifTrue), 2), hexadecimal(UInt32(instruction.ifFalse), 2),
      hexadecimal(operand, 8),
    ]
    let ways =
      " " + hexadecimal(UInt32(line + 1 + Int(instruction.ifTrue)), 4) + " (false "
      + hexadecimal(UInt32(line + 1 + Int(instruction.ifFalse)), 4) + ")"
    let meaning =
      switch instruction.code {
      case 0x20: "ld  " + field(operand)
      case 0x54: "and " + hexadecimal(operand, 1)
      case 0x05: "jmp " + hexadecimal(UInt32(line + 1) + operand, 4)
      case 0x06: "ret " + answer(operand)
      case 0x15: "jeq " + value(operand) + ways
      case 0x25: "jgt " + hexadecimal(operand, 1) + ways
      case 0x35: "jge " + hexadecimal(operand, 1) + ways
      default: "jeq a word of the launch key" + ways
      }
    return fields.joined(separator: " ") + "   " + meaning
  }

  private static func field(_ offset: UInt32) -> String {
    switch offset {
    case 0: "data.syscall-number"
    case 4: "data.architecture"
    case 16...: "data.args[\((offset - 16) / 8)]" + (offset % 8 == 0 ? "" : " (upper half)")
    default: "data[\(offset)]"
    }
  }

  private static func value(_ operand: UInt32) -> String {
    switch operand {
    case 0xc000_003e: "ARCH_64"
    case 0x4000_0003: "ARCH_32"
    default: hexadecimal(operand, 1)
    }
  }

  private static func answer(_ value: UInt32) -> String {
    switch value {
    case FilterAction.allow.returnValue: "ALLOW"
    case FilterAction.killProcess.returnValue, FilterAction.killThread.returnValue: "KILL"
    case FilterAction.log.returnValue: "LOG"
    case FilterAction.trap.returnValue: "TRAP"
    case FilterAction.notify.returnValue: "NOTIFY"
    case 0x5_0000...0x5_ffff: "ERRNO(\(value & 0xffff))"
    default: hexadecimal(value, 8)
    }
  }

  private static func hexadecimal(_ value: UInt32, _ width: Int) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
