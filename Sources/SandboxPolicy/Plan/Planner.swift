package import KernelTypes

/// Policy and host to plan: *the* order of everything.
package enum Planner {
  package static func plan<Host: HostView>(
    _ policy: Policy, running command: Command, on host: Host
  ) throws(PolicyError) -> Plan {
    guard let root = policy.files.root, policy.filterOnly == nil else {
      return try makePlan(policy, running: command, on: host)
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
    return try makePlan(policy, running: command, on: inside)
  }

  private static func makePlan(
    _ policy: Policy, running command: Command, on host: some HostView
  ) throws(PolicyError) -> Plan {
    var plan = Plan()
    plan.warnings = policy.warnings
    let program = try ProgramSearch.find(command.program, on: host)
    try checkFilterOnly(policy)

    let view = try ViewPlan(policy, program: program, host: host)
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
    plan.steps.append(filterStep(policy, host, hasView: plan.hasView))
    plan.steps.append(executeStep(policy, view, program, command, host))

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
        Step(.openExchange(exchange.place, shared, user: user), .builtIn("services")))
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

  private static func directoryStep(_ policy: Policy, _ host: some HostView) -> Step {
    if let wanted = policy.files.workingDirectory {
      return Step(.changeDirectory(wanted.value.map { [$0] } ?? [host.home, "/"]), wanted.origin)
    }
    let candidates = [host.workingDirectory, host.home, "/"].compactMap { $0 }
    return Step(.changeDirectory(candidates), .builtIn("working directory"))
  }

  /// Groups stay with an ordinary user: the kernel refuses setgroups(2) to one (user_namespaces(7)).
  private static func addGroups(
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

  /// A second layer below the mounts: what they make read-only can't be changed by any other way.
  private static func landlockStep(
    _ policy: Policy, _ view: ViewPlan, _ host: some HostView
  ) throws(PolicyError) -> Step? {
    let files = policy.files
    let version = try answer(for: nil, "landlock") { () throws(HostError) in
      try host.landlockVersion
    }
    let scopes = files.has(.netNone) ? nil : try scopeOrigin(policy, version, host)
    // It refuses every mount, also those of a sandbox that the program builds for itself.
    guard version > 0, scopes != nil || !buildsOwnSandbox(policy, host) else { return nil }
    return Step(
      .restrictItself(
        .write.union([.makeIPC, .makeDevices]),
        but: try view.writableDirectories(host).map { FileRule($0, .all) },
        scopesSockets: scopes != nil && version >= 6),
      scopes ?? .builtIn("base restrictions"))
  }

  /// `landlock.enforce`: the profile's own layer.
  private static func enforcementStep(
    _ policy: Policy, _ view: ViewPlan, _ host: some HostView, _ plan: inout Plan
  ) throws(PolicyError) -> Step? {
    guard let origin = policy.landlock.enforced else { return nil }
    guard !policy.landlock.rules.isEmpty else {
      plan.warnings.append(
        PolicyError(
          origin, "landlock.enforce", "has no effect without a landlock.fs line",
          hint: "add one, or leave it out"))
      return nil
    }
    let version = try answer(for: origin, "landlock") { () throws(HostError) in
      try host.landlockVersion
    }
    guard version > 0 else {
      throw PolicyError(
        origin, "landlock.enforce", "this kernel has no Landlock, or it is switched off",
        hint:
          "start the kernel with lsm=...,landlock, or skip the line by --ignore=landlock.enforce")
    }
    var rules: [FileRule] = []
    for rule in policy.landlock.rules {
      if let found = try view.find(rule.path, rule.origin, host) {
        rules.append(FileRule(found.path, rule.rights))
      }
    }
    return Step(.restrictItself(.all, but: rules, scopesSockets: false), origin)
  }

  /// Optional: an AppArmor profile is root's to load.
  private static func addAppArmor(
    _ policy: Policy, _ host: some HostView, _ plan: inout Plan
  ) throws(PolicyError) {
    guard let profile = policy.appArmor.profile, !(policy.allowsDebuggers?.isCommandLine ?? false)
    else { return }
    let isLoaded = try answer(for: profile.origin, "apparmor") { () throws(HostError) in
      try host.isLoaded(appArmorProfile: profile.value)
    }
    guard isLoaded else {
      plan.missing.append(
        PolicyError(
          profile.origin, "apparmor", "no profile called \(profile.value) is loaded",
          hint: "load it as root: apparmor_parser -r FILE"))
      return
    }
    plan.steps.append(
      Step(
        .confineByAppArmor(profile.value, replaces: policy.appArmor.replaces?.value ?? false),
        profile.origin))
  }

  /// The rule that closes abstract sockets, which no mount hides; nil where none does.
  private static func scopeOrigin(
    _ policy: Policy, _ version: Int, _ host: some HostView
  ) throws(PolicyError) -> Origin? {
    let closedBus = policy.buses.access[.user].flatMap { access in
      let address = BusAddress(ViewPlan.variable(Bus.user.variable, host))
      return address.isAbstract ? access.origin : nil
    }
    let display = policy.display.server.flatMap { $0.value == .xorg ? nil : $0.origin }
    let wanted = policy.files.flags[.x11None] ?? display ?? closedBus
    guard let origin = wanted, version < 6 else { return wanted }
    let hint = "add net none, which hides it too"
    if let closedBus, policy.files.flags[.x11None] == nil, display == nil {
      throw PolicyError(
        closedBus, "dbus-user",
        "the bus has an abstract socket, and this kernel can't close it (Landlock 6)", hint: hint)
    }
    let sockets = try answer(for: origin, "x11") { () throws(HostError) in
      try host.contents(of: "/proc/net/unix")
    }
    let lines = (sockets ?? []).split(separator: 10)
    guard !lines.contains(where: { $0.contains("@/tmp/.X11-unix/".utf8) }) else {
      throw PolicyError(
        origin, "x11",
        "an X server has an abstract socket, and this kernel can't close it (Landlock 6)",
        hint: hint)
    }
    return origin
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

  private static func descriptorStep(
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
  private static func buildsOwnSandbox(_ policy: Policy, _ host: some HostView) -> Bool {
    let kept = (policy.capabilities?.value.kept ?? []).map(\.name)
    // A server of root's keeps sys_chroot for itself.
    return policy.allowsNesting != nil || kept.contains("sys_admin")
      || (!host.isPrivileged && kept.contains("sys_chroot"))
  }

  private static func filterStep(
    _ policy: Policy, _ host: some HostView, hasView: Bool
  ) -> Step {
    var syscalls = policy.syscalls
    syscalls.allowsDebuggers = policy.allowsDebuggers != nil
    syscalls.refusesUserNamespaces = hasView && !buildsOwnSandbox(policy, host)
    let origin =
      syscalls.native?.origin ?? syscalls.blocksSecondary ?? syscalls.protocols.origin
      ?? syscalls.denyWriteExecute ?? syscalls.namespaces.origin ?? .builtIn("terminal")
    return Step(.installFilter(FilterBuilder.filter(for: syscalls)), origin)
  }

  private static func executeStep(
    _ policy: Policy, _ view: ViewPlan, _ program: FoundFile, _ command: Command,
    _ host: some HostView
  ) -> Step {
    Step(
      .execute(
        program.path, arguments: [command.program] + command.arguments,
        environment: environment(policy, view, host)),
      .builtIn("program"))
  }
}

extension Planner {
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
