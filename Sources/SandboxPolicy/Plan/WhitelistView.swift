internal import KernelTypes

/// `whitelist`: the top-level directory of each path shows these paths and nothing else.
extension ViewPlan {
  /// The directory that a path makes private: its top-level directory, or one of those that have a
  /// meaning of their own.
  private func top(of path: Path, _ host: some HostView) -> Path {
    let runtime = Path("/run/user/\(host.uid)")
    for directory in [host.home, runtime, "/sys/module"] as [Path]
    where path.isWithin(directory) && path != directory {
      return directory
    }
    let components = path.components
    let depth = components.first?.elementsEqual("usr".utf8) == true ? 2 : 1
    return components.prefix(depth).reduce("/") { $0.appending($1) }
  }

  mutating func addWhitelists(_ host: some HostView) throws(PolicyError) {
    var rules = files.whitelists + temporaryRules(host)
    if files.home != nil { rules.removeAll { top(of: $0.path, host) == host.home } }
    try check(rules, host)
    // The home and the runtime directory come last, so that they survive in /home and /run.
    let tops = rules.filter { !$0.isDropped }.map { top(of: $0.path, host) }
    rules += shownSockets.filter { tops.contains(top(of: $0.path, host)) }
    let inner: [Path] = [Path("/run/user/\(host.uid)"), host.home]
    var ordered: [Path] = []
    for top in tops.filter({ !inner.contains($0) }) + inner.filter(tops.contains)
    where !ordered.contains(top) {
      ordered.append(top)
    }
    for top in ordered {
      try addWhitelist(top, rules.filter { self.top(of: $0.path, host) == top }, host)
    }
  }

  /// What `private-tmp` leaves in /tmp.
  private func temporaryRules(_ host: some HostView) -> [WhitelistRule] {
    guard let origin = files.flags[.privateTmp] else { return [] }
    var paths: [Path] = ["/tmp/.X11-unix", "/tmp/sndio", "/tmp/pulse-*"]
    if let file = Self.variable("XAUTHORITY", host), Path(file).isWithin("/tmp"), file.count > 5 {
      paths.append(Path(file).normalized)
    }
    return paths.map { WhitelistRule(path: $0, isDropped: false, origin: origin) }
  }

  static func variable(_ name: String, _ host: some HostView) -> [UInt8]? {
    let prefix = Array((name + "=").utf8)
    return host.environment.first { $0.starts(with: prefix) }.map { Array($0[prefix.count...]) }
  }

  private func check(_ rules: [WhitelistRule], _ host: some HostView) throws(PolicyError) {
    for rule in rules where !rule.isDropped {
      let top = top(of: rule.path, host)
      let isWhole =
        rule.path == top || rule.path == "/" || rule.path.isWithin("/proc")
        || (rule.path.isWithin("/sys") && top != "/sys/module")
      if isWhole {
        throw PolicyError(
          rule.origin, "whitelist", "\"\(rule.path)\" can't be shown alone",
          hint: "name something below \(top == "/sys" || top == "/proc" ? "/sys/module" : "\(top)")"
        )
      }
    }
  }

  private mutating func addWhitelist(
    _ top: Path, _ rules: [WhitelistRule], _ host: some HostView
  ) throws(PolicyError) {
    guard let first = rules.first(where: { !$0.isDropped }) else { return }
    guard let directory = try find(top, first.origin, host), directory.kind == .directory else {
      return
    }
    guard directory.path == top || top == host.home else {
      warnings.append(
        PolicyError(first.origin, "whitelist", "\(top) is a symbolic link and stays as it is"))
      return
    }
    let shown = try shownPaths(rules, host)
    replace(directory, first.origin)
    for (path, found, origin) in shown {
      // The path as it is spelt, in the top directory without links.
      let place = Path(directory.path.bytes + path.bytes[top.bytes.count...])
      if found.path.isWithin(directory.path), !model.isVisible(found.path) { show(found, origin) }
      if place != found.path, !model.isVisible(place) { makeLink(place, to: found.path, origin) }
    }
    if top == host.home { try addHomeFiles(host, first.origin) }
    for kept in [home, Path("/run/user/\(host.uid)")]
    where kept != directory.path && kept.isWithin(directory.path) && !model.isVisible(kept) {
      if let found = try answer(
        for: first.origin, "whitelist", { () throws(HostError) in try host.find(kept) })
      {
        show(found, first.origin)
      }
    }
    if top == "/dev" { addDeviceLinks(first.origin) }
    if directory.owner != host.uid, directory.mode & 0o002 == 0 {
      add(.seal(directory.path), first.origin)
    }
    if top == "/tmp", let origin = files.flags[.privateTmp] {
      try setFlags(of: "/tmp/.X11-unix", .readOnly, origin, host)
    }
  }

  /// What the rules of one directory show, as found before it is replaced. Patterns come last.
  private func shownPaths(
    _ rules: [WhitelistRule], _ host: some HostView
  ) throws(PolicyError) -> [(path: Path, found: FoundFile, origin: Origin)] {
    var shown: [(path: Path, found: FoundFile, origin: Origin)] = []
    var patterns: [WhitelistRule] = []
    var dropped: [Path] = []
    for rule in rules {
      let found = try find(rule.path, rule.origin, host)
      if rule.isDropped {
        if let found { dropped.append(found.path) }
      } else if let found {
        if !dropped.contains(found.path) { shown.append((rule.path, found, rule.origin)) }
      } else if Glob.isPattern(rule.path.bytes) {
        patterns.append(rule)
      }
    }
    for rule in patterns {
      for path in try matches(of: rule.path, rule.origin, host) {
        if let found = try find(path, rule.origin, host), !dropped.contains(found.path) {
          shown.append((path, found, rule.origin))
        }
      }
    }
    // A directory before what lies in it.
    return shown.enumerated().sorted {
      ($0.element.found.path.bytes.count, $0.offset) < (
        $1.element.found.path.bytes.count, $1.offset
      )
    }.map { $0.element }
  }
}
