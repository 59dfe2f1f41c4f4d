internal import KernelTypes
internal import SandboxPolicy

/// The command line: options up to the first word that is none, then the program.
struct Invocation {
  private(set) var reader: ProfileReader
  private(set) var command: Command?
  /// `--` stood before the program: its status for a missing one is then the shell's.
  private(set) var hasSeparator = false
  /// What follows the options where they ask for something else than a program.
  private(set) var words: [[UInt8]] = []

  init(_ line: [[UInt8]], reader: ProfileReader) throws(PolicyError) {
    self.reader = reader
    var rest = line[...]
    // Profiles that the line names can ask for it.
    let appImage = Array("--appimage".utf8)
    let options = line.prefix { $0.first == UInt8(ascii: "-") && !$0.elementsEqual("--".utf8) }
    if options.contains(appImage) {
      try self.reader.readOption(appImage.dropFirst(2))
    }
    while let word = rest.first {
      if word.elementsEqual("--".utf8) {
        hasSeparator = true
        rest = rest.dropFirst()
        break
      }
      guard word.first == UInt8(ascii: "-") else { break }
      rest = rest.dropFirst()
      if word == appImage { continue }
      if word.elementsEqual("-?".utf8) {
        try self.reader.readOption(Array("help".utf8)[...])
      } else if word.starts(with: "--".utf8) {
        try self.reader.readOption(word.dropFirst(2))
      } else {
        throw PolicyError(
          .argument(displayed(word)), "", "options begin with two dashes",
          hint: "write -- before a program whose name begins with a dash")
      }
    }
    if self.reader.recorder.options.request?.takesWords ?? false {
      words = Array(rest)
    } else if let program = rest.first {
      guard !program.isEmpty else { throw PolicyError(nil, "", "the program's name is empty") }
      command = Command(program: program, arguments: Array(rest.dropFirst()))
    }
  }

  private static func lowered(_ byte: UInt8) -> UInt8 {
    (0x41...0x5a).contains(byte) ? byte + 0x20 : byte
  }

  /// - Returns: whether there is such a file.
  mutating func readFile(_ file: Path) throws(PolicyError) -> Bool { try reader.readFile(file) }

  /// Reads the profile named after the program, unless the command line named one or none.
  ///
  /// - Parameter names: those of all profiles; an AppImage has the longest that its own begins with.
  mutating func readAutomaticProfile(
    for command: Command, uid: UInt32, names: () throws(PolicyError) -> [[UInt8]] = { [] }
  ) throws(PolicyError) {
    let options = reader.recorder.options
    guard !options.hasProfile, options.usesNoProfile == nil else { return }
    let typed = Path(command.program).lastComponent
    var name = typed.prefix { $0 != UInt8(ascii: " ") }
    if reader.recorder.policy.appImage != nil {
      let lowered = typed.map(Self.lowered)
      name =
        try names().filter { lowered.starts(with: $0.map(Self.lowered)) }
        .max { $0.count < $1.count }?[...] ?? Array("default".utf8)[...]
    }
    guard !name.isEmpty else {
      throw PolicyError(nil, displayed(command.program), "is no program")
    }
    if try reader.readFromDirectories(Array(name) + Array(".profile".utf8)) { return }
    let fallback = uid == 0 ? "server.profile" : "default.profile"
    guard try reader.readFromDirectories(Array(fallback.utf8)) else {
      throw PolicyError(
        nil, fallback, "there is no such profile in any profile directory",
        hint: "install the profiles, or use --noprofile")
    }
  }
}
