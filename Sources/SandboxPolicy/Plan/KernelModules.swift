internal import KernelTypes

/// The layers of Landlock and AppArmor.
extension Planner {
  /// A second layer below the mounts: what they make read-only can't be changed by any other way.
  static func landlockStep(
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
  static func enforcementStep(
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
  static func addAppArmor(
    _ policy: Policy, _ host: some HostView, _ plan: inout Plan
  ) throws(PolicyError) {
    guard let profile = policy.appArmor.profile, policy.allowsDebuggers?.option == nil
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
    guard !lines.contains(where: { $0.holds("@/tmp/.X11-unix/".utf8) }) else {
      throw PolicyError(
        origin, "x11",
        "an X server has an abstract socket, and this kernel can't close it (Landlock 6)",
        hint: hint)
    }
    return origin
  }
}
