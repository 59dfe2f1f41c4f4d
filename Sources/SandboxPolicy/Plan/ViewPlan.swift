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
  /// Where the steps about users' files begin.
  var beginning = 0
  /// What services outside share with the view; nil without services.
  var exchange: Exchange?
  /// Sockets of buses that are hidden, and those that a private directory still shows.
  var closed: [(path: Path, origin: Origin)] = []
  var shownSockets: [WhitelistRule] = []
  /// Where the files of an AppImage are shown.
  var appImageDirectory: Path?

  /// - Returns: a plan without steps where there is to be no view: with `filter-only`, and where the
  ///   host refuses user namespaces and nothing but optional rules ask for one.
  init(
    _ policy: Policy, program: FoundFile, _ image: AppImage? = nil, host: some HostView
  ) throws(PolicyError) {
    self.policy = policy
    var files = policy.files
    if image != nil {
      // It brings its own.
      for list in [PrivateList.programs, .libraries] { files.lists[list] = nil }
    }
    self.files = files
    home = host.home
    callerID = host.uid
    guard policy.filterOnly == nil else { return }
    if let found = try find(host.home, .builtIn("home"), host) { home = found.path }
    try makeOnHost(host)
    try addBuses(host)
    try addDisplay(host)
    if let image { try addAppImage(image, host) }
    closeExchange()
    try addBase(host)
    try addPrivateHome(host)
    makeInside(host)
    try addDevices(host)
    for list in [PrivateList.optional, .services] { try addEntries(of: list, host) }
    let found = try answer(for: nil, "\(program.path)") { () throws(HostError) in
      try host.find(program.path)
    }
    if image == nil {
      try addLibraries(try addPrograms(program, host) + [found ?? program], host)
    }
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
    try replaceBubblewrap(host)
    try holdPlaces(host)

    if !host.isPrivileged, let refusal = try Planner.refusal(of: host) {
      try leaveOut(because: refusal)
      return
    }
    if let image { try checkAppImage(image.origin) } else { try checkReachable(program, host) }
    try checkWorkingDirectory(host)
    try insertCovers(host)
  }

  /// On a host that refuses user namespaces, what a line asks for is an error; what was there
  /// without asking is left out, and said.
  private mutating func leaveOut(because refusal: String) throws(PolicyError) {
    let acting = Set((hostSteps + steps).map { $0.origin })
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

  /// Those of some paths that are directories of the view, each once, without links.
  func directories(
    among paths: [Path], _ origin: Origin, _ host: some HostView
  ) throws(PolicyError) -> [FoundFile] {
    var directories: [FoundFile] = []
    for path in paths {
      if let found = try find(path, origin, host), found.kind == .directory,
        !directories.contains(where: { $0.path == found.path })
      {
        directories.append(found)
      }
    }
    return directories
  }

  mutating func add(_ operation: Operation, _ origin: Origin) {
    steps.append(Step(operation, origin))
  }

  /// Before all others about users' files, while there are few mounts.
  mutating func addFirst(_ operations: [Operation], _ origin: Origin) {
    steps.insert(contentsOf: operations.map { Step($0, origin) }, at: beginning)
  }

  /// Hides what a path leads to, if anything.
  mutating func hide(_ path: Path, _ origin: Origin, _ host: some HostView) throws(PolicyError) {
    for path in try matches(of: path, origin, host) {
      guard let found = try find(path, origin, host), found.path != "/dev/null" else { continue }
      add(.cover(found.path, found.kind), origin)
      model.hide(found.path, found.kind, origin)
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

}
