internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// What a command line asks about sandboxes that run.
struct Management {
  let host: LiveHost
  let invocation: Invocation

  /// Does not come back.
  func carryOut(_ asked: RunningRequest) throws(PolicyError) -> Never {
    let options = invocation.reader.recorder.options
    var policy = invocation.reader.recorder.policy
    policy.isQuiet = false
    guard policy == Policy() else {
      throw PolicyError(
        nil, "", "other options say nothing about a sandbox that runs",
        hint: "leave them out; -- ends the options")
    }
    let startsProgram = if case .join = asked { true } else { false }
    if !startsProgram, let command = invocation.command {
      throw PolicyError(
        nil, displayed(command.program), "nothing is started by this option", hint: "leave it out")
    }
    do throws(RunningError) {
      switch asked {
      case .list:
        try show { (isJSON) throws(SystemCallError) in
          try RunningList(isJSON: isJSON, RunningSandboxes()).printList()
        }
      case .tree:
        try show { (isJSON) throws(SystemCallError) in
          try RunningList(isJSON: isJSON, RunningSandboxes()).printTree()
        }
      case .top:
        try show { (isJSON) throws(SystemCallError) in try RunningWatch(isJSON: isJSON).top() }
      case .netstats:
        try show { (isJSON) throws(SystemCallError) in try RunningWatch(isJSON: isJSON).networks() }
      case .shutdown(let words):
        try Shutdown.run(words, isQuiet: invocation.reader.recorder.policy.isQuiet)
      case .join(let word, let part):
        guard let command = invocation.command ?? host.loginShell else {
          throw RunningError("no program was named, and you have no login shell")
        }
        let (sandbox, program) = try RunningSandboxes.ready(word)
        try joining.run(command, in: sandbox, program, part)
        throw .ended(word)
      case .listFiles(let word): try transfer(.list, word)
      case .printFile(let word): try transfer(.print, word)
      case .getFile(let word): try transfer(.get, word)
      case .putFile(let word): try transfer(.put, word)
      case .print(let state, let word):
        try StatePrinter(host: host, isJSON: options.isJSON).run(state, word)
      }
    } catch {
      throw PolicyError(nil, "", error.message, hint: error.hint)
    }
    Processes.exit(0)
  }

  private func show(_ print: (_ isJSON: Bool) throws(SystemCallError) -> Void) throws(RunningError)
  {
    try RunningError.passing { () throws(SystemCallError) in
      try print(invocation.reader.recorder.options.isJSON)
    }
  }

  private var joining: Joining {
    Joining(
      host: host, failsLikeShell: invocation.hasSeparator,
      isQuiet: invocation.reader.recorder.policy.isQuiet)
  }

  private func transfer(
    _ action: FileTransfer.Action, _ word: [UInt8]
  ) throws(RunningError) -> Never {
    try FileTransfer(
      host: host, action: action, isJSON: invocation.reader.recorder.options.isJSON
    ).run(word, invocation.words)
  }

  /// A program that is to be started beside others: it joins the one of its name where that is asked
  /// for, or gets a name that no other has.
  func settleName(
    of policy: Policy, running command: Command, mayJoin: Bool
  ) throws(PolicyError) -> Policy {
    guard let name = policy.name, policy.filterOnly == nil else { return policy }
    do throws(RunningError) {
      let running = try RunningError.passing { () throws(SystemCallError) in
        try RunningSandboxes()
      }
      guard let other = running.all.first(where: { $0.record.name == name.value }) else {
        return policy
      }
      if policy.joinsRunning != nil, mayJoin {
        // One that has just ended is none.
        guard let program = try other.waitForProgram() else { return policy }
        try joining.run(command, in: other, program, .everything)
        return policy
      }
    } catch {
      throw PolicyError(name.origin, "name", error.message, hint: error.hint)
    }
    var policy = policy
    let unused = "\(name.value)-\(Processes.identifier)"
    if !policy.isQuiet {
      let warning = PolicyError(
        name.origin, "name", "\"\(name.value)\" is the name of a running sandbox",
        hint: "this one is \(unused)")
      Console.warn(warning.line)
    }
    policy.name = Setting(unused, name.origin)
    return policy
  }
}
