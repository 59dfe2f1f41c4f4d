internal import KernelTypes
internal import SandboxPolicy

/// `--plan`: the policy and the plan, each line with its place.
struct PlanListing {
  let policy: Policy
  let plan: Plan
  let profiles: [Path]

  func text(isJSON: Bool) -> String { isJSON ? json.text + "\n" : lines.map { $0 + "\n" }.joined() }

  private var lines: [String] {
    ["profiles"] + profiles.map { "  \($0)" } + ["policy"]
      + policy.listing.map { "  " + $0.text } + ["plan"] + plan.steps.map { "  " + $0.description }
      + section("without effect", notes) + section("missing here", plan.missing)
      + section("warnings", plan.warnings)
  }

  private func section(_ title: String, _ entries: [PolicyError]) -> [String] {
    entries.isEmpty ? [] : [title] + entries.map { "  " + $0.line }
  }

  private var notes: [PolicyError] {
    policy.notes.map { PolicyError($0.origin, $0.directive, $0.reason) } + plan.notes
  }

  private var json: JSON {
    .object([
      ("profiles", .array(profiles.map { .string($0.description) })),
      (
        "policy",
        .array(
          policy.listing.map { line in
            .object([
              ("directive", .string(line.directive)), ("value", .string(line.value)),
              ("origin", line.origin.json),
            ])
          })
      ),
      (
        "plan",
        .array(
          plan.steps.map { step in
            .object([
              ("operation", .string(step.operation.description)), ("origin", step.origin.json),
            ])
          })
      ),
      ("withoutEffect", .array(notes.map { $0.json })),
      ("missing", .array(plan.missing.map { $0.json })),
      ("warnings", .array(plan.warnings.map { $0.json })),
    ])
  }
}
