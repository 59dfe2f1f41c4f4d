package import KernelTypes

/// Policy and host to plan: *the* order of everything.
package enum Planner {
  package static func plan(
    _ policy: Policy, running command: Command, on host: some HostView
  ) throws(PolicyError) -> Plan {
    var plan = Plan()
    plan.warnings = policy.warnings
    let program = try ProgramSearch.find(command.program, on: host)
    try checkFilterOnly(policy)

    let files = try FilePlan(policy, program: program, host: host)
    plan.warnings += files.warnings
    plan.notes = files.notes
    plan.missing = files.missing
    if let first = files.missing.first {
      plan.warnings.append(
        PolicyError(
          policy.files.optionalFrom, "view-optional",
          "\(first.message); \(files.missing.count) rules about files are not in force"))
    }
    let needsUser = try needsUser(policy, host)
    plan.hasView = !files.steps.isEmpty || needsUser

    // The view needs rights that the next steps give up, so it comes first.
    if plan.hasView { plan.steps += viewSteps(policy, host) + files.steps }
    // Root may need its rights for a higher priority.
    plan.steps += schedulingSteps(policy, host)
    // No more mounts from here on.
    plan.steps.append(capabilityStep(policy, host, hasView: plan.hasView))
    // By name, after the view and without its rights: a directory that is now hidden must not stay
    // the working directory, and no right that the program lacks may open one.
    plan.steps += directoryStep(host)
    // Opening and mapping is over, so a low limit can't stop the set-up.
    plan.steps += try limitSteps(policy, host)
    plan.steps.append(descriptorStep(policy))
    // A filter needs it, and it must hold for the program's first instruction.
    plan.steps.append(Step(.setNoNewPrivileges, .builtIn("no-new-privileges")))
    // Last of all: it refuses what came before.
    plan.steps.append(filterStep(policy))
    plan.steps.append(executeStep(policy, program, command, host))

    plan.timeout = policy.limits.timeout
    if policy.noRoot != nil, host.uid == 0 {
      plan.warnings.append(
        PolicyError(policy.noRoot, "noroot", "has no effect for root", hint: ""))
    }
    return plan
  }

  /// Whether `noroot` alone asks for a user namespace.
  private static func needsUser(
    _ policy: Policy, _ host: some HostView
  ) throws(PolicyError) -> Bool {
    guard let noRoot = policy.noRoot, policy.filterOnly == nil, host.uid != 0 else { return false }
    if let refusal = try refusal(of: host) {
      throw PolicyError(
        noRoot, "noroot", "needs a user namespace, and this host refuses them: \(refusal)",
        hint: "allow them, or use --filter-only, which gives up every rule about files")
    }
    return true
  }

  /// The switch that refuses user namespaces on this host; nil where none does.
  static func refusal(of host: some HostView) throws(PolicyError) -> String? {
    try answer(for: nil, "user namespaces") { () throws(HostError) in
      try host.userNamespaceRefusal
    }
  }

  private static func checkFilterOnly(_ policy: Policy) throws(PolicyError) {
    guard let filterOnly = policy.filterOnly else { return }
    let rule = policy.files.rules.first { $0.verb != .noBlacklist && !$0.isOptional }
    if let rule {
      throw PolicyError(
        rule.origin, rule.verb.rawValue, "can't be enforced with filter-only (\(filterOnly))",
        hint: "leave out filter-only, or skip the line by --ignore=\(rule.verb.rawValue)")
    }
    if let timeout = policy.limits.timeout {
      throw PolicyError(
        timeout.origin, "timeout",
        "needs the launcher to stay, which filter-only (\(filterOnly)) rules out",
        hint: "leave one of them out")
    }
  }

  private static func viewSteps(_ policy: Policy, _ host: some HostView) -> [Step] {
    let user = host.isPrivileged ? nil : UserMap(uid: host.uid, gid: host.gid)
    let origin = policy.files.rules.first?.origin ?? policy.noRoot ?? .builtIn("view")
    return [
      Step(.enterView(user: user), origin), Step(.checkProcess, .builtIn("view")),
    ]
  }

  private static func directoryStep(_ host: some HostView) -> [Step] {
    let candidates = [host.workingDirectory, host.home, "/"].compactMap { $0 }
    return [Step(.changeDirectory(candidates), .builtIn("working directory"))]
  }

  private static func schedulingSteps(
    _ policy: Policy, _ host: some HostView
  ) -> [Step] {
    var steps: [Step] = []
    if let processors = policy.limits.processors {
      steps.append(Step(.setProcessors(processors.value), processors.origin))
    }
    if let nice = policy.limits.nice {
      steps.append(Step(.setNice(host.uid == 0 ? nice.value : max(0, nice.value)), nice.origin))
    }
    return steps
  }

  private static func capabilityStep(
    _ policy: Policy, _ host: some HostView, hasView: Bool
  ) -> Step {
    let kept = policy.capabilities?.value.kept ?? []
    return Step(
      .dropCapabilities(
        keep: kept, isRoot: host.isPrivileged, changesBoundingSet: hasView || host.isPrivileged),
      policy.capabilities?.origin ?? .builtIn("no capabilities"))
  }

  private static func limitSteps(
    _ policy: Policy, _ host: some HostView
  ) throws(PolicyError) -> [Step] {
    var steps: [Step] = []
    for resource in Resource.allCases {
      guard let limit = policy.limits.resources[resource] else { continue }
      let hard = try answer(for: limit.origin, "rlimit-" + resource.rawValue) {
        () throws(HostError) in try host.hardLimit(of: resource)
      }
      steps.append(Step(.setLimit(resource, min(limit.value, hard)), limit.origin))
    }
    return steps
  }

  private static func descriptorStep(_ policy: Policy) -> Step {
    let descriptors = policy.descriptors
    if let origin = descriptors.keepsAll { return Step(.closeDescriptors(except: nil), origin) }
    return Step(
      .closeDescriptors(except: descriptors.kept.items.compactMap { Int32($0) }),
      descriptors.kept.origin ?? .builtIn("descriptors"))
  }

  private static func filterStep(_ policy: Policy) -> Step {
    let syscalls = policy.syscalls
    let origin =
      syscalls.native?.origin ?? syscalls.blocksSecondary ?? syscalls.protocols.origin
      ?? syscalls.denyWriteExecute ?? syscalls.namespaces.origin ?? .builtIn("terminal")
    return Step(.installFilter(FilterBuilder.filter(for: syscalls)), origin)
  }

  private static func executeStep(
    _ policy: Policy, _ program: FoundFile, _ command: Command, _ host: some HostView
  ) -> Step {
    Step(
      .execute(
        program.path, arguments: [command.program] + command.arguments,
        environment: policy.environment.applied(to: host.environment)),
      .builtIn("program"))
  }
}

/// Finds the program once, before anything is changed, as a shell would.
package enum ProgramSearch {
  package static func find(
    _ program: [UInt8], on host: some HostView
  ) throws(PolicyError) -> FoundFile {
    let name = displayed(program)
    guard program.contains(UInt8(ascii: "/")) else {
      for directory in searchPath(of: host) {
        let path = directory.appending(program)
        if let found = try executable(path, name, host) { return found }
      }
      throw PolicyError(
        nil, name, "there is no such program in PATH", hint: "nothing was started",
        shellStatus: 127)
    }
    let typed = Path(program)
    let path = typed.isAbsolute ? typed : (host.workingDirectory ?? "/").appending(program)
    if let found = try executable(path, name, host) { return found }
    let exists = try answer(for: nil, name) { () throws(HostError) in try host.find(path) != nil }
    throw PolicyError(
      nil, name, exists ? "is not an executable file" : "there is no such program",
      hint: "nothing was started", shellStatus: exists ? 126 : 127)
  }

  /// The file under the path by which it was found, where it is a file that can be executed.
  private static func executable(
    _ path: Path, _ name: String, _ host: some HostView
  ) throws(PolicyError) -> FoundFile? {
    let found = try answer(for: nil, name) { () throws(HostError) -> FoundFile? in
      guard let found = try host.find(path), found.kind == .regular,
        try host.isExecutable(path)
      else { return nil }
      return found
    }
    guard let found else { return nil }
    return FoundFile(path: path, kind: .regular, owner: found.owner, mode: found.mode)
  }

  static let defaultSearchPath = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"

  /// The absolute elements of the caller's `$PATH`, each once.
  package static func searchPath(of host: some HostView) -> [Path] {
    searchPath(in: host.environment)
  }

  package static func searchPath(in environment: [[UInt8]]) -> [Path] {
    let prefix = Array("PATH=".utf8)
    let value = environment.first { $0.starts(with: prefix) }.map { $0.dropFirst(prefix.count) }
    let text = value.map(Array.init) ?? Array(defaultSearchPath.utf8)
    var paths: [Path] = []
    for element in text.split(separator: UInt8(ascii: ":")) {
      let path = Path(element).normalized
      if path.isAbsolute, !paths.contains(path) { paths.append(path) }
    }
    return paths
  }
}
