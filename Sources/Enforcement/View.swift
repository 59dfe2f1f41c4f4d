internal import KernelCalls
internal import KernelTypes

/// The view while it is made. Every object is held by a descriptor from the look at it to its mount,
/// and what is made is made in file systems that nobody else can reach yet.
final class View {
  /// A directory that an empty file system has taken the place of.
  private final class Replacement {
    /// What lay there before.
    let before: FileDescriptor
    /// The root of the new file system.
    let mount: FileDescriptor

    init(before: consuming FileDescriptor, mount: consuming FileDescriptor) {
      self.before = before
      self.mount = mount
    }
  }

  private var covers: Covers?
  /// Has the replaced directories; where there is none, each is a file system of its own.
  private var scratch: Scratch?
  /// The working directory, where it is one that a cover was put into and no mount has come between; and
  /// how it was found.
  private var workingDirectory: Path?
  private var beginning: FileStatus?
  /// When the planner's look at the host began (`Processes.fileTime`).
  private let lookedAt: Int?
  /// Where the covers are found, likewise.
  private var coversPath: Path?
  private var replacements: [Path: Replacement] = [:]

  init(lookedAt: Int?) { self.lookedAt = lookedAt }

  // MARK: Covers

  func prepareCovers(
    at place: Path, isTemporary: Bool, texts: [GeneratedText]
  ) throws(SystemCallError) {
    if !isTemporary {
      try named(place) { () throws(SystemCallError) in scratch = try Scratch(at: place) }
    }
    covers = try Covers(at: place, isTemporary: isTemporary, texts: texts)
  }

  /// After the last one in a directory: `isUnchanged`, or `checkCover` for each.
  func cover(_ path: Path, _ kind: FileKind) throws(SystemCallError) {
    if !isCovering(besides: path) {
      workingDirectory = nil
      let directory = path.parent
      let handle = try FileDescriptor.directoryHandle(on: directory)
      beginning = try handle.status()
      try handle.enter()
      workingDirectory = directory
    }
    try useCovers(on: path) { (covers) throws(SystemCallError) in
      let source = if let coversPath { coversPath } else { try covers.path() }
      coversPath = source
      try covers.cover(Path(path.lastComponent), kind, from: source)
    }
  }

  /// Whether the last covers lie in the same directory: lists of rules name many paths of one.
  func isCovering(besides path: Path) -> Bool { workingDirectory.map(path.isEntry) ?? false }

  /// Looks whether a cover lies where it was to.
  func checkCover(_ path: Path, _ kind: FileKind) throws(SystemCallError) {
    try useCovers(on: path) { (covers) throws(SystemCallError) in
      try covers.check(Path(path.lastComponent), kind)
    }
  }

  /// Whether no name in the directory of the last covers was made, renamed or removed since before the
  /// planner looked: that stamps it, with a clock that goes by two seconds on some file systems.
  func isUnchanged() throws(SystemCallError) -> Bool {
    guard let lookedAt, let beginning, beginning.changed < lookedAt - 3_000_000_000 else {
      return false
    }
    let directory = try FileDescriptor.directoryHandle(on: ".")
    guard try directory.isStampedHere() else { return false }
    let now = try directory.status()
    return now.isSame(as: beginning) && now.changed == beginning.changed
  }

  /// What is mounted may lie over the working directory, or over the place of the covers.
  private func forgetPlaces() {
    workingDirectory = nil
    coversPath = nil
  }

  func cover(_ path: Path, byText index: Int) throws(SystemCallError) {
    let target = try handle(on: path, .regular)
    try useCovers(on: path) { (covers) throws(SystemCallError) in
      try covers.cover(target, byText: index)
    }
  }

  func coverLink(_ path: Path) throws(SystemCallError) {
    let link = try FileDescriptor.handle(on: path, .noSymbolicLinks, followsLast: false)
    try useCovers(on: path) { (covers) throws(SystemCallError) in
      try covers.cover(link)
    }
  }

  func show(_ source: Path, onLink path: Path) throws(SystemCallError) {
    let source = try handle(on: source, .regular)
    let link = try FileDescriptor.handle(on: path, .noSymbolicLinks, followsLast: false)
    try named(path) { () throws(SystemCallError) in
      try Mounting.attach(try Mounting.cloneTree(source), on: link)
    }
  }

  func releaseCovers() throws(SystemCallError) {
    try useCovers(on: "/") { (covers) throws(SystemCallError) in try covers.detach() }
  }

  /// A plan prepares them before their first use.
  private func useCovers(
    on path: Path, _ body: (borrowing Covers) throws(SystemCallError) -> Void
  ) throws(SystemCallError) {
    try named(path) { () throws(SystemCallError) in
      switch covers {
      case .some(let covers): try body(covers)
      case .none: throw SystemCallError("mount", .noEntry)
      }
    }
  }

  // MARK: Mounts

  func setMountFlags(
    _ path: Path, _ kind: FileKind, set: MountFlags, clear: MountFlags
  ) throws(SystemCallError) {
    let target = try handle(on: path, kind)
    try named(path) { () throws(SystemCallError) in
      try Mounting.setFlags(of: target, set: set, clear: clear)
    }
  }

  func mount(
    _ type: String, options: [(String, String)] = [], flags: MountFlags, on path: Path
  ) throws(SystemCallError) {
    let target = try handle(on: path, .directory)
    try named(path) { () throws(SystemCallError) in
      let mount = try Mounting.makeFileSystem(type, options: options, flags: flags)
      try Mounting.attach(mount, on: target)
    }
  }

  func bind(_ source: Path, _ kind: FileKind, on path: Path) throws(SystemCallError) {
    let source = try handle(on: source, kind)
    let target = try handle(on: path, kind)
    try named(path) { () throws(SystemCallError) in try Mounting.bindTree(source, on: target) }
  }

  /// The tree below a directory becomes the whole file system; the old root is gone for good. A new
  /// /proc, and the host's /sys and /dev, take the places of those names.
  func enterRoot(_ path: Path) throws(SystemCallError) {
    let directory = try handle(on: path, .directory)
    try named(path) { () throws(SystemCallError) in try Mounting.bindTree(directory, on: directory)
    }
    let root = try handle(on: path, .directory)
    for name: Path in ["dev", "sys"] {
      let source = try handle(on: Path("/").appending(name.bytes), .directory)
      try Mounting.bindTree(source, on: try root.handle(below: name, .beneath))
    }
    let process = try Mounting.makeFileSystem(
      "proc", options: [], flags: [.noSetuid, .noDevices, .noExecute])
    try Mounting.attach(process, on: try root.handle(below: "proc", .beneath))
    try named(path) { () throws(SystemCallError) in try Mounting.changeRoot(to: root) }
  }

  /// What is written goes to a layer: in a file system in memory that takes the directory's place, or
  /// in a directory below that which it covers.
  func overlay(_ path: Path, storage: Path?) throws(SystemCallError) {
    let status = try handle(on: path, .directory).status()
    try replace(path, mode: status.mode)
    guard let replacement = replacements.removeValue(forKey: path) else { return }
    let memory = replacement.mount.link.description
    var lower = replacement.before.link.description
    var layer = memory
    if let storage {
      // The kernel refuses a layer that lies in the directory which it covers, but not in one that an
      // overlay of its own shows. Such a one needs two directories.
      for name: Path in ["empty", "shown"] {
        try replacement.mount.makeDirectory(name, mode: 0o700)
      }
      let shown = try Mounting.makeFileSystem(
        "overlay", options: [("lowerdir", "\(lower):\(memory)/empty"), ("userxattr", "")],
        flags: [.noSetuid, .noDevices, .readOnly])
      try Mounting.attach(
        shown, on: try replacement.mount.handle(below: "shown", .beneathInOneMount))
      layer = lower + String(decoding: storage.bytes[path.bytes.count...], as: UTF8.self)
      lower = memory + "/shown"
    } else {
      for name in [LayerStorage.changes, LayerStorage.workplace] {
        try replacement.mount.makeDirectory(Path(name), mode: status.mode)
      }
    }
    let overlay = try Mounting.makeFileSystem(
      "overlay",
      options: [
        ("lowerdir", lower), ("upperdir", layer + "/" + LayerStorage.changes),
        ("workdir", layer + "/" + LayerStorage.workplace), ("userxattr", ""),
      ], flags: [.noSetuid, .noDevices])
    try named(path) { () throws(SystemCallError) in
      try Mounting.attach(overlay, on: replacement.mount)
    }
  }

  // MARK: Replaced directories

  func replace(_ path: Path, mode: UInt32) throws(SystemCallError) {
    let before = try handle(on: path, .directory)
    let mount = try emptyDirectory(mode: mode)
    try named(path) { () throws(SystemCallError) in try Mounting.attach(mount, on: before) }
    // What lay below can be reached by the descriptor alone from now on.
    replacements = replacements.filter { !$0.key.isWithin(path) }
    replacements[path] = Replacement(before: before, mount: mount)
  }

  private func emptyDirectory(mode: UInt32) throws(SystemCallError) -> FileDescriptor {
    if let mount = try scratch?.makeDirectory(mode: mode) { return mount }
    return try Mounting.makeFileSystem(
      "tmpfs", options: [("mode", String(mode, radix: 8))], flags: [.noSetuid, .noDevices])
  }

  func seal(_ path: Path) throws(SystemCallError) {
    guard let replacement = replacements[path] else {
      throw SystemCallError("mount_setattr", .noEntry, subject: path.description)
    }
    try named(path) { () throws(SystemCallError) in
      try Mounting.setFlags(ofMount: replacement.mount, .readOnly)
    }
  }

  func show(_ source: Path, _ kind: FileKind, at path: Path) throws(SystemCallError) {
    let source = try original(source, kind)
    let place = try makePlace(path) { (directory, name) throws(SystemCallError) in
      if kind == .directory {
        try directory.makeDirectory(name, mode: 0o755)
      } else {
        _ = try directory.makeFile(name, mode: 0o644)
      }
      return try directory.handle(below: name, .beneathInOneMount)
    }
    try named(path) { () throws(SystemCallError) in try Mounting.bindTree(source, on: place) }
  }

  func makeDirectory(_ path: Path, mode: UInt32) throws(SystemCallError) {
    try makePlace(path) { (directory, name) throws(SystemCallError) in
      try directory.makeDirectory(name, mode: mode)
    }
  }

  func makeLink(_ path: Path, to target: Path) throws(SystemCallError) {
    try makePlace(path) { (directory, name) throws(SystemCallError) in
      try directory.makeLink(name, to: target)
    }
  }

  func makeFile(_ path: Path, _ text: GeneratedText) throws(SystemCallError) {
    try makePlace(path) { (directory, name) throws(SystemCallError) in
      try directory.makeFile(name, mode: text.mode)?.writeAll(text.bytes)
    }
  }

  /// At most 16 MiB, which is plenty for what is copied.
  func copyFile(_ source: Path, to path: Path, mode: UInt32) throws(SystemCallError) {
    let bytes: [UInt8]
    if let (replacement, rest) = replacement(holding: source) {
      bytes = try replacement.before.openForReading(below: rest).readAll(limit: 16 << 20)
    } else {
      let file = try FileDescriptor.handle(on: source, .noSymbolicLinks)
      bytes = try FileDescriptor.openForReading(file.link).readAll(limit: 16 << 20)
    }
    try makeFile(path, GeneratedText(bytes, mode: mode))
  }

  // MARK: Descriptors

  /// The innermost replaced directory that a path lies in, and the rest of the path.
  private func replacement(holding path: Path) -> (Replacement, rest: Path)? {
    var directory = path
    while directory.bytes.count > 1 {
      directory = directory.parent
      if let replacement = replacements[directory] {
        let start = directory.bytes.count + (directory.bytes.last == UInt8(ascii: "/") ? 0 : 1)
        return (replacement, Path(path.bytes[start...]))
      }
    }
    return nil
  }

  /// A handle on what lay at a path before its directory was replaced.
  private func original(_ path: Path, _ kind: FileKind) throws(SystemCallError) -> FileDescriptor {
    forgetPlaces()
    if let replacement = replacements[path] {
      return try replacement.before.handle(below: ".", .beneath)
    }
    guard let (replacement, rest) = replacement(holding: path) else {
      return try handle(on: path, kind)
    }
    return try Self.check(try replacement.before.handle(below: rest, .beneath), kind, path)
  }

  /// Makes something in a replaced directory, and the directories above it.
  @discardableResult
  private func makePlace<Result: ~Copyable>(
    _ path: Path,
    _ make: (borrowing FileDescriptor, Path) throws(SystemCallError) -> Result
  ) throws(SystemCallError) -> Result {
    guard let (replacement, rest) = replacement(holding: path) else {
      throw SystemCallError("openat2", .noEntry, subject: path.description)
    }
    let components = rest.components
    // Mostly there is nothing between.
    if components.count == 1 { return try make(replacement.mount, rest) }
    var directory = try replacement.mount.handle(below: ".", .beneathInOneMount)
    for component in components.dropLast() {
      let name = Path(component)
      try directory.makeDirectory(name, mode: 0o755)
      directory = try directory.handle(below: name, .beneathInOneMount)
    }
    return try make(directory, Path(components.last ?? []))
  }

  /// A handle on the object that the planner saw: no link may have taken its place.
  private func handle(on path: Path, _ kind: FileKind) throws(SystemCallError) -> FileDescriptor {
    forgetPlaces()
    // The kernel itself checks that one is a directory.
    if kind == .directory { return try FileDescriptor.directoryHandle(on: path) }
    return try Self.check(try FileDescriptor.handle(on: path, .noSymbolicLinks), kind, path)
  }

  private static func check(
    _ handle: consuming FileDescriptor, _ kind: FileKind, _ path: Path
  ) throws(SystemCallError) -> FileDescriptor {
    guard (try handle.status().kind == .directory) == (kind == .directory) else {
      throw SystemCallError("openat2", .notDirectory, subject: path.description)
    }
    return handle
  }

  /// Puts the path into an error that has none.
  private func named(
    _ path: Path, _ body: () throws(SystemCallError) -> Void
  ) throws(SystemCallError) {
    do throws(SystemCallError) {
      try body()
    } catch {
      throw SystemCallError(error.call, error.errno, subject: path.description)
    }
  }
}
