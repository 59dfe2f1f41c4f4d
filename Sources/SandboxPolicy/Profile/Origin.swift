package import KernelTypes

/// Where a rule was written. Each rule carries it to the last message.
package enum Origin: Hashable, Sendable {
  /// A line of a file; lines count from 1.
  case file(Path, line: Int)
  /// An option of the command line, as it was typed up to its `=`. It counts over any profile.
  case argument(String)
  /// The same, where it counts as any line does that is read in its place.
  case lineOption(String)
  /// The launcher's own rule, with its name.
  case builtIn(String)

  /// Whether it counts over any profile.
  package var isCommandLine: Bool {
    if case .argument = self { true } else { false }
  }

  /// The option that it is; nil elsewhere.
  package var option: String? {
    switch self {
    case .argument(let option), .lineOption(let option): option
    case .file, .builtIn: nil
    }
  }
}

extension Origin: CustomStringConvertible {
  /// `firefox.profile:12` with the whole path, `--caps.keep`, or `built in (terminal)`.
  package var description: String {
    switch self {
    case .file(let path, let line): "\(path):\(line)"
    case .argument(let option), .lineOption(let option): option
    case .builtIn(let name): "built in (\(name))"
    }
  }
}

/// What is wrong with a profile, a command line or a plan, and where: the line that a user reads.
package struct PolicyError: Error, Hashable, Sendable {
  package let origin: Origin?
  /// What it is about: a directive, a program, a path.
  package let subject: String
  package let message: String
  /// What to do; empty where nothing better than the message can be said.
  package let hint: String
  /// What a shell returns for it: 127 for a missing program, 126 for one that can't be executed.
  package let shellStatus: Int32?

  /// An option that there is not, with its value.
  package var unknownOption: [UInt8]?

  package init(
    _ origin: Origin?, _ subject: String, _ message: String, hint: String = "",
    shellStatus: Int32? = nil
  ) {
    self.origin = origin
    self.subject = subject
    self.message = message
    self.hint = hint
    self.shellStatus = shellStatus
  }

  /// Place, subject, message, hint: one line, without the program's name in front.
  package var line: String {
    var parts: [String] = []
    if let origin { parts.append(origin.description) }
    if !subject.isEmpty, parts.last != "--" + subject { parts.append(subject) }
    parts.append(message)
    return parts.joined(separator: ": ") + (hint.isEmpty ? "" : "; " + hint)
  }
}

/// A value of a directive that is refused. The caller adds the directive and the place.
package struct DirectiveError: Error, Hashable, Sendable {
  package let message: String
  package let hint: String

  package init(_ message: String, hint: String = "") {
    self.message = message
    self.hint = hint
  }
}
