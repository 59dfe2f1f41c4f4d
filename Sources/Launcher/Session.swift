internal import Enforcement
internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// From a plan to the program: warnings, helpers that must be there first, then the plan itself.
struct Session {
  let policy: Policy
  let options: LaunchOptions
  let plan: Plan
  let host: LiveHost
  let profiles: [Path]
  /// Whether a program that the kernel can't start gives the shell's status.
  let failsLikeShell: Bool
  /// When the launcher was started, in microseconds.
  let beginning: Int
  /// Who answers what the filter asks, where it is another than the plan's `watch` means.
  var watcher: (() throws(SystemCallError) -> Overseer)?
  /// What looks at the sandbox from inside, in the place of the program.
  var audit: Audit?

  func start() -> Never {
    let isQuiet = policy.isQuiet && !options.isDebug
    if !isQuiet { for warning in plan.warnings { Console.warn(warning.line) } }
    if options.isDebug { debug() } else { list() }
    messages?.profiles(profiles)
    do throws(SystemCallError) {
      if audit != nil, let phase = plan.secondPhase {
        Console.note("the audit is about the time until \(phase.event.text) (\(phase.origin))")
      }
      let receipt = try openReceipt()
      let overseer = try makeOverseer()
      // With a view, the launcher stays outside anyway, and sees to this there.
      if !plan.hasView, plan.timeout != nil || overseer != nil,
        let status = try Supervisor.watch(timeout: plan.timeout?.value, overseer: overseer)
      {
        Processes.exit(status)
      }
      let jailer = try makeJailer(overseer)
      if let receipt {
        let text = Receipt(
          policy: policy, plan: plan, profiles: profiles, program: jailer.filterProgram)
        try Witness.start { (pid) throws(SystemCallError) in
          let measured: Measurement? = if let pid { try Measurement(of: pid) } else { nil }
          try FileDescriptor.writeAll(Array(text.text(for: measured).utf8), to: receipt)
        }
      }
      let shellStatus = failsLikeShell
      jailer.run { !shellStatus ? 1 : $0 == .noEntry ? 127 : 126 }
    } catch {
      Console.fail("\(error); nothing was started")
    }
  }

  /// A file that stays open; standard error where none is named.
  private func open(_ file: Path) throws(SystemCallError) -> Int32 {
    file.isEmpty ? 2 : try FileDescriptor.openForReplacing(file).released()
  }

  private func makeOverseer() throws(SystemCallError) -> Overseer? {
    if let watcher { return try watcher() }
    guard plan.asks else { return nil }
    let rules = CurrentRules(plan, policy)
    let explainer = try makeExplainer(rules)
    return try Overseer { (call, isWaiting) throws(SystemCallError) in
      guard let explainer else { return try KillNames.judge(call, rules, isWaiting) }
      return try explainer.judge(call, isWaiting)
    } takes: {
      rules.takes($0)
    } atEnd: { [policy] in
      explainer?.finish(status: $0)
      if !policy.isQuiet { rules.finish() }
    }
  }

  /// Nil where refusals are not reported.
  private func makeExplainer(_ rules: CurrentRules) throws(SystemCallError) -> Explainer? {
    guard plan.watch != nil, plan.watch != .kills else { return nil }
    var report: RefusalReport?
    if let file = options.explains?.value {
      report = RefusalReport(output: try open(file), isJSON: options.isJSON)
    }
    var trace: TraceLog?
    if let file = options.traces?.value { trace = TraceLog(output: try open(file)) }
    return Explainer(rules, policy, plan, host, report: report, trace: trace)
  }

  private func makeJailer(_ overseer: Overseer?) throws(SystemCallError) -> Jailer {
    do throws(StepError) {
      return try Jailer(
        plan, lookedAt: host.lookedAt, overseer: overseer, probe: audit?.run, milestones: milestones
      ) {
        Array(Console.failure(Self.describe($0)).utf8)
      }
    } catch {
      Console.fail(Self.describe(error))
    }
  }

  private var messages: FirejailMessages? {
    guard Convention.current == .firejail else { return nil }
    return FirejailMessages(beginning: beginning, isQuiet: policy.isQuiet && !options.isDebug)
  }

  private var milestones: Milestones {
    let messages = messages
    return Milestones(
      began: { (first) in messages?.began(first) },
      record: { [plan, policy, profiles] (first, filter) in
        SandboxRecord(
          plan, policy, profile: profiles.first, filter: filter.bytes,
          launcher: Processes.identifier, first: first)
      }, starts: { () throws(SystemCallError) in messages?.starts() },
      ended: { messages?.ended() })
  }

  /// Opened before the program starts, so that a receipt that can't be written stops it. The
  /// descriptor stays open until then.
  private func openReceipt() throws(SystemCallError) -> Int32? {
    guard let receipt = options.receipt else { return nil }
    return try open(receipt.value)
  }

  private static func describe(_ error: StepError) -> String {
    let hint =
      switch (error.step.operation, error.errno) {
      case (.enterNamespaces(_, user: .some), .some):
        "; this host refuses user namespaces (a container's filter, or a limit): allow them, or use"
          + " --filter-only, which gives up every rule about files"
      case (.mountProcess, .notPermitted?):
        "; parts of this host's /proc are covered (it is a container): let it see a whole one, or use"
          + " --filter-only, which gives up every rule about files"
      case (.cover, .loop?):
        "; something has taken its place since the launch began; nothing was started: try again"
      default: "; nothing was started"
      }
    return "\(error.step.origin): \(error.message)\(hint)"
  }

  private func debug() {
    for profile in profiles { Console.note("read \(profile)") }
    for note in policy.notes { Console.note("\(note.origin): \(note.directive): \(note.reason)") }
    for note in plan.notes + plan.missing { Console.note(note.line) }
    for step in plan.steps { Console.note(step.description) }
  }

  /// `--debug-blacklists` and `--debug-whitelists`.
  private func list() {
    for step in plan.steps {
      switch step.operation {
      case .cover, .coverByText, .prepareCovers(_, isTemporary: false, _):
        if options.listsHidden { Console.note(step.description) }
      case .show, .makeLink, .bind:
        if options.listsShown { Console.note(step.description) }
      default: continue
      }
    }
  }
}
