package import KernelTypes

/// Finds the program once, before anything is changed, as a shell would.
package enum ProgramSearch {
  package static func find(
    _ program: [UInt8], on host: some HostView
  ) throws(PolicyError) -> FoundFile {
    let name = displayed(program)
    guard program.contains(UInt8(ascii: "/")) else {
      for directory in searchPath(of: host) {
        let path = directory.appending(program)
        guard let found = try executable(path, name, host) else { continue }
        if try !isLink(path, to: host.launcher, on: host) { return found }
      }
      throw PolicyError(
        nil, name, "there is no such program in PATH", hint: "nothing was started",
        shellStatus: 127)
    }
    let typed = Path(program)
    let path = typed.isAbsolute ? typed : (host.workingDirectory ?? "/").appending(program)
    if let found = try executable(path, name, host) { return found }
    let exists = try answer(for: nil, name) { () throws(HostError) in try host.find(path) != nil }
    throw PolicyError(
      nil, name, exists ? "is not an executable file" : "there is no such program",
      hint: "nothing was started", shellStatus: exists ? 126 : 127)
  }

  /// A link that is called like a program and starts the launcher is not that program.
  private static func isLink(
    _ path: Path, to launcher: Path, on host: some HostView
  ) throws(PolicyError) -> Bool {
    let name = path.lastComponent
    // What is called like the launcher is the launcher.
    guard !name.elementsEqual(launcher.lastComponent), !name.elementsEqual("firejail".utf8) else {
      return false
    }
    let found = try answer(for: nil, path.description) { () throws(HostError) in
      try host.find(path)
    }
    return found?.path == launcher
  }

  /// The program, or where it is not installed one that is everywhere: for plans that are looked at.
  package static func commandToPlan(
    _ program: [UInt8], on host: some HostView
  ) throws(PolicyError) -> Command {
    do throws(PolicyError) {
      _ = try find(program, on: host)
      return Command(program: program, arguments: [])
    } catch {
      guard error.shellStatus == 127 else { throw error }
      return Command(program: Array("true".utf8), arguments: [])
    }
  }

  /// The file under the path by which it was found, where it is a file that can be executed.
  private static func executable(
    _ path: Path, _ name: String, _ host: some HostView
  ) throws(PolicyError) -> FoundFile? {
    let found = try answer(for: nil, name) { () throws(HostError) -> FoundFile? in
      guard let found = try host.find(path), found.kind == .regular,
        try host.isExecutable(path)
      else { return nil }
      return found
    }
    guard let found else { return nil }
    return FoundFile(path: path, kind: .regular, owner: found.owner, mode: found.mode)
  }

  static let defaultSearchPath = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"

  /// The absolute elements of the caller's `$PATH`, each once.
  package static func searchPath(of host: some HostView) -> [Path] {
    searchPath(in: host.environment)
  }

  package static func searchPath(in environment: [[UInt8]]) -> [Path] {
    let prefix = Array("PATH=".utf8)
    let value = environment.first { $0.starts(with: prefix) }.map { $0.dropFirst(prefix.count) }
    let text = value.map(Array.init) ?? Array(defaultSearchPath.utf8)
    var paths: [Path] = []
    for element in text.split(separator: UInt8(ascii: ":")) {
      let path = Path(element).normalized
      if path.isAbsolute, !paths.contains(path) { paths.append(path) }
    }
    return paths
  }
}
