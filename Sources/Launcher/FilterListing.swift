internal import KernelTypes
internal import SandboxPolicy

/// `--debug-filter`: what the filter says to each call, and which rule makes it say so.
struct FilterListing {
  private let phases: [Phase]

  private struct Phase {
    let title: String
    let filter: SyscallFilter
    let rules: FilterRules
  }

  init(_ policy: Policy, _ plan: Plan) {
    let event = plan.secondPhase?.event.text ?? ""
    let first = Phase(
      title: event.isEmpty ? "" : "until \(event)", filter: plan.filter,
      rules: FilterRules(plan.filter, policy.syscalls))
    let second = plan.secondPhase.map { phase in
      Phase(
        title: "after \(event)", filter: phase.filter,
        rules: FilterRules(phase.filter, policy.syscalls.afterEvent ?? policy.syscalls))
    }
    phases = [first] + [second].compactMap { $0 }
  }

  func text(isJSON: Bool) -> String {
    phases.map { phase in
      (isJSON || phase.title.isEmpty ? "" : phase.title + "\n") + text(phase, isJSON: isJSON)
    }.joined()
  }

  private func text(_ phase: Phase, isJSON: Bool) -> String {
    phase.filter.architectures.map { part in
      let title = isJSON ? "" : "\(part.architecture.rawValue)\n"
      return title
        + SystemCall.all(on: part.architecture).map { number, name in
          phase.rules.verdicts(on: name, part).map { verdict in
            isJSON
              ? json(verdict, number, name, part, phase) + "\n" : line(verdict, number, name)
          }.joined()
        }.joined()
        + (isJSON ? "" : "other numbers\t\(part.unknown.word)\n")
    }.joined() + (isJSON ? "" : "other architectures\t\(phase.filter.foreign.word)\n")
  }

  private func line(_ verdict: FilterRules.Verdict, _ number: Int, _ name: String) -> String {
    let fields = [
      "\(number)", name, verdict.action.word, condition(verdict, name),
      verdict.rule.map { place(of: $0) } ?? "",
    ]
    var text = fields.joined(separator: "\t")
    while text.last == "\t" { text.removeLast() }
    return text + "\n"
  }

  private func place(of rule: RuleReference) -> String {
    rule.directive.isEmpty ? rule.origin.description : "\(rule.origin): \(rule.directive)"
  }

  private func condition(_ verdict: FilterRules.Verdict, _ name: String) -> String {
    let arguments = SyscallArgument.all(of: name) ?? []
    return verdict.tests.map { $0.text(arguments) }.joined(separator: ",")
  }

  private func json(
    _ verdict: FilterRules.Verdict, _ number: Int, _ name: String, _ part: ArchitectureFilter,
    _ phase: Phase
  ) -> String {
    JSON.object([
      ("phase", .string(phase.title)),
      ("architecture", .string(part.architecture.rawValue)), ("number", .number(number)),
      ("name", .string(name)), ("verdict", .string(verdict.action.word)),
      ("condition", .string(condition(verdict, name))),
      ("directive", .string(verdict.rule?.directive ?? "")),
      ("origin", verdict.rule?.origin.json ?? .null),
    ]).text
  }
}
