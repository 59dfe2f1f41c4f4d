internal import KernelTypes

/// Policy and host to plan: *the* order of everything.
package enum Planner {
  package static func plan<Host: HostView>(
    _ policy: Policy, running command: Command, watch: Watch? = nil, on host: Host
  ) throws(PolicyError) -> Plan {
    guard let root = policy.files.root, policy.filterOnly == nil else {
      return try makePlan(policy, running: command, watch, on: host)
    }
    let found = try answer(for: root.origin, "chroot") { () throws(HostError) in
      try host.find(root.value)
    }
    guard let found, found.kind == .directory, found.path != "/" else {
      throw PolicyError(
        root.origin, "chroot", "\"\(root.value)\" is no directory that could be the root",
        hint: "nothing was started")
    }
    let inside = RootedHost(base: host, root: found.path)
    for path in RootedHost<Host>.shared {
      let place = try answer(for: root.origin, "chroot") { () throws(HostError) in
        try host.find(path, inRoot: found.path)
      }
      guard let place, place.kind == .directory, place.path == path else {
        throw PolicyError(
          root.origin, "chroot", "\"\(root.value)\" has no directory \(path)",
          hint: "make one there")
      }
    }
    return try makePlan(policy, running: command, watch, on: inside)
  }

  private static func makePlan(
    _ policy: Policy, running command: Command, _ watch: Watch?, on host: some HostView
  ) throws(PolicyError) -> Plan {
    var plan = Plan()
    plan.warnings = policy.warnings
    var image: AppImage?
    if let origin = policy.appImage { image = try AppImage.find(command.program, origin, on: host) }
    let program: FoundFile =
      if let image { image.found } else { try ProgramSearch.find(command.program, on: host) }
    try checkFilterOnly(policy)

    let view = try ViewPlan(policy, program: program, image, host: host)
    plan.warnings += view.warnings
    plan.notes = view.notes
    plan.missing = view.missing
    plan.hasView = !view.steps.isEmpty
    if plan.hasView { try checkStreams(host) } else { try checkRoot(policy, host) }

    // Nothing of it needs a right, and the view shows it.
    plan.steps += view.hostSteps
    // The view needs rights that the next steps give up, so it comes first.
    if plan.hasView { plan.steps += viewSteps(policy, view, host) + view.steps }
    // Root may need its rights for a higher priority, and to give up its groups.
    plan.steps += schedulingSteps(policy, host)
    try addGroups(policy, host, &plan)
    // No more mounts from here on.
    plan.steps.append(capabilityStep(policy, host, hasView: plan.hasView))
    // A filter needs it, and it must hold for the program's first instruction.
    plan.steps.append(Step(.setNoNewPrivileges, .builtIn("no-new-privileges")))
    // What follows holds for the program alone.
    if plan.hasView { plan.steps.append(Step(.stayAsInit, .builtIn("first process"))) }
    // By name, after the view and without its rights: a directory that is now hidden must not stay
    // the working directory, and no right that the program lacks may open one.
    plan.steps.append(directoryStep(policy, host))
    if plan.hasView, let step = try landlockStep(policy, view, host) { plan.steps.append(step) }
    if let step = try enforcementStep(policy, view, host, &plan) { plan.steps.append(step) }
    try addAppArmor(policy, host, &plan)
    // Opening and mapping is over, so a low limit can't stop the set-up.
    plan.steps += try limitSteps(policy, host)
    plan.steps.append(try descriptorStep(policy, host))
    // Last of all: it refuses what came before.
    let syscalls = syscalls(policy, host, hasView: plan.hasView)
    plan.steps.append(filterStep(syscalls))
    plan.secondPhase = try secondPhase(syscalls)
    plan.watch = watch
    let filters = [plan.filter] + (plan.secondPhase.map { [$0.filter] } ?? [])
    if watch == nil, filters.contains(where: { $0.holds { $0 == .killProcess } }) {
      plan.watch = .kills
    }
    plan.steps.append(executeStep(policy, view, program, image, command, host))

    plan.timeout = policy.limits.timeout
    if policy.noRoot != nil, host.uid == 0 {
      plan.warnings.append(
        PolicyError(policy.noRoot, "noroot", "has no effect for root", hint: ""))
    }
    return plan
  }

  /// An open directory leads to all that lies around it, by any path from there.
  private static func checkStreams(_ host: some HostView) throws(PolicyError) {
    let streams = try answer(for: nil, "standard streams") { () throws(HostError) in
      try host.directoryStreams()
    }
    guard let number = streams.first else { return }
    throw PolicyError(
      nil, "descriptor \(number)", "is a directory, by which the program could leave its view",
      hint: "redirect it from /dev/null")
  }

  /// `noroot` asks for a user namespace by itself.
  private static func checkRoot(_ policy: Policy, _ host: some HostView) throws(PolicyError) {
    guard let noRoot = policy.noRoot, policy.filterOnly == nil, host.uid != 0,
      let refusal = try refusal(of: host)
    else { return }
    throw PolicyError(
      noRoot, "noroot", "needs a user namespace, and this host refuses them: \(refusal)",
      hint: "allow them, or use --filter-only, which gives up every rule about files")
  }

  /// The switch that refuses user namespaces on this host; nil where none does.
  static func refusal(of host: some HostView) throws(PolicyError) -> String? {
    try answer(for: nil, "user namespaces") { () throws(HostError) in
      try host.userNamespaceRefusal
    }
  }

  private static func checkFilterOnly(_ policy: Policy) throws(PolicyError) {
    guard let filterOnly = policy.filterOnly else { return }
    if let request = policy.files.requests.first(where: { !$0.isOptional }) {
      throw PolicyError(
        request.origin, request.directive, "can't be enforced with filter-only (\(filterOnly))",
        hint: "leave out filter-only, or skip the line by --ignore=\(request.directive)")
    }
    if let timeout = policy.limits.timeout {
      throw PolicyError(
        timeout.origin, "timeout",
        "needs the launcher to stay, which filter-only (\(filterOnly)) rules out",
        hint: "leave one of them out")
    }
  }

  private static func viewSteps(
    _ policy: Policy, _ view: ViewPlan, _ host: some HostView
  ) -> [Step] {
    let files = policy.files
    var namespaces: Namespaces = [.mount, .process, .hostName]
    if !host.isPrivileged { namespaces.insert(.user) }
    if host.isPrivileged || files.has(.ipcNamespace) { namespaces.insert(.communication) }
    if files.has(.netNone) { namespaces.insert(.network) }
    var user = host.isPrivileged ? nil : UserMap(uid: host.uid, gid: host.gid)
    let origin = files.requests.first?.origin ?? policy.noRoot ?? .builtIn("base restrictions")
    var steps: [Step] = []
    if let exchange = view.exchange {
      let shared: Namespaces = user == nil ? .mount : [.mount, .user]
      steps.append(
        Step(
          .openExchange(
            exchange.place, shared, user: user, holdsPrograms: exchange.holdsPrograms),
          .builtIn("services")))
      steps += exchange.services.map { Step(.startService($0), $0.steps[0].origin) }
      namespaces.remove(.user)
      user = nil
    }
    steps += [
      Step(.enterNamespaces(namespaces, user: user), origin),
      Step(.checkProcess, .builtIn("view")),
    ]
    if let root = host.root {
      steps.append(Step(.enterRoot(root), files.root?.origin ?? origin))
    } else {
      steps.append(Step(.mountProcess, .builtIn("view")))
    }
    if let origin = files.flags[.netNone] { steps.append(Step(.bringUpLoopback, origin)) }
    return steps
  }

}
