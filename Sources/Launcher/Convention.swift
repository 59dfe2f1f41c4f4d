internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// What the launcher was started as.
enum Convention: Equatable {
  /// Under its own name: silent where all is well.
  case own
  /// As `firejail`, in whose place it stands: what scripts know of Firejail's messages, profile
  /// directories and variables holds.
  case firejail
  /// By a link that is called like a program: that program, with the words that follow. In the place of
  /// bwrap its own file has that name too.
  case program([UInt8])

  static let current = Convention(
    startedAs: Processes.arguments().first ?? [],
    executable: Files.executable(of: Processes.identifier))

  /// Whether errors and warnings look like Firejail's.
  var hasFirejailsForms: Bool { self == .firejail || self == .program(Firemon.name) }

  /// The level of Firejail's language, options and messages that is spoken.
  static let firejailVersion = "0.9.81"

  /// - Parameters:
  ///   - word: the first word of the command line; with a dash in front for a login shell.
  ///   - executable: the launcher's own file, which may have been replaced since.
  init(startedAs word: [UInt8], executable: @autoclosure () -> Path?) {
    let name = Path(word.first == UInt8(ascii: "-") ? word.dropFirst() : word[...]).lastComponent
    self =
      name.elementsEqual("firejail".utf8)
      ? .firejail
      : name.isEmpty || name.elementsEqual("sandbox".utf8)
        || (!name.elementsEqual(Bubblewrap.name) && name.elementsEqual(Self.name(executable())))
        ? .own : .program(Array(name))
  }

  /// What a file is called that may have been removed since it was started (`proc_pid_exe(5)`).
  private static func name(_ executable: Path?) -> [UInt8] {
    let name = Array(executable?.lastComponent ?? [])
    let gone = Array(" (deleted)".utf8)
    return name.suffix(gone.count).elementsEqual(gone) ? name.dropLast(gone.count) : name
  }
}

extension PolicyError {
  /// The line in the form of the name by which the launcher was started.
  var said: String {
    guard Convention.current == .firejail, let unknownOption else { return line }
    return "invalid --\(displayed(unknownOption)) command line option"
      + (hint.hasPrefix("did") ? "; " + hint : "")
  }
}

/// What scripts expect to read on standard error from `firejail`.
struct FirejailMessages {
  /// When the launcher was started (CLOCK_MONOTONIC), in microseconds.
  let beginning: Int
  let isQuiet: Bool

  func profiles(_ files: [Path]) {
    guard !isQuiet else { return }
    for file in files { Console.say("Reading profile \(file)") }
    if files.first?.lastComponent.elementsEqual("default.profile".utf8) ?? false {
      Console.say("\n** Note: you can use --noprofile to disable default.profile **\n")
    }
  }

  func began(_ first: Int32) {
    if !isQuiet { Console.say("Parent pid \(Processes.identifier), child pid \(first)") }
  }

  /// The program is about to start, and can read the terminal.
  func starts() {
    guard !isQuiet else { return }
    let hundredths = (Processes.microseconds() - beginning) / 10
    let rest = hundredths % 100
    Console.say(
      "Child process initialized in \(hundredths / 100).\(rest < 10 ? "0" : "")\(rest) ms")
  }

  func ended() { if !isQuiet { Console.say("\nParent is shutting down, bye...") } }
}
