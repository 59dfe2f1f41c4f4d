package import KernelTypes

/// A line of a profile or an option: what decided, and the edit that lifts it.
package struct RuleReference: Hashable, Sendable {
  package let directive: String
  package let origin: Origin
  /// Lines for a .local file; none where no line can allow it.
  package let remedy: [String]

  package init(_ directive: String, _ origin: Origin, remedy: [String]) {
    self.directive = directive
    self.origin = origin
    self.remedy = remedy
  }

  /// What a message says of the remedy.
  package var hint: String {
    remedy.isEmpty
      ? "no line of a profile allows it" : "to allow it: " + remedy.joined(separator: " and ")
  }
}

/// The filter's rules with their places: the same values that it was compiled from.
package struct FilterRules: Sendable {
  private let filter: SyscallFilter
  private let policy: SyscallPolicy

  package init(_ filter: SyscallFilter, _ policy: SyscallPolicy) {
    self.filter = filter
    self.policy = policy
  }

  /// The verdict on a call, and for all but `.allow` the rule.
  package func verdict(
    architecture: UInt32, number: Int, _ arguments: [UInt64]
  ) -> (action: FilterAction, rule: RuleReference?) {
    let (action, part) = filter.decision(architecture: architecture, number: number, arguments)
    guard action != .allow else { return (action, nil) }
    return (action, rule(for: part, architecture, CallName.of(number, architecture), arguments))
  }

  /// One verdict on a call.
  package struct Verdict: Hashable, Sendable {
    /// What must hold of the arguments; empty for the rest.
    package let tests: [ArgumentTest]
    package let action: FilterAction
    /// Nil where no line says anything of the call.
    package let rule: RuleReference?
  }

  /// All verdicts on a call; the first one whose tests hold counts.
  package func verdicts(on call: String, _ filter: ArchitectureFilter) -> [Verdict] {
    let audit = filter.architecture.auditValue
    let special = filter.cases.filter { $0.call == call }.map { rule in
      Verdict(
        tests: rule.tests, action: rule.action,
        rule: self.rule(for: rule.part, audit, call, Array(repeating: 0, count: 6)))
    }
    let action = filter.usualVerdict(on: call)
    let isNamed = filter.rules[call] != nil || filter.otherwise != .allow
    let allowing = policy.allowed.last { setting in
      setting.value.contains { $0.call == .named(call) && $0.condition == nil }
    }
    let rule =
      if action == .allow, let allowing {
        RuleReference("seccomp.allow", allowing.origin, remedy: [])
      } else if isNamed {
        list(audit, call)
      } else {
        RuleReference?.none
      }
    return special + [Verdict(tests: [], action: action, rule: rule)]
  }

  private func rule(
    for part: FilterPart, _ architecture: UInt32, _ call: String, _ arguments: [UInt64]
  ) -> RuleReference {
    switch part {
    case .terminal:
      return RuleReference("", .builtIn("terminal"), remedy: [])
    case .userNamespaces:
      return RuleReference("", .builtIn("user namespaces"), remedy: ["allow-bwrap"])
    case .secondary:
      return reference("seccomp.block-secondary", policy.blocksSecondary, nil)
    case .writeExecute:
      return reference("memory-deny-write-execute", policy.denyWriteExecute, nil)
    case .protocols:
      let family = SocketFamily.all.first { $0.number == UInt32(truncatingIfNeeded: arguments[0]) }
      let isSocket = ["socket", "socketpair"].contains(call)
      let isNative = architecture == Architecture.native.auditValue
      return reference(
        "protocol", policy.protocols.origin,
        isSocket && isNative ? family.map { ["protocol \($0.name)"] } : nil)
    case .namespaces: return reference("restrict-namespaces", policy.namespaces.origin, nil)
    case .list: return list(architecture, call)
    }
  }

  private func list(_ architecture: UInt32, _ call: String) -> RuleReference {
    let isNative = architecture == Architecture.native.auditValue
    let remedy = ["seccomp.allow " + call]
    if !isNative, let list = policy.secondary {
      return RuleReference("seccomp.32" + list.value.form.suffix, list.origin, remedy: remedy)
    }
    if let list = policy.native {
      return RuleReference("seccomp" + list.value.form.suffix, list.origin, remedy: remedy)
    }
    return reference("seccomp.block-secondary", policy.blocksSecondary, remedy)
  }

  /// Without a remedy of its own, the line is ignored: that is what a .local file can do to any.
  private func reference(
    _ directive: String, _ origin: Origin?, _ remedy: [String]?
  ) -> RuleReference {
    guard let origin else { return RuleReference("", .builtIn("filter"), remedy: []) }
    return RuleReference(directive, origin, remedy: remedy ?? ["ignore " + directive])
  }
}

/// Calls as a person knows them.
package enum CallName {
  /// The name of the architecture's table, or `$NUMBER`.
  package static func of(_ number: Int, _ architecture: UInt32) -> String {
    Architecture.allCases.first { $0.auditValue == architecture }
      .flatMap { SystemCall(number: number, on: $0)?.name } ?? "$\(number)"
  }

  /// `ptrace (101)`, and `ptrace (26 of i386)` for the table of another architecture.
  package static func withNumber(_ number: Int, _ architecture: UInt32) -> String {
    let table = Architecture.allCases.first { $0.auditValue == architecture }
    let suffix = table == .native ? "" : " of " + (table?.rawValue ?? "an unknown architecture")
    return "\(of(number, architecture)) (\(number)\(suffix))"
  }
}
