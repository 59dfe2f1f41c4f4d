package import KernelTypes
package import SandboxPolicy

/// A machine made of a dictionary.
package struct FakeHost: HostView {
  package var uid: UInt32 = 1000
  package var gid: UInt32 = 1000
  package var isPrivileged = false
  package var userNamespaceRefusal: String?
  package var home: Path = "/home/ann"
  package var workingDirectory: Path? = "/home/ann"
  package var environment: [[UInt8]] = [Array("PATH=/usr/bin".utf8)]
  package var launcher: Path = "/usr/bin/sandbox"
  package var landlockVersion = 7
  package var texts: [Path: [UInt8]] = [:]
  package var supplementaryGroups: [UInt32] = []
  /// What exists: path to where it leads, its kind and its owner.
  package var files: [Path: FoundFile] = [:]

  package init(_ names: [String] = []) {
    add("/usr/bin/true")
    for directory in ["/", "/tmp/", "/proc/driver/", "/home/"] { add(directory, owner: 0) }
    add("/home/ann/")
    for name in names { add(name) }
  }

  /// A file, or a directory where the name ends in a slash; `link` is where it leads.
  package mutating func add(_ name: String, owner: UInt32 = 1000, link: String? = nil) {
    let isDirectory = (link ?? name).hasSuffix("/")
    files[Path(name).normalized] = FoundFile(
      path: Path(link ?? name).normalized, kind: isDirectory ? .directory : .regular,
      owner: owner, mode: 0o755)
  }

  package func entries(of directory: Path) -> [[UInt8]] {
    files.keys.filter { $0.parent == directory && $0 != directory }.map { Array($0.lastComponent) }
      .sorted { $0.lexicographicallyPrecedes($1) }
  }

  package func find(_ path: Path) -> FoundFile? { files[path] }
  package func contents(of file: Path) -> [UInt8]? { texts[file] }
  package func randomBytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8($0) } }
  package func isOpen(descriptor: Int32) -> Bool { true }
  package func directoryStreams() -> [Int32] { [] }
  package func find(_ path: Path, inRoot root: Path) -> FoundFile? {
    guard let found = files[path == "/" ? root : Path(root.bytes + path.bytes)] else { return nil }
    return FoundFile(path: path, kind: found.kind, owner: found.owner, mode: found.mode)
  }
  package func groups() -> [UInt32] { supplementaryGroups }
  package func isLoaded(appArmorProfile name: String) -> Bool { name == "loaded" }
  package func isExecutable(_ path: Path) -> Bool { files[path]?.kind == .regular }
  package func hardLimit(of resource: Resource) -> UInt64 { 1 << 40 }
}

/// Reads lines as if they stood in a profile file, beside other files by name.
package func read(
  _ text: String, files: [String: String] = [:], options: [String] = [], host: FakeHost = FakeHost()
) throws -> ProfileReader {
  var all = files.mapValues { Array($0.utf8) }
  all["/p/test.profile"] = Array(text.utf8)
  return try read(bytes: all, options: options, host: host)
}

package func read(
  bytes files: [String: [UInt8]], options: [String] = [], host: FakeHost = FakeHost()
) throws -> ProfileReader {
  let source = ProfileSource(directories: ["/u", "/p"]) { (path) throws(ProfileReadError) in
    guard let bytes = files[path.description] else { throw .missing }
    return bytes
  }
  let macros = Macros(
    home: host.home, uid: host.uid, searchPath: ["/usr/local/bin", "/usr/bin"]
  ) { (name) throws(HostError) in name == "DOWNLOADS" ? "/home/ann/Downloads" : nil }
  var reader = ProfileReader(macros: macros, source: source)
  for option in options { try reader.readOption(Array(option.utf8)[...]) }
  _ = try reader.readFromDirectories(Array("test.profile".utf8))
  return reader
}

/// The line that a user would see for a profile that is refused; nil where it is accepted.
package func refusal(
  _ text: String, files: [String: String] = [:], options: [String] = []
) -> String? {
  do {
    _ = try read(text, files: files, options: options)
    return nil
  } catch let error as PolicyError {
    return error.line
  } catch {
    return "\(error)"
  }
}
