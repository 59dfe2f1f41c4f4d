internal import Enforcement
internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// `--ls`, `--cat`, `--get` and `--put`: files as a running sandbox sees them, with the caller's rights.
///
/// A process without rights enters the sandbox's files and does it there. It follows no link of /proc,
/// by which the sandbox could lead it to what the caller has open.
struct FileTransfer {
  enum Action {
    case list, print, get, put
  }

  let host: LiveHost
  let action: Action
  /// Whether a listing is one JSON object a line.
  var isJSON = false

  /// Does not come back.
  func run(_ word: [UInt8], _ words: [[UInt8]]) throws(RunningError) -> Never {
    let count = action == .put ? 2 : 1
    guard words.count == count else {
      throw RunningError(
        "\(words.count) words follow, and \(count) should",
        hint: action == .put ? "write SOURCE and TARGET" : "write one path")
    }
    let path = try absolute(words[count - 1])
    let (sandbox, _) = try RunningSandboxes.ready(word)
    guard sandbox.user == host.uid else {
      throw RunningError("belongs to another user", hint: "only its own user can see its files")
    }
    let status = try RunningError.passing { () throws(SystemCallError) -> Int32 in
      let source =
        action == .put
        ? try FileDescriptor.openForReading(inView: absoluteOutside(words[0])).released() : -1
      let directory = action == .get ? try FileDescriptor.openDirectory(".").released() : -1
      let names =
        action == .list ? (try AccountNames("/etc/passwd"), try AccountNames("/etc/group")) : nil
      let wanted = sandbox.record.namespaces.intersection([.user, .mount, .process])
      return try Entrance(sandbox.namespaces, wanted).run { (_) throws(SystemCallError) in
        try Capabilities.set(to: [])
        try Processes.setNoNewPrivileges()
        do throws(SystemCallError) {
          switch action {
          case .list: if let names { try list(path, users: names.0, groups: names.1) }
          case .print:
            try copy(
              FileDescriptor.openForReading(inView: path), to: 1, isSafe: !Processes.isTerminal(1))
          case .get:
            let file = try FileDescriptor.openForReading(inView: path)
            let target = try FileDescriptor(owning: directory)
              .openForReplacing(name: Path(path.lastComponent))
            try copy(file, to: target.number, isSafe: true)
          case .put:
            let target = try FileDescriptor.openForReplacing(inView: path)
            try copy(FileDescriptor(owning: source), to: target.number, isSafe: true)
          }
        } catch { Console.fail(error.description) }
        Processes.exit(0)
      }.status
    }
    Processes.exit(status)
  }

  private func absoluteOutside(_ word: [UInt8]) -> Path {
    let path = Path(word)
    return path.isAbsolute ? path : (host.workingDirectory ?? "/").appending(word)
  }

  private func absolute(_ word: [UInt8]) throws(RunningError) -> Path {
    let isHome = word.first == UInt8(ascii: "~")
    let path = isHome ? host.home.appending(word.dropFirst()) : absoluteOutside(word)
    guard !path.components.contains(where: { $0.elementsEqual("..".utf8) }), !word.isEmpty else {
      throw RunningError(
        "\(displayed(word)) has a .. part or is empty", hint: "write the path without it")
    }
    return path.normalized
  }

  /// - Parameter isSafe: control characters may pass.
  private func copy(
    _ file: borrowing FileDescriptor, to target: Int32, isSafe: Bool
  ) throws(SystemCallError) {
    while true {
      var bytes = try file.readAll(limit: 1 << 20)
      if bytes.isEmpty { return }
      if !isSafe {
        bytes = bytes.map { $0 < 32 && $0 != 9 && $0 != 10 || $0 == 127 ? UInt8(ascii: "?") : $0 }
      }
      try FileDescriptor.writeAll(bytes, to: target)
    }
  }

  // MARK: Listing

  private func list(
    _ path: Path, users: AccountNames, groups: AccountNames
  ) throws(SystemCallError) {
    let place = try FileDescriptor.handle(on: path, .noMagicLinks)
    let isDirectory = try place.status().kind == .directory
    var names: [[UInt8]] = [Array(path.lastComponent)]
    if isDirectory { names = [Array(".".utf8), Array("..".utf8)] + (try Files.entries(of: path)) }
    names.sort { $0.lexicographicallyPrecedes($1) }
    for name in names {
      let entry = isDirectory ? path.appending(name) : path
      guard let status = try Self.status(of: entry) else { continue }
      if isJSON {
        Console.print(
          JSON.object([
            ("name", .string(displayed(name))), ("mode", .string(Self.mode(status))),
            ("user", .string(users[status.owner])), ("group", .string(groups[status.group])),
            ("size", .number(status.size)),
          ]).text + "\n")
        continue
      }
      let size = String(status.size % 10_000_000_000)
      Console.print(
        Self.mode(status) + " " + Self.filled(users[status.owner], 8) + " "
          + Self.filled(groups[status.group], 8) + " "
          + String(repeating: " ", count: max(0, 11 - size.count)) + size + " "
          + Self.shown(name) + "\n")
    }
  }

  /// Of what a link leads to, where it leads anywhere.
  private static func status(of entry: Path) throws(SystemCallError) -> FileStatus? {
    do throws(SystemCallError) {
      return try FileDescriptor.handle(on: entry, .noMagicLinks).status()
    } catch {
      do throws(SystemCallError) {
        return try FileDescriptor.handle(on: entry, .noMagicLinks, followsLast: false).status()
      } catch {
        // It has gone since it was listed, or can't be seen.
        guard [.noEntry, .accessDenied].contains(error.errno) else { throw error }
        return nil
      }
    }
  }

  private static func mode(_ status: FileStatus) -> String {
    var text = String(UnicodeScalar(status.letter))
    for shift in [UInt32(6), 3, 0] {
      let bits = status.mode >> shift
      let special = status.mode >> (9 + shift / 3) & 1 != 0
      text += bits & 4 != 0 ? "r" : "-"
      text += bits & 2 != 0 ? "w" : "-"
      let letters = shift == 0 ? ("t", "T") : ("s", "S")
      text += special ? (bits & 1 != 0 ? letters.0 : letters.1) : bits & 1 != 0 ? "x" : "-"
    }
    return text
  }

  private static func filled(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  /// Control characters as question marks.
  private static func shown(_ name: [UInt8]) -> String {
    displayed(name.map { $0 < 32 || $0 == 127 ? UInt8(ascii: "?") : $0 })
  }
}
