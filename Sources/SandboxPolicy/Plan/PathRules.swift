internal import KernelTypes

/// `blacklist`, `read-only` and the like: one pass in their order, after everything else.
extension ViewPlan {
  /// What a profile can lift by `noblacklist`, because it comes last.
  var implicitRules: [PathRule] {
    var rules = ["/sys/fs", "/sys/module"].map {
      PathRule(.blacklist, $0, .builtIn("noblacklist lifts it"))
    }
    if let origin = files.flags[.privateCache] {
      rules.append(PathRule(.temporary, home.appending(".cache"), origin))
    }
    if let origin = files.flags[.noPrinters] {
      for path: Path in ["/dev/lp*", "/run/cups/cups.sock"] {
        rules.append(PathRule(.blacklist, path, origin))
      }
    }
    return rules
  }

  mutating func add(_ rule: PathRule, _ host: some HostView) throws(PolicyError) {
    if rule.verb == .noBlacklist {
      exempt.insert(rule.pattern)
      return
    }
    if case .bind(let source) = rule.verb { return try bind(source, rule, host) }
    for path in try matches(of: rule.pattern, rule.origin, host) {
      guard let found = try find(path, rule.origin, host), !isLent(found) else {
        if rule.verb == .blacklist, rule.isOwn, !exempt.contains(path) {
          try lend(path, for: rule, host)
        }
        continue
      }
      try act(rule, on: path, found, host)
    }
  }

  private mutating func act(
    _ rule: PathRule, on path: Path, _ found: FoundFile, _ host: some HostView
  ) throws(PolicyError) {
    switch rule.verb {
    case .noBlacklist, .bind: break
    case .blacklist:
      try hide(path, found, rule, host)
      if found.path == "/" {
        throw PolicyError(rule.origin, rule.verb.name, "\"\(path)\" is the whole file system")
      }
    case .readOnly:
      setFlags(of: found, set: .readOnly, rule.origin)
      if found.kind != .directory, let link = try link(at: path, to: found, rule, host) {
        add(.showOnLink(source: found.path, link), rule.origin)
      }
      hold(found, rule, host)
    case .noExecute: setFlags(of: found, set: [.noExecute, .noSetuid, .noDevices], rule.origin)
    case .readWrite:
      let owner = try answer(for: rule.origin, "\(path)") { () throws(HostError) in
        try model.owner(of: found, host)
      }
      guard owner == host.uid else {
        warnings.append(
          PolicyError(
            rule.origin, rule.verb.name, "\"\(path)\" belongs to somebody else and stays as it is"))
        return
      }
      setFlags(of: found, clear: .readOnly, rule.origin)
    case .temporary:
      guard found.kind == .directory else {
        throw PolicyError(rule.origin, rule.verb.name, "\"\(path)\" is not a directory")
      }
      replace(found, rule.origin)
    }
  }

  private mutating func setFlags(
    of found: FoundFile, set: MountFlags = [], clear: MountFlags = [], _ origin: Origin
  ) {
    add(.setMountFlags(found.path, found.kind, set: set, clear: clear), origin)
  }

  private mutating func hide(
    _ path: Path, _ found: FoundFile, _ rule: PathRule, _ host: some HostView
  ) throws(PolicyError) {
    guard !exempt.contains(path) else { return }
    // A link to /dev/null hides nothing, and /dev/null itself is needed everywhere.
    guard found.path != "/dev/null", found.path != host.launcher, found.path != "/" else { return }
    // On merged systems /bin is a link to /usr/bin: hiding it would hide every program.
    if found.kind == .directory, path.parent == "/",
      found.path == Path("/usr").appending(path.lastComponent)
    {
      notes.append(
        PolicyError(
          rule.origin, rule.verb.name, "\"\(path)\" is a link to \(found.path) and stays visible"))
      return
    }
    // Before what it leads to is hidden.
    if let link = try link(at: path, to: found, rule, host) { add(.coverLink(link), rule.origin) }
    add(.cover(found.path, found.kind), rule.origin)
    model.hide(found.path, found.kind, rule.origin)
    hold(found, rule, host)
  }

  /// Keeps the directories above what a rule of the user's is about in their places.
  private mutating func hold(_ found: FoundFile, _ rule: PathRule, _ host: some HostView) {
    if rule.isOwn, found.owner ?? host.uid == host.uid {
      places.append(HeldPlace(path: found.path, isLent: false, origin: rule.origin))
    }
  }

  /// Where a path is a link of the caller's in the home: it could be replaced by a file.
  private func link(
    at path: Path, to found: FoundFile, _ rule: PathRule, _ host: some HostView
  ) throws(PolicyError) -> Path? {
    guard found.path != path,
      let directory = try find(path.parent, rule.origin, host), directory.owner == host.uid
    else { return nil }
    let link = directory.path.appending(path.lastComponent)
    return link != found.path && model.isVisible(link) ? link : nil
  }

  private mutating func bind(
    _ source: Path, _ rule: PathRule, _ host: some HostView
  ) throws(PolicyError) {
    guard let from = try find(source, rule.origin, host),
      let target = try find(rule.pattern, rule.origin, host)
    else {
      throw PolicyError(
        rule.origin, "bind", "\"\(source)\" or \"\(rule.pattern)\" does not exist inside",
        hint: "both must be there, as two files or two directories")
    }
    guard from.path == source, target.path == rule.pattern else {
      throw PolicyError(
        rule.origin, "bind", "a symbolic link is on the way", hint: "name both without")
    }
    guard (from.kind == .directory) == (target.kind == .directory) else {
      throw PolicyError(rule.origin, "bind", "one is a directory and the other is not")
    }
    add(.bind(source: from.path, from.kind, on: target.path), rule.origin)
    model.show(from.path, at: target.path)
  }
}
