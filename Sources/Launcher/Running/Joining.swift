internal import Enforcement
internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// `--join` and its kin: another program in a sandbox that runs.
struct Joining {
  let host: LiveHost
  /// A missing program ends with the shell's status.
  let failsLikeShell: Bool
  let isQuiet: Bool

  /// Comes back only where the sandbox has ended before the program began.
  func run(
    _ command: Command, in sandbox: RunningSandbox, _ program: Int32, _ part: JoinedPart
  ) throws(RunningError) {
    let record = sandbox.record
    if let refusal = record.refusal { throw RunningError("cannot be joined: \(refusal)") }
    guard sandbox.user == host.uid else {
      throw RunningError("belongs to another user", hint: "only its own user can join it")
    }
    if Convention.current == .firejail, !isQuiet {
      Console.say("Switching to pid \(program), the first child process inside the sandbox")
    }
    guard let template = FilterProgram(bytes: record.filter) else {
      throw RunningError("its record has no filter that the kernel would take")
    }
    let wanted: Namespaces =
      switch part {
      case .everything: record.namespaces
      case .network: record.namespaces.intersection([.user, .network])
      case .files: record.namespaces.intersection([.user, .mount, .process])
      }
    if part == .network, !wanted.contains(.network) {
      throw RunningError("has the host's network", hint: "its profile has no net none")
    }
    guard let way = try prepare(sandbox, program, wanted) else { return }
    let (status, isStarted) = try RunningError.passing { () throws(SystemCallError) in
      try way.entrance.run { (starts) throws(SystemCallError) in
        if let mask = way.mask { Processes.setMask(mask) }
        try Limits.take(way.limits)
        start(command, record, template, starts)
      }
    }
    let isOver = try hasEnded(sandbox)
    if isStarted || !isOver { Processes.exit(status) }
  }

  private struct Way {
    let entrance: Entrance
    let mask: UInt32?
    let limits: [Limits.Pair]
  }

  /// Nil where the sandbox has ended.
  private func prepare(
    _ sandbox: RunningSandbox, _ program: Int32, _ wanted: Namespaces
  ) throws(RunningError) -> Way? {
    let way: Way
    do throws(SystemCallError) {
      way = Way(
        entrance: try Entrance(sandbox.namespaces, wanted),
        mask: try Processes.fields(of: "\(program)")["Umask"].flatMap { UInt32($0, radix: 8) },
        limits: try Limits.all(of: program))
    } catch {
      // The program may have ended, and the launcher not yet.
      let isThere = try RunningError.passing { () throws(SystemCallError) in
        try Processes.handle(on: program) != nil
      }
      let isOver = isThere ? try hasEnded(sandbox) : true
      guard isOver else { throw RunningError(error.description) }
      return nil
    }
    // Only now: the numbers stand for the same processes still, so all this is theirs.
    return try hasEnded(sandbox) ? nil : way
  }

  private func hasEnded(_ sandbox: RunningSandbox) throws(RunningError) -> Bool {
    try RunningError.passing { () throws(SystemCallError) in try !sandbox.launcher.isThere }
  }

  /// Inside.
  private func start(
    _ command: Command, _ record: SandboxRecord, _ template: FilterProgram,
    _ starts: @escaping () throws(SystemCallError) -> Void
  ) -> Never {
    var inside = host
    inside.environment = record.environment.filter { !$0.starts(with: "TERM=".utf8) } + terminal
    let directories = [host.workingDirectory, host.home, "/"].compactMap { $0 }
    do throws(PolicyError) {
      let program = try ProgramSearch.find(command.program, on: inside)
      do throws(StepError) {
        let jailer = try Jailer(
          joining: record.steps(
            running: program.path, command, environment: inside.environment, in: directories),
          template, starts: starts
        ) { Array(Console.failure("--join: \($0.message); nothing was started").utf8) }
        let isShell = failsLikeShell
        jailer.run { !isShell ? 1 : $0 == .noEntry ? 127 : 126 }
      } catch {
        Console.fail("--join: \(error.message); nothing was started")
      }
    } catch {
      Console.fail("--join: \(error.line)", status: failsLikeShell ? error.shellStatus ?? 1 : 1)
    }
  }

  /// What the caller's terminal is called, which may be another than the first program's.
  private var terminal: [[UInt8]] {
    host.environment.filter { $0.starts(with: "TERM=".utf8) }
  }
}
