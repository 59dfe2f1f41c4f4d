internal import KernelTypes

/// The `private-*` family: directories that show a few entries, or none.
extension ViewPlan {
  // MARK: Home

  mutating func addPrivateHome(_ host: some HostView) throws(PolicyError) {
    guard let setting = files.home else { return try addOverlay(host) }
    if let overlay = files.overlay {
      throw PolicyError(
        overlay.origin, "overlay", "can't be had together with private (\(setting.origin))",
        hint: "leave one of them out")
    }
    let origin = setting.origin
    guard let directory = try find(home, origin, host), directory.kind == .directory else {
      throw PolicyError(origin, "private", "the home directory \(home) does not exist")
    }
    guard let path = setting.value else {
      replace(directory, mode: 0o700, origin)
      return try addHomeFiles(host, origin)
    }
    guard let source = try find(path, origin, host), source.kind == .directory else {
      throw PolicyError(origin, "private", "\"\(path)\" is no directory")
    }
    guard source.owner == host.uid else {
      throw PolicyError(
        origin, "private", "\"\(path)\" belongs to somebody else", hint: "use one of your own")
    }
    guard !home.isWithin(source.path) else {
      throw PolicyError(
        origin, "private", "\"\(path)\" is the home directory or holds it",
        hint: "leave the directory out for an empty home")
    }
    add(.bind(source: source.path, .directory, on: home), origin)
    model.show(source.path, at: home)
  }

  /// What a fresh home has: shell start-up files of /etc/skel, and what a display or sound needs.
  mutating func addHomeFiles(_ host: some HostView, _ origin: Origin) throws(PolicyError) {
    if !files.has(.keepShellRc) {
      for name in [".bashrc", ".inputrc", ".zshrc", ".cshrc"] {
        try copy(Path("/etc/skel/" + name), name, mode: 0o644, host, origin)
      }
    }
    for name in [".Xauthority", ".asoundrc"] {
      try copy(home.appending(name), name, mode: 0o600, host, origin)
    }
  }

  /// Copies a file of the host's into the new home, where there is none of that name.
  private mutating func copy(
    _ source: Path, _ name: String, mode: UInt32, _ host: some HostView, _ origin: Origin
  ) throws(PolicyError) {
    let place = home.appending(name)
    guard !model.isVisible(place) else { return }
    let found = try answer(for: origin, "\(source)") { () throws(HostError) -> FoundFile? in
      guard let found = try host.find(source), found.kind == .regular,
        found.path.isWithin(home) || model.isVisible(found.path)
      else { return nil }
      return found
    }
    guard let found else { return }
    add(.copyFile(source: found.path, to: place, mode: mode), origin)
    model.make(place, .regular, owner: host.uid)
  }

  private mutating func addOverlay(_ host: some HostView) throws(PolicyError) {
    guard let overlay = files.overlay else { return }
    let origin = overlay.origin
    guard let directory = try find(home, origin, host), directory.kind == .directory else {
      throw PolicyError(origin, "overlay", "the home directory \(home) does not exist")
    }
    guard case .kept(let wanted) = overlay.value else {
      return add(.overlay(directory.path, storage: nil), origin)
    }
    let name = if let wanted { wanted } else { try newName(origin, host) }
    let storage = directory.path.appending(Layer.directory).appending(name)
    if wanted == nil {
      warnings.append(PolicyError(origin, "", "changes are kept in \(storage)"))
    }
    hostSteps.append(Step(.openLayer(storage), origin))
    add(.overlay(directory.path, storage: storage), origin)
    // Programs must not reach the layers themselves: they are there by the first start at least.
    add(.cover(directory.path.appending(Layer.directory), .directory), origin)
  }

  private func newName(_ origin: Origin, _ host: some HostView) throws(PolicyError) -> String {
    String(decoding: try randomDigits(8, for: "overlay", origin, host), as: UTF8.self)
  }

  // MARK: Lists of entries

  /// `private-opt` and `private-srv`.
  mutating func addEntries(of list: PrivateList, _ host: some HostView) throws(PolicyError) {
    guard let entries = files.lists[list] else { return }
    let top: Path = list == .optional ? "/opt" : "/srv"
    try addEntries(entries.items, of: top, list.rawValue, entries.origin, host)
  }

  /// Replaces a directory by these entries of it, patterns allowed, links followed.
  private mutating func addEntries(
    _ names: [[UInt8]], of top: Path, _ directive: String, _ origin: Origin, _ host: some HostView
  ) throws(PolicyError) {
    guard let directory = try find(top, origin, host), directory.kind == .directory else { return }
    var entries: [(place: Path, found: FoundFile)] = []
    var links: [(place: Path, target: Path)] = []
    for name in names {
      for path in try matches(of: directory.path.appending(name), origin, host)
      where path.components.count > directory.path.components.count {
        if let found = try find(path, origin, host) {
          entries.append((path, found))
        } else if let target = try ownProcess(path, origin, host) {
          links.append((path, target))
        }
      }
    }
    replace(directory, mode: 0o755, origin)
    for link in links { makeLink(link.place, to: link.target, origin) }
    for (place, found) in entries.sorted(by: { $0.place.bytes.count < $1.place.bytes.count })
    where !model.isVisible(place) {
      show(found, at: place, origin)
    }
    add(.seal(directory.path), origin)
  }

  /// The file of /proc/self that a link leads to, as /etc/mtab does; nil where it leads elsewhere.
  private func ownProcess(
    _ path: Path, _ origin: Origin, _ host: some HostView
  ) throws(PolicyError) -> Path? {
    let found = try answer(for: origin, "\(path)") { () throws(HostError) in try host.find(path) }
    guard let found, ViewModel.isProcess(found.path) else { return nil }
    return found.path.components.dropFirst(2).reduce("/proc/self") { $0.appending($1) }
  }

  // MARK: /etc

  mutating func addConfiguration(_ host: some HostView) throws(PolicyError) {
    guard let list = files.lists[.configuration] else { return }
    if let writable = files.flags[.writableEtc] {
      throw PolicyError(
        list.origin, "private-etc", "can't be had together with writable-etc (\(writable))",
        hint: "leave one of them out")
    }
    var names = ConfigurationGroups.always
    if !files.has(.netNone) { names += ConfigurationGroups.network }
    if !files.has(.noSound) { names += ConfigurationGroups.sound }
    var entries = names.map { Array($0.utf8) }
    for item in list.items {
      let group = ConfigurationGroups.named(String(decoding: item, as: UTF8.self))
      entries += group.map { $0.map { Array($0.utf8) } } ?? [item]
    }
    try addEntries(entries, of: "/etc", "private-etc", list.origin, host)
    if try find("/usr/etc", list.origin, host) != nil {
      try addEntries(entries, of: "/usr/etc", "private-etc", list.origin, host)
    }
  }

  // MARK: Programs

  private static let programDirectories: [Path] = [
    "/usr/local/bin", "/usr/bin", "/bin", "/usr/games", "/usr/local/games", "/usr/local/sbin",
    "/usr/sbin", "/sbin",
  ]

  /// `private-bin`: every directory of programs shows the same few, and the program that was asked
  /// for.
  ///
  /// - Returns: the programs, where there is a list.
  mutating func addPrograms(
    _ program: FoundFile, _ host: some HostView
  ) throws(PolicyError) -> [FoundFile] {
    guard let list = files.lists[.programs] else { return [] }
    let directories = try directories(among: Self.programDirectories, list.origin, host)
    guard let main = directories.first(where: { $0.path == "/usr/bin" }) ?? directories.first
    else { return [] }
    var programs: [NamedProgram] = []
    for item in list.items {
      programs += try programsNamed(item, in: directories, list.origin, host)
    }
    let parent = try find(program.path.parent, list.origin, host)
    if directories.contains(where: { $0.path == parent?.path }) {
      // It is the one that its name means, not another of that name.
      let own = try programsNamed(program.path.bytes, in: [], list.origin, host)
      programs = own + programs.filter { other in !own.contains { $0.name == other.name } }
    }
    // All first, so that each can still be looked up where it was.
    for directory in directories { replace(directory, mode: 0o755, list.origin) }
    for directory in directories {
      for program in programs { place(program, in: directory.path, main.path, list.origin) }
      add(.seal(directory.path), list.origin)
    }
    return programs.map { $0.found }
  }

  private typealias NamedProgram = (name: ArraySlice<UInt8>, found: FoundFile)

  /// Shows a program where it lies, once more under its name in the main directory, and by links in
  /// all others.
  private mutating func place(
    _ program: NamedProgram, in directory: Path, _ main: Path, _ origin: Origin
  ) {
    let place = main.appending(program.name)
    if program.found.path.parent == directory, !model.isVisible(program.found.path) {
      show(program.found, origin)
    }
    if directory == main, place != program.found.path, !model.isVisible(place) {
      makeLink(place, to: program.found.path, origin)
    }
    let same = directory.appending(program.name)
    if directory != main, !model.isVisible(same) { makeLink(same, to: place, origin) }
  }

  /// The first program of a name, or the first of each name that a pattern matches.
  private func programsNamed(
    _ item: [UInt8], in directories: [FoundFile], _ origin: Origin, _ host: some HostView
  ) throws(PolicyError) -> [NamedProgram] {
    var programs: [NamedProgram] = []
    let places =
      item.first == UInt8(ascii: "/") ? [Path(item)] : directories.map { $0.path.appending(item) }
    for place in places {
      for path in try matches(of: place, origin, host) {
        guard let found = try find(path, origin, host), found.kind == .regular,
          found.path != host.launcher, !programs.contains(where: { $0.name == path.lastComponent })
        else { continue }
        programs.append((path.lastComponent, found))
      }
    }
    return programs
  }
}

/// The entries of /etc that `private-etc` always shows, and its groups (the same as Firejail's).
enum ConfigurationGroups {
  private static func words(_ text: String) -> [String] {
    text.split(separator: " ").map(String.init)
  }

  static let always = words(
    """
    alternatives fonts gcrypt group ld.so.cache ld.so.conf ld.so.conf.d ld.so.preload locale \
    locale.alias locale.conf localtime login.defs nsswitch.conf passwd selinux
    """)
  static let network = words("hostname hosts protocols resolv.conf")
  static let sound = words("alsa asound.conf machine-id pipewire pulse")
  private static let games = words("openal timidity timidity.cfg")
  private static let certificates = words(
    "ca-certificates crypto-policies gnutls gcrypt pki ssl openssl")
  private static let display = words(
    """
    ati dconf drirc gconf glib-2.0 gtk gtk-2.0 gtk-3.0 gtk-4.0 qt3 kderc kde3 kde4rc kde5rc \
    machine-id nvidia pango Trolltech.conf vulkan X11 xdg fonts
    """)

  static func named(_ name: String) -> [String]? {
    switch name {
    case "@games": games
    case "@network": network
    case "@sound": sound
    case "@tls-ca": certificates
    case "@x11": display
    default: nil
    }
  }
}
