internal import KernelTypes

/// The restricted view as steps: base restrictions, then what the profile asks for, in the order of
/// Firejail's phases. Nothing for what does not exist but a look-up, nothing below what is hidden.
struct ViewPlan {
  let policy: Policy
  let files: FilePolicy
  /// Before the namespaces are made.
  var hostSteps: [Step] = []
  var steps: [Step] = []
  var warnings: [PolicyError] = []
  var missing: [PolicyError] = []
  /// What a rule did not do by design, for `--debug`.
  var notes: [PolicyError] = []
  var model = ViewModel()
  var texts: [GeneratedText] = []
  /// The home directory without links.
  var home: Path
  let callerID: UInt32
  /// What `noblacklist` lifted so far.
  var exempt = PathSet()
  /// Places that are hidden by name, with the directories above: see `holdPlaces`.
  var places: [HeldPlace] = []
  /// Where the steps of the view proper begin.
  private var beginning = 0
  /// What services outside share with the view; nil without services.
  var exchange: Exchange?
  /// Sockets of buses that are hidden, and those that a private directory still shows.
  var closed: [(path: Path, origin: Origin)] = []
  var shownSockets: [WhitelistRule] = []

  /// - Returns: a plan without steps where there is to be no view: with `filter-only`, and where the
  ///   host refuses user namespaces and nothing but optional rules ask for one.
  init(_ policy: Policy, program: FoundFile, host: some HostView) throws(PolicyError) {
    self.policy = policy
    files = policy.files
    home = host.home
    callerID = host.uid
    guard policy.filterOnly == nil else { return }
    if let found = try find(host.home, .builtIn("home"), host) { home = found.path }
    try makeOnHost(host)
    try addBuses(host)
    try addDisplay(host)
    closeExchange()
    beginning = steps.count
    try addBase(host)
    try addPrivateHome(host)
    makeInside(host)
    try addDevices(host)
    for list in [PrivateList.optional, .services] { try addEntries(of: list, host) }
    let found = try answer(for: nil, "\(program.path)") { () throws(HostError) in
      try host.find(program.path)
    }
    try addLibraries(try addPrograms(program, host) + [found ?? program], host)
    if let origin = files.flags[.disableMnt] {
      for path in ["/mnt", "/media", "/run/mount", "/run/media"] {
        try hide(Path(path), origin, host)
      }
    }
    try addConfiguration(host)
    try addIdentity(host)
    try addWhitelists(host)
    makeInside(host)
    try addSoundConfiguration(host)
    for rule in files.rulesInOrder + implicitRules { try add(rule, host) }
    try maskDevices(host)
    for socket in closed { try hide(socket.path, socket.origin, host) }
    try addMissingState(host)
    try holdPlaces(host)

    if !host.isPrivileged, let refusal = try Planner.refusal(of: host) {
      try leaveOut(because: refusal)
      return
    }
    try checkReachable(program, host)
    try checkWorkingDirectory(host)
    try insertCovers(host)
  }

  /// On a host that refuses user namespaces, what a line asks for is an error; what was there
  /// without asking is left out, and said.
  private mutating func leaveOut(because refusal: String) throws(PolicyError) {
    let acting = Set((hostSteps + steps).map(\.origin))
    let asked = files.requests.filter { acting.contains($0.origin) }
    if let request = asked.first(where: { !$0.isOptional }) {
      throw PolicyError(
        request.origin, request.directive,
        "needs a user namespace, and this host refuses them: \(refusal)",
        hint: "allow them, or use --filter-only, which gives up every rule about files")
    }
    missing = [
      PolicyError(
        nil, "base restrictions", "left out: this host refuses user namespaces: \(refusal)")
    ]
    missing += asked.map { request in
      PolicyError(
        request.origin, request.directive,
        "left out: this host refuses user namespaces: \(refusal)")
    }
    warnings.append(
      PolicyError(
        files.optionalFrom, "",
        "this host refuses user namespaces: \(refusal); the base restrictions and "
          + "\(asked.count) rules about files are not in force",
        hint: "allow them; --filter-only does without in silence"))
    (hostSteps, steps, exchange) = ([], [], nil)
  }

  // MARK: Steps

  func find(
    _ path: Path, _ origin: Origin, _ host: some HostView
  ) throws(PolicyError) -> FoundFile? {
    try answer(for: origin, "\(path)") { () throws(HostError) in try model.find(path, host) }
  }

  func matches(
    of pattern: Path, _ origin: Origin, _ host: some HostView
  ) throws(PolicyError) -> [Path] {
    guard Glob.isPattern(pattern.bytes) else { return [pattern] }
    return try answer(for: origin, "\(pattern)") { () throws(HostError) in
      try Glob.expand(pattern) { (directory) throws(HostError) in
        try model.names(in: directory, host)
      }
    }
  }

  mutating func add(_ operation: Operation, _ origin: Origin) {
    steps.append(Step(operation, origin))
  }

  /// Before all others of the view, while there are few mounts.
  mutating func addFirst(_ operations: [Operation], _ origin: Origin) {
    steps.insert(contentsOf: operations.map { Step($0, origin) }, at: beginning)
  }

  /// Hides what a path leads to, if anything.
  mutating func hide(_ path: Path, _ origin: Origin, _ host: some HostView) throws(PolicyError) {
    for path in try matches(of: path, origin, host) {
      guard let found = try find(path, origin, host), found.path != "/dev/null" else { continue }
      add(.cover(found.path, found.kind), origin)
      model.hide(found.path, origin)
    }
  }

  mutating func setFlags(
    of path: Path, _ set: MountFlags, clear: MountFlags = [], _ origin: Origin,
    _ host: some HostView
  ) throws(PolicyError) {
    guard let found = try find(path, origin, host) else { return }
    add(.setMountFlags(found.path, found.kind, set: set, clear: clear), origin)
  }

  mutating func replace(_ directory: FoundFile, mode: UInt32? = nil, _ origin: Origin) {
    add(.replace(directory.path, mode: mode ?? directory.mode), origin)
    model.replace(directory.path, origin)
  }

  /// Replaces a directory that exists.
  ///
  /// - Returns: where it lies.
  @discardableResult
  mutating func replace(
    _ path: Path, mode: UInt32? = nil, _ origin: Origin, _ host: some HostView
  ) throws(PolicyError) -> FoundFile? {
    guard let found = try find(path, origin, host), found.kind == .directory else { return nil }
    replace(found, mode: mode, origin)
    return found
  }

  /// Shows what was found before its directory was replaced.
  mutating func show(_ found: FoundFile, at path: Path? = nil, _ origin: Origin) {
    let path = path ?? found.path
    add(.show(source: found.path, found.kind, at: path), origin)
    model.show(found.path, at: path)
  }

  mutating func makeLink(_ path: Path, to target: Path, _ origin: Origin) {
    add(.makeLink(path, to: target), origin)
    model.make(path, .other, leadsTo: target)
  }

  /// Puts a text over a file that exists.
  mutating func cover(
    _ path: Path, by text: GeneratedText, _ origin: Origin, _ host: some HostView
  ) throws(PolicyError) {
    guard let found = try find(path, origin, host), found.kind == .regular else { return }
    add(.coverByText(found.path, texts.count), origin)
    texts.append(text)
  }

  // MARK: What makes no mount of its own

  /// `mkdir` and `mkfile`.
  private mutating func makeOnHost(_ host: some HostView) throws(PolicyError) {
    for made in files.made {
      let name = made.kind == .directory ? "mkdir" : "mkfile"
      let places = [host.home, "/tmp", Path("/run/user/\(host.uid)")]
      guard places.contains(where: { made.path.isWithin($0) && made.path != $0 }) else {
        throw PolicyError(
          made.origin, name, "\"\(made.path)\" lies elsewhere",
          hint: "it may lie below the home directory, /tmp and /run/user/\(host.uid)")
      }
      guard try find(made.path, made.origin, host) == nil else { continue }
      var missing: [Path] = [made.path]
      var base = made.path.parent
      var found = try find(base, made.origin, host)
      while found == nil, base.bytes.count > 1 {
        missing.append(base)
        base = base.parent
        found = try find(base, made.origin, host)
      }
      guard let found, found.kind == .directory else {
        throw PolicyError(made.origin, name, "\"\(base)\" is no directory")
      }
      for path in missing {
        model.expect(
          path, resolved: Path(found.path.bytes + path.bytes[base.bytes.count...]),
          path == made.path ? made.kind : .directory, owner: host.uid)
      }
      let resolved = Path(found.path.bytes + made.path.bytes[base.bytes.count...])
      hostSteps.append(
        Step(
          made.kind == .directory ? .makeHostDirectory(resolved) : .makeHostFile(resolved),
          made.origin))
    }
  }

  /// What `mkdir` and `mkfile` make is there in an empty home as well.
  private mutating func makeInside(_ host: some HostView) {
    for made in files.made where !model.isVisible(made.path) {
      guard model.replacement(of: made.path) != nil else { continue }
      add(
        made.kind == .directory
          ? .makeDirectory(made.path, mode: 0o700)
          : .makeFile(made.path, GeneratedText([], mode: 0o600)), made.origin)
      model.make(made.path, made.kind, owner: host.uid)
    }
  }

  /// Says which rule keeps the program from running, where one does, before anything is done.
  private func checkReachable(_ program: FoundFile, _ host: some HostView) throws(PolicyError) {
    let found = try answer(for: nil, program.path.description) { () throws(HostError) in
      try host.find(program.path)
    }
    guard let found else { return }
    // The link by which it was found has to be there as well.
    let parent = try find(program.path.parent, .builtIn("program"), host)
    let name = parent.map { $0.path.appending(program.path.lastComponent) } ?? program.path
    for path in [found.path, name] {
      if let origin = model.obstacle(of: path) {
        throw PolicyError(
          origin, "", "hides the program \(program.path)",
          hint: "show it, for one by: noblacklist, whitelist or private-bin \(program.path)")
      }
    }
    for step in steps {
      guard case .setMountFlags(let path, _, let set, let clear) = step.operation,
        found.path.isWithin(path), set.contains(.noExecute), !clear.contains(.noExecute)
      else { continue }
      throw PolicyError(
        step.origin, "noexec", "lets nothing below \(path) run, and \(program.path) lies there",
        hint: "move the program, or skip the rule by --ignore=noexec")
    }
  }

  /// `private-cwd` with a directory that is not there.
  private func checkWorkingDirectory(_ host: some HostView) throws(PolicyError) {
    guard let wanted = files.workingDirectory, let path = wanted.value else { return }
    let found = try find(path, wanted.origin, host)
    guard let found, found.kind == .directory, found.path == path else {
      throw PolicyError(
        wanted.origin, "private-cwd", "\"\(path)\" is no directory inside",
        hint: "name one without links that the sandbox shows")
    }
  }

  /// The top-level directories that the view leaves writable, and what it puts into others.
  func writableDirectories(_ host: some HostView) throws(PolicyError) -> [Path] {
    var isReadOnly: Set<Path> = []
    for step in steps {
      if case .setMountFlags(let path, _, let set, _) = step.operation, set.contains(.readOnly) {
        isReadOnly.insert(path)
      }
    }
    var paths: [Path] = []
    let names = try answer(for: nil, "/") { () throws(HostError) in
      try model.names(in: "/", host)
    }
    for name in names {
      let path = Path("/").appending(name)
      guard let found = try find(path, .builtIn("view"), host), found.path == path,
        !isReadOnly.contains(path), found.kind != .other
      else { continue }
      paths.append(path)
    }
    var sealed: Set<Path> = []
    for step in steps {
      if case .seal(let path) = step.operation { sealed.insert(path) }
    }
    let isInReadOnly = { (path: Path) in isReadOnly.contains { path.isWithin($0) } }
    for step in steps {
      let inner: Path? =
        switch step.operation {
        case .replace(let path, _): sealed.contains(path) ? nil : path
        case .show(let source, _, let path), .bind(let source, _, let path):
          isInReadOnly(source) ? nil : path
        case .setMountFlags(let path, _, _, let clear): clear.contains(.readOnly) ? path : nil
        default: nil
        }
      // One for each, so only where no other one holds.
      if let inner, model.isVisible(inner), isInReadOnly(inner),
        !paths.contains(where: { inner.isWithin($0) })
      {
        paths.append(inner)
      }
    }
    return paths
  }

  /// The covers' file system lies on the first directory that is hidden: it is a cover itself.
  /// Where none is, it lies for a moment on a directory that no rule is about.
  private mutating func insertCovers(_ host: some HostView) throws(PolicyError) {
    let isCover = { (step: Step) in
      switch step.operation {
      case .cover, .coverLink, .coverByText: true
      default: false
      }
    }
    guard let start = steps.firstIndex(where: isCover) else { return }
    var place: (path: Path, step: Step)?
    for step in steps {
      guard case .cover(let path, .directory) = step.operation else { continue }
      place = (path, step)
      break
    }
    if let place {
      steps.removeAll { $0 == place.step }
      steps.insert(
        Step(
          .prepareCovers(at: place.path, isTemporary: false, texts: texts), place.step.origin),
        at: start)
    } else {
      let origin = steps[start].origin
      let spare = try spareDirectory(host)
      guard let spare else {
        throw PolicyError(origin, "blacklist", "there is no directory to prepare it in")
      }
      steps.insert(
        Step(.prepareCovers(at: spare, isTemporary: true, texts: texts), origin), at: start)
      steps.append(Step(.releaseCovers, origin))
    }
  }

  /// A directory that exists nearly everywhere and that nothing is done to.
  private func spareDirectory(_ host: some HostView) throws(PolicyError) -> Path? {
    for name in ["/proc/driver", "/media", "/mnt", "/srv", "/tmp"] {
      let found = try answer(for: nil, name) { () throws(HostError) in try host.find(Path(name)) }
      guard let found, found.kind == .directory else { continue }
      let isUsed = steps.contains { step in
        switch step.operation {
        case .cover(let path, _), .coverByText(let path, _), .replace(let path, _):
          path.isWithin(found.path) || found.path.isWithin(path)
        default: false
        }
      }
      if !isUsed { return found.path }
    }
    return nil
  }
}
