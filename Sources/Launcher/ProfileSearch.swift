internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// Where profiles are and how they are read.
enum ProfileSearch {
  static let largestFile = 16 << 20

  /// The user's, the system's, the user's for Firejail, the shipped ones, then Firejail's.
  ///
  /// The shipped profiles come after the user's own, wherever those are: what somebody wrote for
  /// Firejail counts over what nobody asked for. In Firejail's place, its own two come first.
  static func directories(home: Path, launcher: Path, _ convention: Convention) -> [Path] {
    let (system, shipped) = installed(launcher: launcher)
    let own = home.appending(".config/sandbox")
    let firejail = home.appending(".config/firejail")
    return convention == .firejail
      ? [firejail, Macros.firejailDirectory, own, system, shipped]
      : [own, system, firejail, shipped, Macros.firejailDirectory]
  }

  /// For a launcher in `PREFIX/bin`: `PREFIX/etc/sandbox` (/etc/sandbox where PREFIX is /usr), which
  /// is the administrator's, and `PREFIX/share/sandbox/profiles`. For a launcher in its build
  /// directory: /etc/sandbox, and the `profiles` of the source tree.
  static func installed(launcher: Path) -> (system: Path, shipped: Path) {
    let parts = launcher.components
    if let build = parts.lastIndex(where: { $0.elementsEqual(".build".utf8) }),
      !parts[build...].contains(where: { $0.elementsEqual("bin".utf8) })
    {
      let root = parts[..<build].reduce(Path("/")) { $0.appending($1) }
      return ("/etc/sandbox", root.appending("profiles"))
    }
    let prefix = launcher.parent.parent
    return (
      prefix == "/usr" || prefix == "/" ? "/etc/sandbox" : prefix.appending("etc/sandbox"),
      prefix.appending("share/sandbox/profiles")
    )
  }

  static func source(_ host: LiveHost) throws(SystemCallError) -> ProfileSource {
    let uid = host.uid
    let directories = directories(home: host.home, launcher: host.launcher, .current)
    let shipped = installed(launcher: host.launcher).shipped
    var missing: [Path] = []
    for directory in directories {
      if case .missing = try FileDescriptor.lookUp(directory) { missing.append(directory) }
    }
    return ProfileSource(
      directories: directories, missing: missing, collections: [shipped, Macros.firejailDirectory]
    ) {
      (path) throws(ProfileReadError) in
      let status: FileStatus?
      let bytes: [UInt8]
      do throws(SystemCallError) {
        // Not waiting for the other side of a pipe, and not taking a terminal over.
        if let file = try FileDescriptor.openIfThere(path) {
          let found = try file.status()
          bytes = found.kind == .regular ? try file.readAll(limit: largestFile + 1) : []
          status = found
        } else {
          (status, bytes) = (nil, [])
        }
      } catch { throw .unusable("can't be read: \(error.errno.sentence)", hint: "") }
      guard let status else { throw .missing }
      try check(status, size: bytes.count, uid: uid)
      return bytes
    }
  }

  /// What the administrator forbids in this installation.
  static func forbidden(_ host: LiveHost) throws(PolicyError) -> [String: Origin] {
    let file = installed(launcher: host.launcher).system.appending(SystemPolicy.fileName)
    guard let bytes = try administratorsFile(file) else { return [:] }
    return try SystemPolicy.forbidden(in: bytes, of: file)
  }

  /// Firejail's own configuration, in its place.
  static func configuration() throws(PolicyError) -> FirejailConfiguration {
    guard Convention.current == .firejail,
      let bytes = try administratorsFile(FirejailConfiguration.file)
    else { return FirejailConfiguration() }
    return try FirejailConfiguration(bytes, of: FirejailConfiguration.file)
  }

  /// Nil where there is none.
  private static func administratorsFile(_ file: Path) throws(PolicyError) -> [UInt8]? {
    let bytes: [UInt8]
    let status: FileStatus
    do throws(SystemCallError) {
      guard let descriptor = try FileDescriptor.openIfThere(file) else { return nil }
      bytes = try descriptor.readAll(limit: largestFile + 1)
      status = try descriptor.status()
    } catch { throw PolicyError(nil, "", error.description) }
    do throws(ProfileReadError) {
      try check(status, size: bytes.count, uid: 0)
    } catch {
      guard case .unusable(let reason, let hint) = error else { return nil }
      throw PolicyError(nil, file.description, reason, hint: hint)
    }
    return bytes
  }

  /// Whether a word ends as a profile's file does.
  static func isFileName(_ word: [UInt8]) -> Bool {
    word.count > 8 && word.suffix(8).elementsEqual(".profile".utf8)
  }

  /// A path as it stands, or the first profile of a name.
  static func find(
    _ word: [UInt8], _ source: ProfileSource, _ host: LiveHost
  ) throws(SystemCallError) -> Path {
    if word.contains(UInt8(ascii: "/")) {
      let path = Path(word)
      return path.isAbsolute ? path : (host.workingDirectory ?? "/").appending(word).normalized
    }
    let name = isFileName(word) ? word : word + Array(".profile".utf8)
    for directory in source.directories where try Files.exists(directory.appending(name)) {
      return directory.appending(name)
    }
    return Path(name)
  }

  /// The names of all profiles, without their ending.
  static func names(_ source: ProfileSource, _ host: LiveHost) throws(PolicyError) -> [[UInt8]] {
    var names: [[UInt8]] = []
    for directory in source.presentDirectories {
      do throws(HostError) {
        let files = try host.entries(of: directory)
        names += files.filter { isFileName($0) }.map { Array($0.dropLast(8)) }
      } catch { throw PolicyError(nil, "\(directory)", error.message) }
    }
    return names
  }

  /// The program that a profile is named after.
  static func program(of profile: Path) -> [UInt8] { Array(profile.lastComponent.dropLast(8)) }

  /// A file that somebody else could have planted is not read.
  private static func check(
    _ status: FileStatus, size: Int, uid: UInt32
  ) throws(ProfileReadError) {
    guard status.kind == .regular else {
      throw .unusable(
        status.kind == .directory ? "is a directory" : "is not a regular file",
        hint: "name a profile file")
    }
    guard status.owner == uid || status.owner == 0 || isUnmapped(status.owner) else {
      throw .unusable("belongs to another user (uid \(status.owner))", hint: "copy it")
    }
    guard status.mode & 0o002 == 0 else {
      throw .unusable("can be written by everyone", hint: "take that right away: chmod o-w FILE")
    }
    guard size <= largestFile else {
      throw .unusable("is larger than \(largestFile >> 20) MiB", hint: "")
    }
  }

  /// Whether an owner has no number in this user namespace, as root's files have none inside a
  /// sandbox (`user_namespaces(7)`): the kernel shows the overflow uid then.
  private static func isUnmapped(_ owner: UInt32) -> Bool {
    guard owner == 65534 else { return false }
    do throws(SystemCallError) {
      let map = try FileDescriptor.open("/proc/self/uid_map", 0).readAll(limit: 4096)
      let words = map.split(separator: UInt8(ascii: " "))
      return !(words.count == 3 && words[2].starts(with: "4294967295".utf8))
    } catch { return false }
  }
}
