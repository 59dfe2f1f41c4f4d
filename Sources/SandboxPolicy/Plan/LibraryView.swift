internal import KernelTypes

/// `private-lib`: the directories of libraries show what the programs need, and nothing else.
extension ViewPlan {
  private static let libraryDirectories: [Path] = [
    "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/local/lib64",
  ]

  /// What is loaded without being named: name services and character sets.
  private static let alwaysNeeded = ["libnss_*.so*", "libresolv.so*", "gconv", "locale"]

  /// - Parameter programs: the files to look into, the program that is to run among them.
  mutating func addLibraries(
    _ programs: [FoundFile], _ host: some HostView
  ) throws(PolicyError) {
    guard let list = files.lists[.libraries] else { return }
    let origin = list.origin
    let places = try searchDirectories(origin, host)
    var needed: [(place: Path, found: FoundFile)] = []
    for item in Self.alwaysNeeded.map({ Array($0.utf8) }) + list.items {
      for directory in places {
        for path in try matches(of: directory.appending(item), origin, host) {
          if let found = try find(path, origin, host) { needed.append((path, found)) }
        }
      }
    }
    try walk(
      programs + needed.map { $0.found }.filter { $0.kind == .regular }, places, &needed, origin,
      host)

    var directories: [FoundFile] = []
    for path in Self.libraryDirectories + ["/lib32", "/libx32", "/usr/lib32", "/usr/libx32"] {
      if let found = try find(path, origin, host), found.kind == .directory,
        !directories.contains(where: { found.path.isWithin($0.path) })
      {
        directories.append(found)
      }
    }
    // The program's own directory stays: what lies there is its own.
    for program in programs where !program.path.parent.components.isEmpty {
      if let found = try find(program.path.parent, origin, host),
        directories.contains(where: { found.path.isWithin($0.path) && found.path != $0.path })
      {
        needed.append((found.path, found))
      }
    }
    for directory in directories { replace(directory, mode: 0o755, origin) }
    for (place, found) in needed.sorted(by: {
      $0.found.path.bytes.count < $1.found.path.bytes.count
    }) {
      let isIn = { (path: Path) in directories.contains { path.isWithin($0.path) } }
      if isIn(found.path), !model.isVisible(found.path) { show(found, origin) }
      if isIn(place), !model.isVisible(place) { makeLink(place, to: found.path, origin) }
    }
    for directory in directories { add(.seal(directory.path), origin) }
  }

  /// Follows the names of libraries from file to file.
  private func walk(
    _ start: [FoundFile], _ places: [Path], _ needed: inout [(place: Path, found: FoundFile)],
    _ origin: Origin, _ host: some HostView
  ) throws(PolicyError) {
    var open = start
    var seen: Set<Path> = []
    while let file = open.popLast() {
      guard seen.insert(file.path).inserted, seen.count < 4096 else { continue }
      let bytes = try answer(for: origin, "\(file.path)") { () throws(HostError) in
        try host.contents(of: file.path)
      }
      guard let bytes, let needs = ExecutableFile(bytes) else { continue }
      if let interpreter = needs.interpreter {
        let path = Path(interpreter).normalized
        if let found = try find(path, origin, host), found.kind == .regular {
          let parent = try find(path.parent, origin, host)?.path ?? path.parent
          needed.append((parent.appending(path.lastComponent), found))
          open.append(found)
        }
      }
      let own = needs.searchPath.compactMap { Self.directory($0, origin: file.path.parent) }
      for name in needs.libraries {
        if let (place, found) = try library(name, own + places, origin, host) {
          needed.append((place, found))
          open.append(found)
        }
      }
    }
  }

  private func library(
    _ name: [UInt8], _ directories: [Path], _ origin: Origin, _ host: some HostView
  ) throws(PolicyError) -> (Path, FoundFile)? {
    for directory in directories {
      let path = name.contains(UInt8(ascii: "/")) ? Path(name) : directory.appending(name)
      if let found = try find(path, origin, host), found.kind == .regular { return (path, found) }
    }
    return nil
  }

  /// `$ORIGIN` is the directory of the file that says it (ld.so(8)).
  private static func directory(_ text: [UInt8], origin: Path) -> Path? {
    for word in ["$ORIGIN", "${ORIGIN}"] where text.starts(with: word.utf8) {
      return Path(origin.bytes + text[word.utf8.count...])
    }
    return text.first == UInt8(ascii: "/") ? Path(text).normalized : nil
  }

  /// Where the loader looks, without links: the usual directories with those of this architecture,
  /// and what /etc/ld.so.conf.d adds.
  private func searchDirectories(
    _ origin: Origin, _ host: some HostView
  ) throws(PolicyError) -> [Path] {
    var candidates: [Path] = []
    for file in try matches(of: "/etc/ld.so.conf.d/*.conf", origin, host) {
      let bytes = try answer(for: origin, "\(file)") { () throws(HostError) in
        try host.contents(of: file)
      }
      candidates += (bytes ?? []).split(separator: 10).filter { $0.first == UInt8(ascii: "/") }
        .map { Path($0).normalized }
    }
    return try directories(among: candidates + Self.libraryDirectories, origin, host).map {
      $0.path
    }
  }
}
