internal import Enforcement
internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// The filter's rules that hold at the moment: those of the start, or once its event has come, those of
/// the second phase.
///
/// A class, because each call that asks may be the event.
final class CurrentRules {
  private let first: FilterRules
  private let second: FilterRules?
  private let phase: PlannedPhase?
  private(set) var hasChanged = false

  init(_ plan: Plan, _ policy: Policy) {
    first = FilterRules(plan.filter, policy.syscalls)
    phase = plan.secondPhase
    second = policy.syscalls.afterEvent.flatMap { after in
      plan.secondPhase.map { FilterRules($0.filter, after) }
    }
  }

  /// The verdict on a call, and for all but `.allow` the rule. What is read of the caller's memory is
  /// its own where it still waits.
  func verdict(
    on call: Notification, _ isWaiting: () -> Bool
  ) -> (action: FilterAction, rule: RuleReference?) {
    guard let second else { return verdict(of: first, on: call) }
    if hasChanged { return verdict(of: second, on: call) }
    let before = verdict(of: first, on: call)
    guard isEvent(call), isWaiting() else { return before }
    hasChanged = true
    // The event itself belongs to both phases.
    return before.action == .allow ? before : verdict(of: second, on: call)
  }

  /// Says at the end what never began.
  func finish() {
    guard let phase, !hasChanged else { return }
    let error = PolicyError(
      phase.origin, "seccomp.keep.after", "\(phase.event.text) never came",
      hint: "the first list held to the end")
    Console.warn(error.line)
  }

  /// Whether a signal is the event, and so for the launcher alone.
  func takes(_ signal: Int32) -> Bool {
    guard case .signal(let event)? = phase?.event, event.number == signal else { return false }
    hasChanged = true
    return true
  }

  private func verdict(
    of rules: FilterRules, on call: Notification
  ) -> (action: FilterAction, rule: RuleReference?) {
    rules.verdict(architecture: call.architecture, number: call.number, call.arguments)
  }

  private func isEvent(_ call: Notification) -> Bool {
    guard let phase,
      phase.marks.decision(
        architecture: call.architecture, number: call.number, call.arguments
      ).action == .notify
    else { return false }
    guard case .opened(let file) = phase.event else { return true }
    let description = CallDescription(
      CallName.of(call.number, call.architecture), call.arguments
    ) { address, count in ProcessMemory.read(call.thread, address, count: count) }
    return description.paths.contains { use in
      ProcessView.absolute(use.path, from: use.directory, of: call.thread)?.normalized == file
    }
  }
}
