internal import KernelTypes

/// What the program will see of the host's files, step by step: which paths are hidden, which lie in
/// a replaced directory, and from where they are shown.
struct ViewModel {
  private enum Entry {
    /// Covered itself, with all below.
    case hidden(Origin)
    /// An empty file system took its place.
    case replaced(Origin)
    /// Shown in a replaced directory, with all below.
    case shown
    /// Made in a replaced directory: itself alone.
    case made
  }

  private var entries: [Path: Entry] = [:]
  /// The directories above what is shown, made or replaced.
  private var holders: Set<Path> = []
  /// The entry that holds for what lies in a directory, as long as none of a directory changes.
  private var inherited = Inherited()

  /// A class, so that questions can keep their answers; a new one after each change.
  private final class Inherited {
    var entries: [Path: (Path, Entry)?] = [:]
    /// The last one: rules come in lists.
    var last: (directory: Path, entry: (Path, Entry)?)?
  }
  /// What replacing a directory took away, which showing a part of it brings back.
  private var buried: [Path: [Path: Entry]] = [:]
  /// Where what is shown at a path really lies, where that is elsewhere.
  private var sources: [Path: Path] = [:]
  /// What the plan makes: on the host, or in a replaced directory.
  private var coming: [Path: FoundFile] = [:]

  // MARK: Changes

  mutating func hide(_ path: Path, _ kind: FileKind, _ origin: Origin) {
    if kind == .directory {
      if holders.contains(path) { _ = removeAll(below: path) }
      inherited = Inherited()
    }
    entries[path] = .hidden(origin)
  }

  mutating func replace(_ path: Path, _ origin: Origin) {
    buried[path] = removeAll(below: path)
    enter(path, .replaced(origin))
  }

  private mutating func removeAll(below path: Path) -> [Path: Entry] {
    let below = entries.filter { $0.key != path && $0.key.isWithin(path) }
    for key in below.keys { entries[key] = nil }
    inherited = Inherited()
    return below
  }

  private mutating func enter(_ path: Path, _ entry: Entry) {
    entries[path] = entry
    inherited = Inherited()
    var holder = path.parent
    while holders.insert(holder).inserted, holder.bytes.count > 1 { holder = holder.parent }
  }

  mutating func show(_ source: Path, at path: Path) {
    enter(path, .shown)
    if source != path { sources[path] = source }
    guard let directory = replacement(of: path) else { return }
    // What was hidden or replaced there before stays so: it is shown with all that is mounted on it.
    for (key, entry) in buried[directory] ?? [:] where key.isWithin(source) {
      entries[Path(path.bytes + key.bytes[source.bytes.count...])] = entry
    }
    inherited = Inherited()
    makeParents(of: path)
  }

  /// Something that the plan makes in a replaced directory.
  mutating func make(_ path: Path, _ kind: FileKind, owner: UInt32 = 0, leadsTo: Path? = nil) {
    enter(path, .made)
    coming[path] = FoundFile(path: leadsTo ?? path, kind: kind, owner: owner, mode: 0o755)
    makeParents(of: path)
  }

  private mutating func makeParents(of path: Path) {
    guard let directory = replacement(of: path) else { return }
    for parent in parents(of: path, below: directory) where entries[parent] == nil {
      enter(parent, .made)
      coming[parent] = FoundFile(path: parent, kind: .directory, owner: 0, mode: 0o755)
    }
  }

  /// Something that the plan makes on the host; `resolved` has no links.
  mutating func expect(_ path: Path, resolved: Path, _ kind: FileKind, owner: UInt32) {
    let found = FoundFile(path: resolved, kind: kind, owner: owner, mode: 0o700)
    coming[path] = found
    coming[resolved] = found
  }

  // MARK: Questions

  /// Whether anything is at a path without links.
  func isVisible(_ path: Path) -> Bool { isVisible(path, nearest(path)) }

  private func isVisible(_ path: Path, _ nearest: (Path, Entry)?) -> Bool {
    guard let (place, entry) = nearest else { return true }
    switch entry {
    case .hidden: return false
    case .shown: return true
    case .replaced, .made: return path == place
    }
  }

  /// The rule that keeps a path out of the view; nil where it is visible.
  func obstacle(of path: Path) -> Origin? {
    guard !isVisible(path), var (place, entry) = nearest(path) else { return nil }
    while case .made = entry, let next = nearest(place.parent) { (place, entry) = next }
    switch entry {
    case .hidden(let origin), .replaced(let origin): return origin
    case .shown, .made: return nil
    }
  }

  /// The innermost replaced directory that a path lies in.
  func replacement(of path: Path) -> Path? {
    var directory = path
    while directory.bytes.count > 1 {
      directory = directory.parent
      if case .replaced = entries[directory] { return directory }
    }
    return nil
  }

  /// What a path leads to in the view; nil where there is nothing.
  func find(_ path: Path, _ host: some HostView) throws(HostError) -> FoundFile? {
    if let found = coming[path] {
      // A link that is made leads to what is found there.
      if found.path != path { return try find(found.path, host) }
      return isVisible(path) ? found : nil
    }
    var path = path
    var entry = nearest(path)
    guard !Self.isProcess(path), mayExist(path, entry) else { return nil }
    // Each round follows a link from one place that is shown elsewhere into another.
    for _ in 0..<8 {
      let (place, source) = source(of: path)
      guard let found = try host.find(source), !Self.isProcess(found.path) else { return nil }
      // Mostly no link is on the way, and the path is shown where it lies.
      if place == nil, found.path == path { return isVisible(path, entry) ? found : nil }
      var inside = found.path
      if let place, let origin = sources[place], inside.isWithin(origin) {
        inside = Path(place.bytes + inside.bytes[origin.bytes.count...])
      }
      guard inside == path || self.source(of: inside).source == found.path else {
        path = inside
        entry = nearest(path)
        continue
      }
      guard isVisible(inside) else { return nil }
      return FoundFile(path: inside, kind: found.kind, owner: found.owner, mode: found.mode)
    }
    return nil
  }

  func owner(of found: FoundFile, _ host: some HostView) throws(HostError) -> UInt32? {
    if let owner = found.owner { return owner }
    return try host.owner(of: source(of: found.path).source)
  }

  /// The names in a directory of the view, sorted by their bytes, and some that are not visible.
  func names(in directory: Path, _ host: some HostView) throws(HostError) -> [[UInt8]] {
    let names = try host.entries(of: source(of: directory).source)
    let made = coming.keys.filter { $0.parent == directory }.map { Array($0.lastComponent) }
      .filter { !names.contains($0) }
    return made.isEmpty ? names : (names + made).sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// Not, where a path lies below what is hidden, or in a replaced directory and is not shown there:
  /// the host need not be asked then.
  private func mayExist(_ path: Path, _ nearest: (Path, Entry)?) -> Bool {
    guard let (place, entry) = nearest, place != path else { return true }
    switch entry {
    case .shown: return true
    case .hidden, .replaced: return false
    // A link may lead elsewhere.
    case .made: return coming[place]?.path != place
    }
  }

  /// Whether a path is about one process of the host: none of them is in the new /proc.
  static func isProcess(_ path: Path) -> Bool {
    guard path.bytes.starts(with: "/proc/".utf8) else { return false }
    let name = path.bytes.dropFirst(6).prefix { $0 != UInt8(ascii: "/") }
    return name.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }

  /// Where what is at a path lies on the host, and the place from which that follows.
  private func source(of path: Path) -> (place: Path?, source: Path) {
    guard !sources.isEmpty else { return (nil, path) }
    var place = path
    while true {
      if let source = sources[place] {
        return (place, Path(source.bytes + path.bytes[place.bytes.count...]))
      }
      guard place.bytes.count > 1, place.isAbsolute else { return (nil, path) }
      place = place.parent
    }
  }

  private func nearest(_ path: Path) -> (Path, Entry)? {
    if let entry = entries[path] { return (path, entry) }
    guard !entries.isEmpty, path.bytes.count > 1, path.isAbsolute else { return nil }
    if let last = inherited.last, path.isEntry(of: last.directory) { return last.entry }
    let parent = path.parent
    let found: (Path, Entry)?
    if let known = inherited.entries[parent] {
      found = known
    } else {
      found = nearest(parent)
      inherited.entries[parent] = .some(found)
    }
    inherited.last = (parent, found)
    return found
  }

  /// The directories between a replaced one and a path in it.
  private func parents(of path: Path, below directory: Path) -> [Path] {
    var parents: [Path] = []
    var parent = path.parent
    while parent != directory, parent.bytes.count > 1 {
      parents.append(parent)
      parent = parent.parent
    }
    return parents
  }
}
