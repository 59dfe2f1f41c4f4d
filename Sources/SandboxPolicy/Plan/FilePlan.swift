internal import KernelTypes

/// The path rules as mounts: one pass in their order, nothing for what does not exist but a
/// look-up, nothing below what is already hidden.
struct FilePlan {
  private(set) var steps: [Step] = []
  private(set) var warnings: [PolicyError] = []
  private(set) var missing: [PolicyError] = []
  /// What a rule did not do by design, for `--debug`.
  private(set) var notes: [PolicyError] = []
  private var exempt: [Path] = []
  /// Hidden themselves, with all below them.
  private var hidden: [Path: Origin] = [:]
  /// Directories that a new file system covers: nothing below them exists any more.
  private var emptied: [Path: Origin] = [:]

  init(
    _ policy: Policy, program: FoundFile, host: some HostView
  ) throws(PolicyError) {
    var rules = policy.files.rulesInOrder
    if policy.filterOnly != nil {
      rules.removeAll { $0.verb != .noBlacklist }
    }
    for rule in rules { try add(rule, host) }
    guard !steps.isEmpty else { return }
    if !host.isPrivileged, let refusal = try Planner.refusal(of: host) {
      try leaveOut(rules, because: refusal)
      return
    }
    try checkReachable(program, host)
    try insertCovers(host)
  }

  private mutating func add(_ rule: PathRule, _ host: some HostView) throws(PolicyError) {
    if rule.verb == .noBlacklist {
      exempt.append(rule.pattern)
      return
    }
    for path in try matches(of: rule, host) {
      let found = try answer(for: rule.origin, rule.verb.rawValue) { () throws(HostError) in
        try host.find(path)
      }
      guard let found, !isHidden(found.path) else { continue }
      switch rule.verb {
      case .noBlacklist: break
      case .blacklist: try hide(path, found, rule, host)
      case .readOnly: setFlags(.readOnly, [], found, rule)
      case .noExecute: setFlags([.noExecute, .noSetuid, .noDevices], [], found, rule)
      case .readWrite:
        guard found.owner == host.uid else {
          warnings.append(
            PolicyError(
              rule.origin, rule.verb.rawValue,
              "\"\(path)\" belongs to somebody else and stays as it is"))
          continue
        }
        setFlags([], .readOnly, found, rule)
      case .temporary:
        guard found.kind == .directory else {
          throw PolicyError(rule.origin, rule.verb.rawValue, "\"\(path)\" is not a directory")
        }
        steps.append(Step(.mountTemporary(found.path, mode: found.mode), rule.origin))
        emptied[found.path] = rule.origin
      }
    }
  }

  private func matches(
    of rule: PathRule, _ host: some HostView
  ) throws(PolicyError) -> [Path] {
    guard Glob.isPattern(rule.pattern.bytes) else { return [rule.pattern] }
    return try answer(for: rule.origin, rule.verb.rawValue) { () throws(HostError) in
      try Glob.expand(rule.pattern, entries: host.entries)
    }
  }

  private mutating func setFlags(
    _ set: MountFlags, _ clear: MountFlags, _ found: FoundFile, _ rule: PathRule
  ) {
    steps.append(Step(.setMountFlags(found.path, found.kind, set: set, clear: clear), rule.origin))
  }

  private mutating func hide(
    _ path: Path, _ found: FoundFile, _ rule: PathRule, _ host: some HostView
  ) throws(PolicyError) {
    guard !exempt.contains(where: { Glob.matches($0.bytes, path.bytes) }) else { return }
    // A link to /dev/null hides nothing, and /dev/null itself is needed everywhere.
    guard found.path != "/dev/null", found.path != host.launcher else { return }
    guard found.path != "/" else {
      throw PolicyError(rule.origin, rule.verb.rawValue, "\"\(path)\" is the whole file system")
    }
    // On merged systems /bin is a link to /usr/bin: hiding it would hide every program.
    if found.kind == .directory, path.parent == "/",
      found.path == Path("/usr").appending(path.lastComponent)
    {
      notes.append(
        PolicyError(
          rule.origin, rule.verb.rawValue,
          "\"\(path)\" is a link to \(found.path) and stays visible"))
      return
    }
    steps.append(Step(.cover(found.path, found.kind), rule.origin))
    hidden[found.path] = rule.origin
  }

  private func isHidden(_ path: Path) -> Bool { hidingRule(of: path) != nil }

  /// The rule that hides a path or a directory above it.
  private func hidingRule(of path: Path) -> Origin? {
    guard !hidden.isEmpty || !emptied.isEmpty else { return nil }
    if let origin = hidden[path] { return origin }
    var ancestor = path
    while ancestor.bytes.count > 1, ancestor.isAbsolute {
      ancestor = ancestor.parent
      if let origin = hidden[ancestor] ?? emptied[ancestor] { return origin }
    }
    return nil
  }

  /// Says which rule keeps the program from running, where one does, before anything is done.
  private func checkReachable(_ program: FoundFile, _ host: some HostView) throws(PolicyError) {
    let found = try answer(for: nil, program.path.description) { () throws(HostError) in
      try host.find(program.path)
    }
    guard let found else { return }
    for step in steps {
      guard case .setMountFlags(let path, _, let set, _) = step.operation,
        set.contains(.noExecute), found.path.isWithin(path)
      else { continue }
      throw PolicyError(
        step.origin, "noexec", "lets nothing below \(path) run, and \(program.path) lies there",
        hint: "move the program, or skip the rule by --ignore=noexec")
    }
    guard let origin = hidingRule(of: found.path) else { return }
    throw PolicyError(
      origin, "", "hides the program \(program.path)",
      hint: "lift it by: noblacklist \(program.path)")
  }

  private mutating func leaveOut(
    _ rules: [PathRule], because refusal: String
  ) throws(PolicyError) {
    let acting = Set(steps.map(\.origin))
    if let rule = rules.first(where: { !$0.isOptional && acting.contains($0.origin) }) {
      throw PolicyError(
        rule.origin, rule.verb.rawValue,
        "needs a user namespace, and this host refuses them: \(refusal)",
        hint: "allow them, or use --filter-only, which gives up every rule about files")
    }
    missing = rules.filter { acting.contains($0.origin) }.map { rule in
      PolicyError(
        rule.origin, rule.verb.rawValue, "left out: this host refuses user namespaces: \(refusal)")
    }
    steps = []
  }

  /// The covers' file system lies on the first directory that is hidden: it is a cover itself.
  /// Where none is, it lies for a moment on a directory that no rule is about.
  private mutating func insertCovers(_ host: some HostView) throws(PolicyError) {
    let covered = steps.compactMap { step in
      if case .cover(let path, let kind) = step.operation { (path, kind) } else { nil }
    }
    guard let first = covered.first,
      let start = steps.firstIndex(where: { $0.operation == .cover(first.0, first.1) })
    else { return }
    let directory = covered.first { $0.1 == .directory }?.0
    let spare = try directory == nil ? spareDirectory(host, except: covered.map(\.0)) : nil
    guard let place = directory ?? spare else {
      throw PolicyError(steps[start].origin, "blacklist", "there is no directory to prepare it in")
    }
    let isPlace = { (step: Step) in step.operation == .cover(place, .directory) }
    let origin = steps.first(where: isPlace)?.origin ?? steps[start].origin
    steps.removeAll(where: isPlace)
    steps.insert(
      Step(.prepareCovers(at: place, isTemporary: directory == nil), origin), at: start)
    steps.append(Step(.releaseCovers, origin))
  }

  /// A directory that exists nearly everywhere and that no cover lies in.
  private func spareDirectory(
    _ host: some HostView, except covered: [Path]
  ) throws(PolicyError) -> Path? {
    for name in ["/proc/driver", "/media", "/mnt", "/srv", "/tmp"] {
      let found = try answer(for: nil, name) { () throws(HostError) in try host.find(Path(name)) }
      if let found, found.kind == .directory, !covered.contains(where: { $0.isWithin(found.path) })
      {
        return found.path
      }
    }
    return nil
  }
}
