internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// Looks paths up on this machine, and knows what it has answered already.
///
/// A class, so that questions can keep their answers.
final class PathLookUps {
  /// What a directory is to those who look for something in it.
  private enum Standing {
    /// A directory, by a way without links.
    case plain
    case missing
    /// It is what lies here.
    case link(Path)
    /// It can't be told.
    case unclear
  }

  /// The names in directories, sorted by their bytes: patterns ask for the same few again and again.
  private var entries: [Path: [[UInt8]]] = [:]
  /// Kept where many plans are made, and the machine is taken not to change between them; else for one.
  private var files: [Path: FoundFile?]?
  private var keepsFiles = false
  /// Kept while one plan is made.
  private var directories: [Path: Standing]?
  /// When that began (`Processes.fileTime`).
  private(set) var lookedAt: Int?
  /// Where the last path was looked for, and how many were there in a row.
  private var lastDirectory: Path?
  private var count = 0
  /// That directory, and what is in it, once they are worth it.
  private var open: FileDescriptor?
  private var listing: DirectoryListing?

  func rememberFiles() {
    files = [:]
    keepsFiles = true
  }

  func beginPlan() {
    lookedAt = Processes.fileTime()
    directories = ["/": .plain]
    if !keepsFiles { files = [:] }
  }

  func endPlan() {
    directories = nil
    if !keepsFiles { files = nil }
    closeDirectory()
  }

  func closeDirectory() {
    lastDirectory = nil
    open = nil
    listing = nil
  }

  // MARK: Questions

  func entries(of directory: Path) throws(SystemCallError) -> [[UInt8]] {
    if let names = entries[directory] { return names }
    let names = try Self.names(in: directory).sorted { $0.lexicographicallyPrecedes($1) }
    entries[directory] = names
    return names
  }

  private static func names(in directory: Path) throws(SystemCallError) -> [[UInt8]] {
    do throws(SystemCallError) {
      return try Files.entries(of: directory)
    } catch {
      guard try isAbsent(directory, error, wants: .list) else { throw error }
      return []
    }
  }

  func find(_ path: Path) throws(SystemCallError) -> FoundFile? {
    // The names of a list need no other memory.
    if let listing, let lastDirectory, path.isEntry(of: lastDirectory) {
      switch listing[path.lastComponent] {
      case .missing: return nil
      case .regular: return FoundFile(path: path, kind: .regular, owner: nil, mode: 0)
      case .other: break
      }
    }
    if let known = files?[path] { return known }
    let found = try look(for: path)
    files?[path] = .some(found)
    return found
  }

  /// Follows links itself while a plan is made: its paths go by the same few, as /bin and /lib.
  private func look(for path: Path, depth: Int = 0) throws(SystemCallError) -> FoundFile? {
    guard directories != nil, path.isNormalized, path.bytes.count > 1, depth < 20 else {
      return try Self.locate(path)
    }
    switch try standing(of: path.parent) {
    case .plain: break
    case .missing: return nil
    case .link(let target):
      return try look(for: target.appending(path.lastComponent), depth: depth + 1)
    case .unclear: return try Self.locate(path)
    }
    switch try lookUp(path) {
    case .found(let status):
      if status.kind == .directory { directories?[path] = .plain }
      return FoundFile(path: path, kind: status.kind, owner: status.owner, mode: status.mode)
    case .missing: return nil
    case .link:
      guard let target = try Self.target(of: path) else { return try Self.locate(path) }
      return try look(for: target, depth: depth + 1)
    case .unclear: return try Self.locate(path)
    }
  }

  /// From the fourth name in one directory on, by the open directory: rules come in lists. Of long ones the
  /// directory's names are read at once, unless those are so many more that it would take longer.
  private func lookUp(_ path: Path) throws(SystemCallError) -> Files.LookUp {
    if lastDirectory.map(path.isEntry) != true {
      closeDirectory()
      lastDirectory = path.parent
      count = 0
    }
    count += 1
    guard count > 3 else { return try Files.lookUp(path) }
    if open == nil { open = try FileDescriptor.directoryHandle(on: path.parent) }
    switch open {
    case .none: return .unclear
    case .some(let open):
      let found = try open.lookUp(Path(path.lastComponent))
      // Whoever can't search a directory may still be able to list it.
      if case .unclear = found { return found }
      if count >= 32, count & (count - 1) == 0, listing == nil {
        listing = try DirectoryListing(of: open, most: 16 * count)
      }
      return found
    }
  }

  private func standing(of directory: Path) throws(SystemCallError) -> Standing {
    if let known = directories?[directory] { return known }
    var standing = try standing(of: directory.parent)
    switch standing {
    case .plain:
      standing =
        switch try lookUp(directory) {
        case .found(let status): status.kind == .directory ? .plain : .missing
        case .missing: .missing
        case .link: try Self.target(of: directory).map(Standing.link) ?? .unclear
        case .unclear: .unclear
        }
    case .link(let target): standing = .link(target.appending(directory.lastComponent))
    case .missing, .unclear: break
    }
    directories?[directory] = standing
    return standing
  }

  /// Where a link leads to by its text alone; nil where that can't be told. The texts of some links of
  /// /proc lead nowhere.
  private static func target(of link: Path) throws(SystemCallError) -> Path? {
    guard !link.isWithin("/proc") else { return nil }
    let text = try Files.readLink(link)
    let target = (text.isAbsolute ? text : link.parent.appending(text.bytes)).normalized
    return target.components.contains { $0.elementsEqual("..".utf8) } ? nil : target
  }

  // MARK: Without memory

  static func locate(_ path: Path) throws(SystemCallError) -> FoundFile? {
    do throws(SystemCallError) {
      // Where no link is on the way, which is nearly always, the path is the answer.
      if path.isNormalized {
        switch try FileDescriptor.lookUp(path) {
        case .found(let handle):
          let status = try handle.status()
          return FoundFile(path: path, kind: status.kind, owner: status.owner, mode: status.mode)
        case .missing: return nil
        case .link: break
        }
      }
      let handle = try FileDescriptor.handle(on: path, .noMagicLinks)
      let status = try handle.status()
      let resolved = try Files.readLink(handle.link)
      return FoundFile(
        path: resolved, kind: status.kind, owner: status.owner, mode: status.mode)
    } catch {
      guard try isAbsent(path, error, wants: .search) else { throw error }
      return nil
    }
  }

  /// Whether an error means that there is nothing at a path for the caller and the program: it does
  /// not exist, it is a link that leads nowhere or in a circle, or a directory that belongs to
  /// somebody else is closed. A directory of the caller's own could be opened later, from inside.
  static func isAbsent(
    _ path: Path, _ error: SystemCallError, wants right: Files.Right
  ) throws(SystemCallError) -> Bool {
    switch error.errno {
    case .noEntry, .notDirectory, .loop, .nameTooLong: return true
    case .accessDenied: break
    default: return false
    }
    if try isClosed(path, depth: 0) { return true }
    guard right == .list else { return false }
    let owner = try FileDescriptor.handle(on: path, []).status().owner
    let isOpen = try Files.permits(.list, on: path)
    return owner != Identity.uid && !isOpen
  }

  /// Whether somebody else's directory, or somebody else's link, is what bars the way to a path.
  private static func isClosed(_ path: Path, depth: Int) throws(SystemCallError) -> Bool {
    var directory = Path("/")
    for component in path.components {
      let next = directory.appending(component)
      do throws(SystemCallError) {
        let entry = try FileDescriptor.handle(on: next, [], followsLast: false).status()
        if entry.isLink {
          guard entry.owner == Identity.uid, depth < 40 else { return true }
          let target = try Files.readLink(next)
          let path = target.isAbsolute ? target : directory.appending(target.bytes)
          if try isClosed(path, depth: depth + 1) { return true }
        }
        directory = next
      } catch {
        guard error.errno == .accessDenied else { throw error }
        let owner = try FileDescriptor.handle(on: directory, []).status().owner
        let isOpen = try Files.permits(.search, on: directory)
        return owner != Identity.uid && !isOpen
      }
    }
    return false
  }
}
