/// The two manual pages, as man(7) text, from the table.
package enum ManualPage {
  static func header(_ title: String, section: Int, _ summary: String) -> String {
    let name = title.lowercased()
    return """
      .\\" Made from the directive table by ReferenceTool: change that, not this.
      .TH \(title) \(section) "" "sandbox \(Version.number)"
      .SH NAME
      \(name) \\- \(summary)

      """
  }

  static func chapters() -> String {
    Directive.Topic.allCases.map { topic in
      let text = entries {
        $0.topic == topic && $0.availability != .commandLineOnly && $0.support.isAccepted
      }
      return text.isEmpty ? "" : ".SH \(topic.rawValue)\n" + text
    }.joined()
  }

  static func entries(_ isWanted: (Directive) -> Bool) -> String {
    DirectiveTable.all.filter(isWanted).map(entry).joined()
  }

  private static func entry(_ directive: Directive) -> String {
    let isOption = directive.availability == .commandLineOnly
    var text = ".TP\n.B \(escaped((isOption ? "--" : "") + directive.name))"
    switch directive.argument {
    case .none: text += "\n"
    case .required(let placeholder):
      text += "\(isOption ? "=" : " ")\(escaped(placeholder))\n"
    case .optional(let placeholder):
      text += isOption ? "[=\(escaped(placeholder))]\n" : " [\(escaped(placeholder))]\n"
    }
    text += sentence(directive.summary)
    if case .noEffect(let reason) = directive.support {
      text += sentence("Accepted without effect: " + reason)
    }
    if !directive.discussion.isEmpty { text += ".br\n" + escaped(directive.discussion) + "\n" }
    if !directive.example.isEmpty {
      text += ".br\nExample:\n.B \(escaped(directive.example))\n"
    }
    return text
  }

  static func refused() -> String {
    let names = { (isWanted: (Directive.Support) -> Bool) in
      DirectiveTable.all.filter { isWanted($0.support) && $0.availability != .commandLineOnly }
        .map { escaped($0.name) }.joined(separator: ", ")
    }
    var text = """
      .SH NOT SUPPORTED YET
      These words are known and refused by name, with their place; ignore leaves a line out:
      \(names { $0 == .notYet }).
      .SH NOT POSSIBLE

      """
    for directive in DirectiveTable.all {
      guard case .impossible(let reason, let instead) = directive.support else { continue }
      text += ".TP\n.B \(escaped(directive.name))\n" + sentence("\(reason); \(instead)")
    }
    return text
  }

  private static func sentence(_ text: String) -> String {
    escaped(text.prefix(1).uppercased() + text.dropFirst()) + ".\n"
  }

  /// For man(7): hyphens that a reader copies, and nothing that begins a request.
  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for character in text {
      switch character {
      case "\\": escaped += "\\(rs"
      case "-": escaped += "\\-"
      case "'": escaped += "\\(aq"
      case "`": escaped += "\\(ga"
      case "~": escaped += "\\(ti"
      case "^": escaped += "\\(ha"
      default: escaped.append(character)
      }
    }
    return escaped.hasPrefix(".") ? "\\&" + escaped : escaped
  }
}
