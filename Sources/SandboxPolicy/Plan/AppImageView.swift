internal import KernelTypes

/// A program in an AppImage: a directory with AppRun, or a file of type 2
/// (github.com/AppImage/AppImageSpec), which is unpacked into memory by a confined service.
struct AppImage {
  let origin: Origin
  /// The file or directory, links followed.
  let found: FoundFile
  /// As the command line names it, absolute.
  let path: Path
  /// Where the file system begins in a file.
  let start: Int?

  static func find(
    _ word: [UInt8], _ origin: Origin, on host: some HostView
  ) throws(PolicyError) -> AppImage {
    let typed = Path(word)
    let path =
      (typed.isAbsolute ? typed : (host.workingDirectory ?? "/").appending(word)).normalized
    let answers = try answer(for: origin, displayed(word)) {
      () throws(HostError) -> (FoundFile, [UInt8]?)? in
      guard let found = try host.find(path) else { return nil }
      return (found, found.kind == .regular ? try host.contents(of: found.path) : nil)
    }
    guard let (found, bytes) = answers, host.root == nil else {
      throw PolicyError(
        origin, displayed(word),
        host.root == nil ? "there is no such AppImage" : "can't be had together with chroot",
        hint: "nothing was started", shellStatus: 127)
    }
    if found.kind == .directory {
      return AppImage(origin: origin, found: found, path: path, start: nil)
    }
    guard let bytes, let start = Self.start(in: bytes) else {
      throw PolicyError(
        origin, displayed(word), "is no AppImage of type 2",
        hint: "unpack one of type 1, and name the directory that holds its AppRun",
        shellStatus: 126)
    }
    return AppImage(origin: origin, found: found, path: path, start: start)
  }

  /// The end of the program that an AppImage begins with (`elf(5)`: the section table is its last part),
  /// where a squashfs follows.
  static func start(in bytes: [UInt8]) -> Int? {
    func number(at offset: Int, _ width: Int) -> Int? {
      ExecutableFile.number(bytes, at: offset, width).flatMap { Int(exactly: $0) }
    }
    // e_shoff, e_shentsize and e_shnum.
    guard ExecutableFile.isExecutable(bytes), bytes.dropFirst(8).starts(with: [0x41, 0x49, 0x02]),
      let table = number(at: 0x28, 8), let size = number(at: 0x3a, 2),
      let count = number(at: 0x3c, 2), table < bytes.count
    else { return nil }
    let end = table + size * count
    guard end < bytes.count, bytes[end...].starts(with: "hsqs".utf8) else { return nil }
    return end
  }

  /// The words of its environment.
  func variables(in directory: Path, _ host: some HostView, typed: [UInt8]) -> [[UInt8]] {
    [
      Array("APPIMAGE=".utf8) + path.bytes, Array("APPDIR=".utf8) + directory.bytes,
      Array("ARGV0=".utf8) + typed, Array("OWD=".utf8) + (host.workingDirectory ?? "/").bytes,
    ]
  }
}

extension ViewPlan {
  /// Shows the AppImage's files in the place of a directory that nothing else is done with.
  mutating func addAppImage(_ image: AppImage, _ host: some HostView) throws(PolicyError) {
    var source = image.found.path
    if let start = image.start {
      guard let program = try helper("unsquashfs", image.origin, host) else {
        throw PolicyError(
          image.origin, "appimage", "there is no unsquashfs in /usr/bin and /usr/local/bin",
          hint: "install the package squashfs-tools, or unpack it and name the directory")
      }
      let place = try openExchange(image.origin, host)
      exchange?.holdsPrograms = true
      source = place.appending("appimage")
      let words = ["-quiet", "-no-progress", "-no-xattrs", "-offset", "\(start)", "-dest"]
      let execute = Operation.execute(
        program,
        arguments: [program.bytes] + words.map { Array($0.utf8) }
          + [source.bytes, image.found.path.bytes],
        environment: [Array("PATH=/usr/bin:/bin".utf8)])
      let steps = try confinement(place, reaching: [image.found.path], image.origin, host)
      exchange?.services.append(
        Service(
          name: "unsquashfs", steps: steps + [Step(execute, image.origin)], output: .nowhere,
          endsItself: true))
    }
    let place = try appImagePlace(image.origin, host)
    add(.bind(source: source, .directory, on: place), image.origin)
    add(
      .setMountFlags(place, .directory, set: [.readOnly, .noSetuid, .noDevices], clear: []),
      image.origin)
    appImageDirectory = place
  }

  private func appImagePlace(
    _ origin: Origin, _ host: some HostView
  ) throws(PolicyError) -> Path {
    let places: [(path: Path, isUsed: Bool)] = [
      ("/srv", files.lists[.services] != nil), ("/media", files.has(.disableMnt)),
      ("/opt", files.lists[.optional] != nil),
    ]
    for place in places where !place.isUsed && place.path != exchange?.place {
      if let found = try find(place.path, origin, host), found.kind == .directory,
        found.path == place.path
      {
        return place.path
      }
    }
    throw PolicyError(
      origin, "appimage", "there is no directory in whose place it could be shown",
      hint: "make one called /srv")
  }

  /// Says which rule hides the AppImage's files again, where one does.
  func checkAppImage(_ origin: Origin) throws(PolicyError) {
    guard let appImageDirectory, let obstacle = model.obstacle(of: appImageDirectory) else {
      return
    }
    throw PolicyError(
      obstacle, "", "hides \(appImageDirectory), where the AppImage's files are",
      hint: "skip it by --ignore, or by: noblacklist \(appImageDirectory)")
  }
}
