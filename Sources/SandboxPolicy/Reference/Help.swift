/// The version of the product.
package enum Version {
  package static let number = "0.1.0"
}

/// What `--help` prints, from the table.
package enum Help {
  /// What people do, and the options that they do it with.
  static let tasks: [(task: String, options: [String])] = [
    ("Start", ["profile", "noprofile"]),
    ("Hide", ["private", "blacklist", "read-only"]),
    ("Cut off", ["net", "dbus-user"]),
    ("Filter", ["seccomp.keep", "seccomp.drop", "caps.drop"]),
    ("Learn", ["build", "explain", "audit"]),
    ("Look", ["plan", "check", "doctor"]),
    ("Running", ["list", "join", "shutdown"]),
    ("Desktop", ["integrate"]),
  ]

  /// One screen.
  package static var text: String {
    var text = """
      Usage: sandbox [OPTIONS] [--] PROGRAM [ARGUMENTS]     (no PROGRAM: your shell)
      Runs PROGRAM with no more power than its profile, PROGRAM.profile, gives it.

      """
    for (task, options) in tasks {
      for (index, name) in options.enumerated() {
        guard let directive = DirectiveTable.named(name) else { continue }
        let title = index == 0 ? task : ""
        let option = "--" + name + directive.argument.suffix
        text +=
          filled(title, 9) + filled(option, 24) + (option.count < 24 ? "" : " ")
          + directive.summary + "\n"
      }
    }
    return text + """
      Each directive of a profile is an option: --help=DIRECTIVE tells of one, and
      --help=all lists them. Manuals: sandbox(1), sandbox-profile(5).

      """
  }

  private static func filled(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  /// Every option, by the chapters of the manual.
  package static var all: String {
    var text = """
      Usage: sandbox [OPTIONS] [--] PROGRAM [ARGUMENTS]

      Runs PROGRAM with no more power than its profile gives it. The profile is the file
      PROGRAM.profile of ~/.config/sandbox, /etc/sandbox, ~/.config/firejail, the shipped ones or
      /etc/firejail; default.profile where there is none. Without PROGRAM: your login shell.

      Each directive of a profile is an option as well: --directive or --directive=value.

      """
    for topic in Directive.Topic.allCases {
      let directives = DirectiveTable.all.filter {
        $0.topic == topic && $0.support.isAccepted && $0.availability != .profileOnly
      }
      guard !directives.isEmpty else { continue }
      text += "\n\(topic.rawValue)\n"
      for directive in directives { text += line(directive) }
    }
    return text + """

      Known, and refused as not supported yet: see sandbox-profile(5).
      Manuals: sandbox(1), sandbox-profile(5).

      """
  }

  /// The manual's entry of one directive, for a terminal of 80 columns.
  package static func text(of directive: Directive) -> String {
    var forms: [String] = []
    if directive.availability != .commandLineOnly {
      forms.append(
        directive.name
          + directive.argument.suffix.map { $0 == "=" ? " " : $0 }.reduce(into: "") {
            $0.append($1)
          })
    }
    if directive.availability != .profileOnly {
      forms.append("--" + directive.name + directive.argument.suffix)
    }
    var text = forms.joined(separator: "    ") + "\n" + wrapped(directive.summary + ".")
    switch directive.support {
    case .enforced: break
    case .noEffect(let reason): text += wrapped("Accepted without effect: \(reason).")
    case .notYet: text += wrapped("Refused: not supported yet.")
    case .impossible(let reason, let instead):
      text += wrapped("Refused: \(reason); \(instead).")
    }
    if !directive.discussion.isEmpty { text += wrapped(directive.discussion) }
    if !directive.example.isEmpty { text += "    Example: \(directive.example)\n" }
    return text
  }

  private static func wrapped(_ text: String) -> String {
    var lines = [""]
    for word in text.split(separator: " ") {
      if lines[lines.count - 1].count + word.count > 74 { lines.append("") }
      lines[lines.count - 1] += (lines[lines.count - 1].isEmpty ? "" : " ") + word
    }
    return lines.map { "    \($0)\n" }.joined()
  }

  private static func line(_ directive: Directive) -> String {
    let option = "  --" + directive.name + directive.argument.suffix
    let gap =
      option.count < 38
      ? String(repeating: " ", count: 38 - option.count) : "\n" + String(repeating: " ", count: 38)
    return option + gap + directive.summary + "\n"
  }
}

extension Directive.Support {
  /// Whether a line with it is accepted by this version.
  package var isAccepted: Bool {
    switch self {
    case .enforced, .noEffect: true
    case .notYet, .impossible: false
    }
  }
}

extension Directive.Argument {
  /// As it follows an option: `=LIST`, `[=LIST]` or nothing.
  package var suffix: String {
    switch self {
    case .none: ""
    case .required(let placeholder): "=" + placeholder
    case .optional(let placeholder): "[=" + placeholder + "]"
    }
  }
}
