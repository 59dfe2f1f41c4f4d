internal import Enforcement
internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

extension NotificationAnswer {
  /// What a filter's verdict means where somebody answers for it. Nobody but the kernel can make a
  /// trap, and no filter asks about one; a call that came here all the same would be refused.
  init(_ action: FilterAction) {
    switch action {
    case .allow, .log: self = .goOn
    case .trap, .trace, .notify: self = .fail(.unsupportedCall)
    case .errno(let errno): self = .fail(errno)
    case .killProcess, .killThread: self = .kill
    }
  }
}

/// Answers by the rules, and names the call for which a filter ends a program, before it does.
enum KillNames {
  static func judge(
    _ call: Notification, _ rules: CurrentRules, _ isWaiting: () -> Bool
  ) throws(SystemCallError) -> NotificationAnswer {
    let (action, rule) = rules.verdict(on: call, isWaiting)
    if action == .killProcess {
      let name = CallName.withNumber(call.number, call.architecture)
      let message = PolicyError(
        rule?.origin, rule?.directive ?? "", "\(try describe(call.thread)) is ended for \(name)",
        hint: rule?.hint ?? "")
      Console.note(message.line)
    }
    return NotificationAnswer(action)
  }

  /// `/usr/bin/less (1234)`.
  static func describe(_ thread: Int32) throws(SystemCallError) -> String {
    let process = try Processes.process(of: thread) ?? thread
    return "\(Files.executable(of: process) ?? "a process") (\(process))"
  }
}
