internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// `--integrate` and `--disintegrate`: programs start in their sandboxes from menus, by services and by
/// their names, without root.
struct Integration {
  let host: LiveHost
  let source: ProfileSource
  /// Nothing is changed, and the same is said.
  let isDryRun: Bool

  private var links: Path { host.home.appending(".local/bin") }
  private var data: Path { host.directory("XDG_DATA_HOME", default: ".local/share") }
  /// What was made that was missing: directories, a line each.
  private var record: Path { data.appending("sandbox/integrated-directories") }
  private static let kinds = ["applications", "dbus-1/services"]

  // MARK: Integrating

  func integrate(_ words: [[UInt8]]) throws(SystemCallError) {
    var entries: [(place: Path, entry: DesktopEntry, program: [UInt8])] = []
    for directory in dataDirectories {
      for kind in Self.kinds {
        let place = directory.appending(kind)
        for name in try names(in: place) {
          let relative = Path(kind).appending(name)
          guard !entries.contains(where: { $0.place == relative }),
            let file = try FileDescriptor.openIfThere(place.appending(name))
          else { continue }
          let entry = DesktopEntry(bytes: try file.readAll(limit: 1 << 20))
          if let program = entry.program { entries.append((relative, entry, program)) }
        }
      }
    }
    for name in try programs(words, entries.map({ $0.program })) {
      try link(name)
      for (place, entry, program) in entries where Path(program).lastComponent.elementsEqual(name) {
        try write(
          entry.starting(links.appending(name), insteadOf: program), to: data.appending(place.bytes)
        )
      }
    }
    if !searchesLinksFirst {
      Console.note(
        "\(links) is not the first directory of PATH: names typed start the programs themselves")
    }
  }

  /// Those that are named; else each with a menu entry and a profile, or with a profile of the user's.
  private func programs(
    _ words: [[UInt8]], _ inMenus: [[UInt8]]
  ) throws(SystemCallError) -> [[UInt8]] {
    var chosen: [[UInt8]] = []
    for word in words {
      guard try isInstalled(word) else {
        Console.fail("\(displayed(word)): there is no such program in PATH; nothing was changed")
      }
      guard try hasProfile(word) else {
        Console.fail("\(displayed(word)): there is no profile for it; nothing was changed")
      }
      chosen.append(word)
    }
    guard words.isEmpty else { return chosen }
    var candidates = inMenus.map { Array(Path($0).lastComponent) }
    for directory in source.directories where directory.isWithin(host.home) {
      candidates += try names(in: directory).filter(ProfileSearch.isFileName)
        .map { ProfileSearch.program(of: Path($0)) }
    }
    candidates.sort { $0.lexicographicallyPrecedes($1) }
    for name in candidates where !chosen.contains(name) && !name.isEmpty {
      if try hasProfile(name), try isInstalled(name) { chosen.append(name) }
    }
    return chosen
  }

  private func hasProfile(_ name: [UInt8]) throws(SystemCallError) -> Bool {
    for directory in source.directories {
      let profile = directory.appending(name + Array(".profile".utf8))
      if try FileDescriptor.openIfThere(profile) != nil { return true }
    }
    return false
  }

  /// Not by a link to the launcher.
  private func isInstalled(_ name: [UInt8]) throws(SystemCallError) -> Bool {
    guard !name.contains(UInt8(ascii: "/")) else { return false }
    do throws(PolicyError) {
      return try ProgramSearch.find(name, on: host).path != host.launcher
    } catch { return false }
  }

  private func link(_ name: [UInt8]) throws(SystemCallError) {
    let path = links.appending(name)
    if try Files.exists(path) {
      return Console.print(
        try isOurLink(path) ? "is there: \(path)\n" : "left alone: \(path) is another's\n")
    }
    Console.print("made: \(path)\n")
    guard !isDryRun else { return }
    try makeDirectory(links)
    try FileDescriptor.handle(on: links, .noSymbolicLinks).makeLink(Path(name), to: host.launcher)
  }

  private func write(_ bytes: [UInt8], to path: Path) throws(SystemCallError) {
    if let file = try FileDescriptor.openIfThere(path) {
      let isOurs = DesktopEntry(bytes: try file.readAll(limit: 1 << 20)).isOurs
      guard isOurs else { return Console.print("left alone: \(path) is another's\n") }
    }
    Console.print("made: \(path)\n")
    guard !isDryRun else { return }
    try makeDirectory(path.parent)
    try FileDescriptor.openForReplacing(path, mode: 0o644).writeAll(bytes)
  }

  /// Notes what was missing, so that it can be taken away again.
  private func makeDirectory(_ path: Path) throws(SystemCallError) {
    guard try !Files.exists(path) else { return }
    var noted = try notedDirectories()
    // The record's own directory is noted in it as well.
    for directory in noted.isEmpty ? [path, record.parent] : [path] {
      noted += try missing(directory)
      try Files.makeOwnDirectories(directory, mode: 0o755)
    }
    try FileDescriptor.openForReplacing(record, mode: 0o644)
      .writeAll(Array(noted.map { $0.bytes + [10] }.joined()))
  }

  /// A directory and those above it, as far as they are not there.
  private func missing(_ path: Path) throws(SystemCallError) -> [Path] {
    var missing: [Path] = []
    var directory = path
    while try !Files.exists(directory), directory != "/" {
      missing.append(directory)
      directory = directory.parent
    }
    return missing
  }

  private func notedDirectories() throws(SystemCallError) -> [Path] {
    guard let file = try FileDescriptor.openIfThere(record) else { return [] }
    return try file.readAll(limit: 1 << 20).split(separator: 10).map { Path($0) }
  }

  // MARK: Undoing

  func disintegrate(_ words: [[UInt8]]) throws(SystemCallError) {
    for name in try names(in: links) where words.isEmpty || words.contains(name) {
      let path = links.appending(name)
      if try isOurLink(path) { try remove(path) }
    }
    for kind in Self.kinds {
      let place = data.appending(kind)
      for name in try names(in: place) {
        let path = place.appending(name)
        guard let file = try FileDescriptor.openIfThere(path) else { continue }
        let entry = DesktopEntry(bytes: try file.readAll(limit: 1 << 20))
        guard entry.isOurs, let program = entry.program else { continue }
        if words.isEmpty || words.contains(Array(Path(program).lastComponent)) { try remove(path) }
      }
    }
    guard words.isEmpty, !isDryRun else { return }
    let noted = try notedDirectories()
    if try Files.exists(record) { try unlink(record) }
    // From the inside out; what holds something of somebody else's stays.
    for directory in noted.sorted(by: { $0.bytes.count > $1.bytes.count }) {
      if try Files.removeDirectory(directory) { Console.print("removed: \(directory)\n") }
    }
  }

  private func remove(_ path: Path) throws(SystemCallError) {
    Console.print("removed: \(path)\n")
    if !isDryRun { try unlink(path) }
  }

  private func unlink(_ path: Path) throws(SystemCallError) {
    _ = try FileDescriptor.handle(on: path.parent, .noSymbolicLinks).remove(
      Path(path.lastComponent))
  }

  // MARK: Looking

  private func isOurLink(_ path: Path) throws(SystemCallError) -> Bool {
    guard try FileDescriptor.handle(on: path, [], followsLast: false).status().isLink else {
      return false
    }
    return try Files.readLink(path) == host.launcher
  }

  private func names(in directory: Path) throws(SystemCallError) -> [[UInt8]] {
    do throws(SystemCallError) {
      return try Files.entries(of: directory).sorted { $0.lexicographicallyPrecedes($1) }
    } catch {
      guard error.errno == .noEntry || error.errno == .notDirectory else { throw error }
      return []
    }
  }

  private var dataDirectories: [Path] {
    let value = host.variable("XDG_DATA_DIRS").map(Array.init) ?? []
    let text = value.isEmpty ? Array("/usr/local/share:/usr/share".utf8) : value
    return text.split(separator: UInt8(ascii: ":")).map { Path($0).normalized }.filter {
      $0.isAbsolute
    }
  }

  private var searchesLinksFirst: Bool { ProgramSearch.searchPath(of: host).first == links }
}
