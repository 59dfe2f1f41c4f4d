package import KernelTypes

/// Programs with all the libraries that they are linked to, as the loader would find them
/// (`ld.so(8)`) without its cache.
package enum LibraryClosure {
  package struct File {
    package let path: Path
    /// The functions that others must define.
    package let imports: [String]
    /// The numbers of calls that stand in the file's own code.
    package let directCalls: [Int]
  }

  private static let directories: [Path] = [
    "/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib", "/usr/local/lib",
  ]

  /// - Returns: each file once; what is no executable file, or is not found, is left out.
  package static func files(
    of programs: [Path], on host: some HostView
  ) throws(PolicyError) -> [File] {
    var open = programs
    var seen: Set<Path> = []
    var files: [File] = []
    while let path = open.popLast() {
      guard seen.insert(path).inserted, seen.count < 4096 else { continue }
      let bytes = try answer(for: nil, "\(path)") { () throws(HostError) in
        try host.contents(of: path)
      }
      guard let bytes, let contents = ExecutableFile(bytes) else { continue }
      if let interpreter = contents.interpreter, bytes.starts(with: "#!".utf8) {
        try add(Path(interpreter), host, &open)
      }
      files.append(
        File(
          path: path, imports: ExecutableFile.imports(of: bytes),
          directCalls: ExecutableFile.directCalls(in: bytes)))
      let own = contents.searchPath.map { path in
        String(decoding: path, as: UTF8.self)
      }.filter { !$0.contains("$") }.map { Path($0) }
      for name in contents.libraries {
        for directory in own + directories {
          if try add(directory.appending(name), host, &open) { break }
        }
      }
    }
    return files
  }

  @discardableResult
  private static func add(
    _ path: Path, _ host: some HostView, _ open: inout [Path]
  ) throws(PolicyError) -> Bool {
    let found = try answer(for: nil, "\(path)") { () throws(HostError) in try host.find(path) }
    guard let found, found.kind == .regular else { return false }
    open.append(found.path)
    return true
  }
}
