internal import KernelTypes

/// What holds for the program alone: the last steps before it, in the order of `Planner`.
extension Planner {
  static func directoryStep(_ policy: Policy, _ host: some HostView) -> Step {
    if let wanted = policy.files.workingDirectory {
      return Step(.changeDirectory(wanted.value.map { [$0] } ?? [host.home, "/"]), wanted.origin)
    }
    let candidates = [host.workingDirectory, host.home, "/"].compactMap { $0 }
    return Step(.changeDirectory(candidates), .builtIn("working directory"))
  }

  /// Groups stay with an ordinary user: the kernel refuses setgroups(2) to one (user_namespaces(7)).
  static func addGroups(
    _ policy: Policy, _ host: some HostView, _ plan: inout Plan
  ) throws(PolicyError) {
    guard let origin = policy.noGroups else { return }
    if host.isPrivileged { return plan.steps.append(Step(.dropGroups, origin)) }
    let groups = try answer(for: origin, "nogroups") { () throws(HostError) in try host.groups() }
    let others = groups.filter { $0 != host.gid }
    guard !others.isEmpty else { return }
    plan.missing.append(
      PolicyError(
        origin, "nogroups",
        "groups \(others.map(String.init).joined(separator: ",")) stay: only root can drop them",
        hint: "hide what they guard, as private-dev and the no* words do"))
  }

  static func schedulingSteps(
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

  static func capabilityStep(
    _ policy: Policy, _ host: some HostView, hasView: Bool
  ) -> Step {
    let kept = policy.capabilities?.value.kept ?? []
    return Step(
      .dropCapabilities(
        keep: kept, isRoot: host.isPrivileged, changesBoundingSet: hasView || host.isPrivileged),
      policy.capabilities?.origin ?? .builtIn("no capabilities"))
  }

  static func limitSteps(
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

  static func descriptorStep(
    _ policy: Policy, _ host: some HostView
  ) throws(PolicyError) -> Step {
    let descriptors = policy.descriptors
    if let origin = descriptors.keepsAll { return Step(.closeDescriptors(except: nil), origin) }
    let origin = descriptors.kept.origin ?? .builtIn("descriptors")
    let kept = descriptors.kept.items.compactMap { Int32($0) }
    for number in kept {
      // Later it could be one of the launcher's own, which are never handed on.
      let isOpen = try answer(for: origin, "keep-fd") { () throws(HostError) in
        try host.isOpen(descriptor: number)
      }
      guard isOpen else {
        throw PolicyError(
          origin, "keep-fd", "descriptor \(number) is not open", hint: "nothing was started")
      }
    }
    return Step(.closeDescriptors(except: kept), origin)
  }

  /// A program that is to have these rights builds a sandbox of its own by them, in namespaces and
  /// with mounts that can't uncover anything.
  static func buildsOwnSandbox(_ policy: Policy, _ host: some HostView) -> Bool {
    let kept = (policy.capabilities?.value.kept ?? []).map { $0.name }
    // A server of root's keeps sys_chroot for itself.
    return policy.allowsNesting != nil || kept.contains("sys_admin")
      || (!host.isPrivileged && kept.contains("sys_chroot"))
  }

  /// What is said of system calls, with what follows from the rest of the plan.
  static func syscalls(
    _ policy: Policy, _ host: some HostView, hasView: Bool
  ) -> SyscallPolicy {
    var syscalls = policy.syscalls
    syscalls.allowsDebuggers = policy.allowsDebuggers != nil
    syscalls.refusesUserNamespaces = hasView && !buildsOwnSandbox(policy, host)
    return syscalls
  }

  static func secondPhase(_ syscalls: SyscallPolicy) throws(PolicyError) -> PlannedPhase? {
    guard let after = syscalls.afterEvent, let phase = syscalls.secondPhase else { return nil }
    if let action = syscalls.errorAction, [.trap, .log].contains(action.value) {
      throw PolicyError(
        action.origin, "seccomp-error-action",
        "\(action.value.word) is no answer that the launcher can give, and seccomp.keep.after "
          + "(\(phase.origin)) makes it answer",
        hint: "use an error's name or kill")
    }
    return PlannedPhase(phase.value.event, phase.origin, FilterBuilder.filter(for: after))
  }

  static func filterStep(_ syscalls: SyscallPolicy) -> Step {
    let origin =
      syscalls.native?.origin ?? syscalls.blocksSecondary ?? syscalls.protocols.origin
      ?? syscalls.denyWriteExecute ?? syscalls.namespaces.origin ?? .builtIn("terminal")
    return Step(.installFilter(FilterBuilder.filter(for: syscalls)), origin)
  }

  static func executeStep(
    _ policy: Policy, _ view: ViewPlan, _ program: FoundFile, _ image: AppImage?,
    _ command: Command, _ host: some HostView
  ) -> Step {
    var path = program.path
    var words = [command.program] + command.arguments
    var variables = environment(policy, view, host)
    if let image, let directory = view.appImageDirectory {
      path = directory.appending("AppRun")
      words[0] = path.bytes
      variables += image.variables(in: directory, host, typed: command.program)
    }
    return Step(
      .execute(path, arguments: words, environment: variables), .builtIn("program"))
  }

  private static func environment(
    _ policy: Policy, _ view: ViewPlan, _ host: some HostView
  ) -> [[UInt8]] {
    var variables = policy.environment.applied(to: host.environment)
    for (name, value) in view.busVariables(host) {
      let prefix = Array("\(name)=".utf8)
      variables.removeAll { $0.starts(with: prefix) }
      variables.append(prefix + value)
    }
    if policy.files.has(.x11None) || view.displayVariable != nil {
      variables.removeAll { entry in
        ["DISPLAY=", "XAUTHORITY="].contains { entry.starts(with: $0.utf8) }
      }
    }
    if let display = view.displayVariable { variables.append(display) }
    return variables
  }
}
