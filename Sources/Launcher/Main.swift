internal import Enforcement
internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// Text to statements to policy to plan; then the plan, which ends in the program.
@main
enum Main {
  static func main() {
    do throws(SystemCallError) {
      let beginning = Processes.microseconds()
      try Processes.ensureStandardStreams()
      try PrivilegeCheck.refusePrivileges()
      let host = try LiveHost()
      do throws(PolicyError) {
        try run(host, beginning)
      } catch {
        Console.fail(error.said)
      }
    } catch {
      Console.fail("\(error); nothing was started")
    }
  }

  private static func run(_ host: LiveHost, _ beginning: Int) throws(PolicyError) {
    if case .program(Firemon.name) = Convention.current {
      try Firemon.run(Array(Processes.arguments().dropFirst()))
    }
    let line = CommandLine(host)
    if case .program(Bubblewrap.name) = Convention.current, try Nesting.isConfined() {
      var bubblewrap = Bubblewrap(host)
      try bubblewrap.run(Array(Processes.arguments().dropFirst()), host)
    }
    if let command = line.commandInside, try Nesting.isConfined() {
      try Nesting.runDirectly(command, host)
    }
    let home = host.home
    let macros = Macros(
      home: home, uid: host.uid, searchPath: ProgramSearch.searchPath(of: host)
    ) { (macro) throws(HostError) in try LiveHost.userDirectory(macro, home: home) }
    var source = try answer("profiles") { () throws(SystemCallError) in
      try ProfileSearch.source(host)
    }
    let configuration = try ProfileSearch.configuration()
    source.forbidden = try ProfileSearch.forbidden(host)
    source.forbidden.merge(configuration.forbidden, combinedBy: { (own, _) in own })
    var reader = ProfileReader(
      macros: macros, source: source,
      conditions: Conditions(hasX11: host.variable("FIREJAIL_X11") != nil, configuration))
    reader.optionsOutrank = Convention.current != .firejail
    var invocation = try Invocation(line.words, reader: reader)
    if let request = invocation.reader.recorder.options.request {
      try carryOut(request, invocation, source, host)
    }
    guard let command = line.program ?? invocation.command ?? host.loginShell else {
      throw PolicyError(nil, "", "no program was named", hint: "see sandbox --help")
    }
    if invocation.reader.recorder.options.builds != nil {
      try Build(
        options: invocation.reader.recorder.options, policy: invocation.reader.recorder.policy,
        command: command, host: host, source: source,
        reader: ProfileReader(macros: macros, source: source)
      ).run()
    }
    try invocation.readAutomaticProfile(for: command, uid: host.uid) { () throws(PolicyError) in
      try ProfileSearch.names(source, host)
    }

    var policy = invocation.reader.recorder.policy
    line.adapt(&policy, configuration)
    try launch(command, policy, invocation, host, beginning)
  }

  /// Plan, and the program; or what is printed instead of it.
  private static func launch(
    _ command: Command, _ policy: Policy, _ invocation: Invocation, _ host: LiveHost,
    _ beginning: Int
  ) throws(PolicyError) {
    let options = invocation.reader.recorder.options
    let plan: Plan
    do throws(PolicyError) {
      plan = try host.planning { () throws(PolicyError) in
        try Planner.plan(policy, running: command, watch: options.watch, on: host)
      }
    } catch {
      if Convention.current == .firejail, error.shellStatus == 127 {
        Console.fail("no suitable \(displayed(command.program)) executable found")
      }
      // What a shell returns for a program that it can't start, where the caller writes like one.
      Console.fail(error.line, status: invocation.hasSeparator ? error.shellStatus ?? 1 : 1)
    }
    if options.showsPlan {
      Console.print(
        PlanListing(policy: policy, plan: plan, profiles: invocation.reader.files)
          .text(isJSON: options.isJSON))
      Processes.exit(0)
    }
    if options.showsFilter {
      Console.print(FilterListing(policy, plan).text(isJSON: options.isJSON))
      Processes.exit(0)
    }
    if let output = options.output {
      do throws(SystemCallError) {
        try OutputLog.start(output.value)
      } catch {
        throw PolicyError(
          output.origin, "output", "\(error)", hint: "name a file that you may write, and no link")
      }
    }
    let isJoinable = !options.audits && options.watch == nil
    let named = try Management(host: host, invocation: invocation)
      .settleName(of: policy, running: command, mayJoin: isJoinable)
    var session = Session(
      policy: named, options: options, plan: plan, host: host, profiles: invocation.reader.files,
      failsLikeShell: invocation.hasSeparator, beginning: beginning)
    if options.audits {
      do throws(HostError) {
        session.audit = try Audit(host, isJSON: options.isJSON)
      } catch { throw PolicyError(nil, "audit", error.message) }
    }
    session.start()
  }

  /// What is asked for instead of a program.
  private static func carryOut(
    _ request: LaunchOptions.Request, _ invocation: Invocation, _ source: ProfileSource,
    _ host: LiveHost
  ) throws(PolicyError) -> Never {
    if case .export(let format) = request {
      try Export(host: host, source: source, invocation: invocation, format: format).run()
      Processes.exit(0)
    }
    if case .running(let asked) = request {
      try Management(host: host, invocation: invocation).carryOut(asked)
    }
    if request == .checkList {
      Processes.exit(
        try CheckList(host: host, source: source, reader: invocation.reader).run(invocation.words))
    }
    let status = try answer("the answer") { () throws(SystemCallError) -> Int32 in
      switch request {
      case .check:
        return try Check(host: host, source: source, reader: invocation.reader)
          .run(invocation.words)
      case .status(let process):
        try StatusReport(isJSON: invocation.reader.recorder.options.isJSON).print(process)
      case .doctor:
        return try Doctor(host).report(isJSON: invocation.reader.recorder.options.isJSON)
      case .integrate, .disintegrate:
        let integration = Integration(
          host: host, source: source, isDryRun: invocation.reader.recorder.options.isDryRun)
        try request == .integrate
          ? integration.integrate(invocation.words) : integration.disintegrate(invocation.words)
      case .cleanLayers: try LayerStorage.removeAll(in: host.home.appending(Layer.directory))
      default: Console.print(Lookups.text(for: request))
      }
      return 0
    }
    Processes.exit(status)
  }

  private static func answer<Answer>(
    _ subject: String, _ ask: () throws(SystemCallError) -> Answer
  ) throws(PolicyError) -> Answer {
    do throws(SystemCallError) {
      return try ask()
    } catch { throw PolicyError(nil, subject, error.description) }
  }
}

/// The first law: no rights but the caller's own.
enum PrivilegeCheck {
  static func refusePrivileges() throws(SystemCallError) {
    let file: Path = "/proc/self/exe"
    let mode = try FileDescriptor.handle(on: file, []).status().mode
    let reason: String? =
      if mode & 0o4000 != 0 {
        "its file has the set-user-ID bit"
      } else if mode & 0o2000 != 0 {
        "its file has the set-group-ID bit"
      } else if try Files.hasCapabilities(file) {
        "its file has capabilities"
      } else if Identity.uid != Identity.effectiveUid || Identity.gid != Identity.effectiveGid
        || Identity.hasGainedPrivileges
      {
        "it was started with more rights than its caller's"
      } else {
        nil
      }
    if let reason {
      Console.fail(
        "refusing to run: \(reason); remove it: chmod u-s,g-s FILE, setcap -r FILE")
    }
  }
}
