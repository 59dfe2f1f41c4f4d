package import KernelTypes

/// One word of the language: the single description from which the parser, the command line, the
/// help, the manual and the suggestions are made.
///
/// A class, because it is passed on for each line of a profile.
package final class Directive: Sendable {
  package enum Argument: Hashable, Sendable {
    case none
    /// With the placeholder of the manual.
    case required(String)
    case optional(String)
  }

  package enum Availability: Sendable {
    case everywhere, profileOnly, commandLineOnly
  }

  /// What this version does with it.
  package enum Support: Hashable, Sendable {
    case enforced
    /// Accepted and without effect, for this reason.
    case noEffect(String)
    /// Refused by name until its enforcement comes.
    case notYet
    /// Refused by name for good: the reason, and what to use instead.
    case impossible(String, instead: String)
  }

  /// A chapter of the manual, in its order.
  package enum Topic: String, Sendable, CaseIterable {
    case profiles = "PROFILES"
    case files = "FILES AND DIRECTORIES"
    case privateFiles = "PRIVATE DIRECTORIES"
    case syscalls = "SYSTEM CALLS"
    case capabilities = "CAPABILITIES AND IDENTITY"
    case limits = "LIMITS"
    case environment = "ENVIRONMENT AND DESCRIPTORS"
    case devices = "DEVICES"
    case network = "NETWORK"
    case buses = "D-BUS"
    case display = "DISPLAY"
    case session = "SESSION"
    case watching = "CHECKING AND WATCHING"
    case lookups = "LOOK-UPS"
    case integration = "DESKTOP INTEGRATION"
    case running = "RUNNING SANDBOXES"
  }

  /// Who carries it out: the reader, for what steers the reading itself, else `record`.
  package enum Part: Sendable {
    case include, ignore, profile, rule
  }

  package let name: String
  package let part: Part
  package let argument: Argument
  package let availability: Availability
  package let topic: Topic
  package let support: Support
  /// At most 70 columns: the help and the manual's first line.
  package let summary: String
  /// The manual's text.
  package let discussion: String
  /// A line that the manual shows and that a test parses; empty where none would help.
  package let example: String
  /// Validates the value and notes what was meant. It does nothing else.
  package let record: @Sendable (inout Recorder, ArraySlice<UInt8>) throws(DirectiveError) -> Void

  package init(
    _ name: String, _ argument: Argument = .none, in topic: Topic,
    _ availability: Availability = .everywhere, support: Support = .enforced,
    summary: String, discussion: String = "", example: String = "",
    record: @escaping @Sendable (inout Recorder, ArraySlice<UInt8>) throws(DirectiveError) -> Void =
      { (_, _) throws(DirectiveError) in }
  ) {
    self.name = name
    part =
      switch name {
      case "include": .include
      case "ignore": .ignore
      case "profile": .profile
      default: .rule
      }
    self.argument = argument
    self.availability = availability
    self.topic = topic
    self.support = support
    self.summary = summary
    self.discussion = discussion
    self.example = example
    self.record = record
  }
}

/// What `record` writes to: the policy so far, with the place of the line at hand.
package struct Recorder: Sendable {
  package var policy = Policy()
  package var options = LaunchOptions()
  package let macros: Macros
  package var origin: Origin
  /// Whether the line at hand stands on the command line or in a file outside of collections.
  package var isOwn = true

  package init(macros: Macros) {
    self.macros = macros
    origin = .builtIn("start")
  }

  /// Sets a value of which the last line counts, and any line of the command line over a profile's.
  func set<Value>(_ value: Value, _ setting: inout Setting<Value>?) {
    if let setting, setting.origin.isCommandLine, !origin.isCommandLine { return }
    setting = Setting(value, origin)
  }
}

extension Recorder {
  /// Warns of a word that newer profiles write otherwise.
  mutating func warnOldSpelling(_ directive: String, _ hint: String) {
    policy.warnings.append(PolicyError(origin, directive, "is an old spelling", hint: hint))
  }

  /// Notes that a line asks for a part of the view.
  mutating func askForView(_ directive: String) {
    policy.files.otherRequests.append(
      FilePolicy.Request(
        directive: directive, origin: origin, isOptional: isOptional))
  }

  /// Whether the line at hand is left out where a host forbids it (`view-optional`).
  var isOptional: Bool { policy.files.optionalFrom != nil && origin.option == nil }

  /// Notes a rule about a path, which asks for a view by itself.
  mutating func add(_ verb: PathRule.Verb, _ path: Path) {
    policy.files.rules.append(
      PathRule(verb, path, origin, isOwn: isOwn, isOptional: isOptional))
  }

  /// Sets a flag; the first place counts.
  mutating func raise(_ flag: ViewFlag) {
    if !flag.lifts { askForView(flag.rawValue) }
    policy.files.flags[flag] = policy.files.flags[flag] ?? origin
  }
}

/// What the command line asks of the launcher itself.
package struct LaunchOptions: Hashable, Sendable {
  package enum Request: Hashable, Sendable {
    /// Empty for the most used options, `all`, or a directive's name.
    case help(String)
    case version
    case systemCalls, systemCalls32, errnos, capabilities, protocols
    /// `--overlay-clean`.
    case cleanLayers
    /// `--check`: the words that follow are profiles.
    case check
    /// `--check-list`: the words are a profile, and perhaps a program.
    case checkList
    /// Empty for the table of all groups.
    case groups([String])
    /// A process's number or a program's name; empty for the caller's own.
    case status([UInt8])
    case doctor
    /// `--export`: the word is a program or a profile.
    case export(ExportFormat)
    case running(RunningRequest)
    /// `--integrate` and `--disintegrate`: the words are programs.
    case integrate, disintegrate

    /// Whether what follows the options is not started.
    package var takesWords: Bool {
      switch self {
      case .export, .check, .checkList, .integrate, .disintegrate: true
      case .running(let asked): asked.takesWords
      default: false
      }
    }
  }

  package enum ExportFormat: String, Hashable, Sendable, CaseIterable {
    case oci, systemd, bpf
  }

  /// A question that is answered instead of running a program.
  package var request: Request?
  package var isDebug = false
  /// `--dry-run`.
  package var isDryRun = false
  /// `--plan`: the plan is printed, and nothing is started.
  package var showsPlan = false
  package var showsFilter = false
  /// `--json`: what is printed is for programs.
  package var isJSON = false
  /// `--debug-blacklists` and `--debug-whitelists`.
  package var listsHidden = false
  package var listsShown = false
  package var usesNoProfile: Origin?
  package var hasProfile = false
  /// `--explain`: where the report goes, as the receipt.
  package var explains: Setting<Path>?
  /// `--build`: the file to write, empty for standard output; what it goes on from; and how.
  package var builds: Setting<Path>?
  package var buildBase: Setting<[UInt8]>?
  package var buildsExactly = false
  package var provesBuild = true
  /// `--audit`.
  package var audits = false
  /// `--trace`.
  package var traces: Setting<Path>?
  package var watch: Watch? { traces != nil ? .events : explains != nil ? .refusals : nil }
  /// Where the receipt goes: a path, or empty for standard error.
  package var receipt: Setting<Path>?
  /// `--output`: the file, and whether it gets standard error as well.
  package var output: Setting<OutputCopy>?
}

/// A file that gets a copy of what a program writes.
package struct OutputCopy: Hashable, Sendable {
  package let file: Path
  package let hasErrors: Bool
}
