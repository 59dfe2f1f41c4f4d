internal import KernelTypes
internal import SandboxPolicy

/// The tables that `--debug-…` prints, in Firejail's formats.
enum Lookups {
  static func text(for request: LaunchOptions.Request) -> String {
    switch request {
    case .help(let name):
      DirectiveTable.named(name).map(Help.text) ?? (name == "all" ? Help.all : Help.text)
    case .version:
      Convention.current == .firejail
        ? "firejail version \(Convention.firejailVersion)\n\nThis is sandbox \(Version.number).\n"
        : "sandbox version \(Version.number)\n"
    case .systemCalls: calls(on: .native)
    case .systemCalls32: calls(on: Architecture.native.secondary ?? .native)
    case .errnos: Errno.table.map { "\($0.code)\t- \($0.name)\n" }.joined()
    case .capabilities:
      "Your kernel supports \(Capability.names.count) capabilities.\n"
        + Capability.names.enumerated().map { "\($0)\t- \($1)\n" }.joined()
    case .protocols: SocketFamily.all.map { $0.name + ", " }.joined() + "\n"
    case .check, .checkList, .cleanLayers, .status, .doctor, .export, .running, .integrate,
      .disintegrate:
      ""
    case .groups(let names): groups(names)
    }
  }

  private static func calls(on architecture: Architecture) -> String {
    SystemCall.all(on: architecture).map { "\($0.number)\t- \($0.name)\n" }.joined()
  }

  private static func groups(_ names: [String]) -> String {
    guard !names.isEmpty else {
      let rows = SyscallGroups.all.map { padded($0.name) + $0.summary + "\n" }
      return padded("group") + "what it is for\n" + String(repeating: "-", count: 70) + "\n"
        + rows.joined()
    }
    let wanted = names.contains("@all") ? SyscallGroups.all.map { $0.name } : names
    return wanted.compactMap(SyscallGroups.named).map { group in
      "\(group.name)=\(group.members.filter(isHere).joined(separator: ","))\n"
    }.joined()
  }

  /// Whether a member is a group, or a call of this architecture.
  private static func isHere(_ member: String) -> Bool {
    member.hasPrefix("@") || SystemCall(named: member)?.number(on: .native) != nil
  }

  private static func padded(_ name: String) -> String {
    name + String(repeating: " ", count: max(1, 24 - name.count))
  }
}
