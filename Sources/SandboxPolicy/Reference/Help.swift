/// The version of the product.
package enum Version {
  package static let number = "0.1.0"
}

/// What `--help` prints, from the table.
package enum Help {
  package static var text: String {
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
