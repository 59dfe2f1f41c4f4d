internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// The stand-in for bwrap(1) inside a sandbox: the program that bwrap is asked for, in the sandbox that is
/// there already. What would show it more or less than that is passed over.
struct Bubblewrap {
  static let name = Array("bwrap".utf8)

  /// Whose options are known.
  private static let version = "0.11.0"

  /// Options by the number of words that follow them (bwrap(1)).
  private static let options: [(count: Int, names: String)] = [
    (
      0,
      """
      version level-prefix unshare-all share-net unshare-user unshare-user-try unshare-ipc unshare-pid \
      unshare-net unshare-uts unshare-cgroup unshare-cgroup-try disable-userns assert-userns-disabled \
      clearenv new-session die-with-parent as-pid-1
      """
    ),
    (
      1,
      """
      args argv0 userns userns2 pidns uid gid hostname chdir unsetenv lock-file sync-fd exec-label \
      file-label proc dev tmpfs mqueue dir seccomp add-seccomp-fd block-fd userns-block-fd info-fd \
      json-status-fd cap-add cap-drop perms size remount-ro overlay-src tmp-overlay ro-overlay
      """
    ),
    (
      2,
      """
      setenv bind bind-try dev-bind dev-bind-try ro-bind ro-bind-try bind-fd ro-bind-fd file bind-data \
      ro-bind-data symlink chmod
      """
    ),
    (3, "overlay"),
  ]

  private var inherited: [[UInt8]]
  private var environment = EnvironmentPolicy()
  private var directory: Path?
  private var firstWord: [UInt8]?
  private var endsWithParent = false
  private var informed: [Int32] = []

  init(_ host: LiveHost) { inherited = host.environment }

  mutating func run(_ words: [[UInt8]], _ host: LiveHost) throws(PolicyError) -> Never {
    let command = try read(words[...])
    guard let program = command.first else {
      throw PolicyError(nil, "bwrap", "no program was named")
    }
    let found = try ProgramSearch.find(program, on: host)
    do throws(SystemCallError) {
      if endsWithParent { try Processes.dieWithParent() }
      if let directory { try Files.changeDirectory(to: directory) }
      for number in informed {
        let text = "{\"child-pid\": \(Processes.identifier)}\n"
        try FileDescriptor.writeAll(Array(text.utf8), to: number)
      }
      try Processes.become(
        found.path, [firstWord ?? program] + command.dropFirst(),
        environment.applied(to: inherited))
      Console.fail("\(found.path) did not start")
    } catch { throw PolicyError(nil, "bwrap", error.description) }
  }

  /// - Returns: the program and its words.
  private mutating func read(_ words: ArraySlice<[UInt8]>) throws(PolicyError) -> [[UInt8]] {
    var rest = words
    while let word = rest.first, word.starts(with: "--".utf8) {
      rest = rest.dropFirst()
      if word.count == 2 { break }
      let name = String(decoding: word.dropFirst(2), as: UTF8.self)
      guard
        let option = Self.options.first(where: {
          $0.names.split(separator: " ").contains(name[...])
        })
      else {
        throw PolicyError(
          nil, "bwrap", "--\(name) is not known inside a sandbox",
          hint: "allow-bwrap lets bwrap itself run")
      }
      guard rest.count >= option.count else {
        throw PolicyError(nil, "bwrap", "--\(name) takes \(option.count) words")
      }
      let command = try take(name, Array(rest.prefix(option.count)))
      rest = rest.dropFirst(option.count)
      if !command.isEmpty { return command + rest }
    }
    return Array(rest)
  }

  /// - Returns: the program, where the words of `--args` name one.
  private mutating func take(
    _ name: String, _ values: [[UInt8]]
  ) throws(PolicyError) -> [[UInt8]] {
    switch name {
    case "clearenv":
      inherited = inherited.filter { $0.starts(with: "PWD=".utf8) }
      environment = EnvironmentPolicy()
    case "unsetenv": edit(.remove(name: values[0]), name)
    case "setenv": edit(.set(name: values[0], value: values[1]), name)
    case "chdir": directory = Path(values[0])
    case "argv0": firstWord = values[0]
    case "die-with-parent": endsWithParent = true
    case "info-fd", "json-status-fd": informed.append(try number(name, values[0]))
    case "args":
      let file = FileDescriptor(owning: try number(name, values[0]))
      let bytes: [UInt8]
      do throws(SystemCallError) {
        bytes = try file.readAll(limit: 1 << 20)
      } catch { throw PolicyError(nil, "bwrap", "--args: \(error)") }
      let words = bytes.split(separator: 0, omittingEmptySubsequences: false).map { Array($0) }
      // A NUL ends each word; the last may go without.
      return try read(words.last?.isEmpty ?? true ? words.dropLast() : words[...])
    case "version":
      Console.print("bubblewrap \(Self.version)\n")
      Processes.exit(0)
    default: return []
    }
    return []
  }

  private mutating func edit(_ edit: EnvironmentPolicy.Edit, _ option: String) {
    environment.edits.append(Setting(edit, .argument("--" + option)))
  }

  private func number(_ name: String, _ word: [UInt8]) throws(PolicyError) -> Int32 {
    guard let number = Int32(String(decoding: word, as: UTF8.self)), number >= 0 else {
      throw PolicyError(nil, "bwrap", "--\(name): \"\(displayed(word))\" is no descriptor")
    }
    return number
  }
}
