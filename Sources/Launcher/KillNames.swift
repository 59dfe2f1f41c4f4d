internal import Enforcement
internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// Names the call for which a filter ends a program, before it does.
enum KillNames {
  static func judge(
    _ call: Notification, _ rules: FilterRules
  ) throws(SystemCallError) -> NotificationAnswer {
    let (action, rule) = rules.verdict(
      architecture: call.architecture, number: call.number, call.arguments)
    switch action {
    case .allow, .log, .trap, .notify: return .goOn
    case .errno(let errno): return .fail(errno)
    case .killProcess:
      let name = CallName.withNumber(call.number, call.architecture)
      let message = PolicyError(
        rule?.origin, rule?.directive ?? "", "\(try describe(call.thread)) is ended for \(name)",
        hint: rule?.hint ?? "")
      Console.note(message.line)
      return .kill
    }
  }

  /// `/usr/bin/less (1234)`.
  static func describe(_ thread: Int32) throws(SystemCallError) -> String {
    let process = try Processes.process(of: thread) ?? thread
    return "\(Files.executable(of: process) ?? "a process") (\(process))"
  }
}
