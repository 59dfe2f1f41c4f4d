internal import KernelTypes

/// What stands in parentheses behind a call: `fd<=2`, `domain=AF_UNIX|AF_INET,type&0xf=SOCK_STREAM`.
///
/// `CONDITION = GROUP{"||" GROUP}`; `GROUP = TEST{("," | "&&") TEST}`;
/// `TEST = ARGUMENT["&" VALUE] OP VALUE{"|" VALUE}`; `VALUE = NUMBER | CONSTANT{"+" CONSTANT}`.
enum ConditionParser {
  static func condition(
    _ text: String, of call: String
  ) throws(DirectiveError) -> ArgumentCondition {
    var condition = ArgumentCondition([])
    for group in split(text, by: ["||"]) {
      var all = ArgumentCondition([[]])
      for test in split(group, by: ["&&", ","]) {
        all = all.and(try self.test(test, call))
        try check(all, text)
      }
      condition = condition.or(all)
      try check(condition, text)
    }
    guard !condition.alternatives.isEmpty else {
      throw DirectiveError("\"\(text)\" can never hold")
    }
    return condition
  }

  private static func check(
    _ condition: ArgumentCondition, _ text: String
  ) throws(DirectiveError) {
    guard condition.alternatives.count <= ArgumentCondition.most else {
      throw DirectiveError(
        "\"\(text)\" comes to \(condition.alternatives.count) cases, and \(ArgumentCondition.most)"
          + " is the limit", hint: "use masks, or fewer alternatives")
    }
  }

  // MARK: One test

  private static func test(
    _ text: String, _ call: String
  ) throws(DirectiveError) -> ArgumentCondition {
    guard let (left, comparison, right) = parts(of: text) else {
      throw DirectiveError(
        "\"\(text)\" is no condition",
        hint: "write ARGUMENT=VALUE, or one of != < <= > >=; for bits ARGUMENT&MASK=VALUE")
    }
    let names = split(left, by: ["&"])
    guard names.count <= 2 else { throw DirectiveError("\"\(text)\" has more than one mask") }
    let values = try split(right, by: ["|"]).map { (word) throws(DirectiveError) in
      try value(word)
    }
    let mask = names.count > 1 ? try value(names[1]) : nil
    do throws(ArgumentError) {
      return try SyscallArgument(names[0], of: call).condition(comparison, values, mask: mask)
    } catch {
      throw DirectiveError("\(call)(\(text)): \(error.message)", hint: error.hint)
    }
  }

  private static func value(_ text: String) throws(DirectiveError) -> UInt64 {
    var sum: UInt64 = 0
    for word in split(text, by: ["+"]) {
      if let number = number(word) {
        sum |= number
      } else if let constant = KernelConstants.value(of: word) {
        sum |= UInt64(bitPattern: constant)
      } else {
        throw DirectiveError(
          "no constant is called \"\(word)\"",
          hint: suggestion(for: word, in: KernelConstants.names))
      }
    }
    return sum
  }

  /// As lists have numbers, with a sign before it.
  private static func number(_ text: String) -> UInt64? {
    let isNegative = text.hasPrefix("-")
    guard let value = SyscallListParser.number(text.dropFirst(isNegative ? 1 : 0)),
      !isNegative || value <= 1 << 63
    else { return nil }
    return isNegative ? 0 &- value : value
  }

  // MARK: Text

  private static func parts(
    of text: String
  ) -> (left: String, ArgumentCondition.Comparison, right: String)? {
    guard let start = text.firstIndex(where: { "!<>=".contains($0) }) else { return nil }
    let rest = text[start...]
    let sign = String(rest.prefix { "!<>=".contains($0) })
    guard let comparison = ArgumentCondition.Comparison(rawValue: sign == "==" ? "=" : sign),
      start > text.startIndex, rest.count > sign.count
    else { return nil }
    return (String(text[..<start]), comparison, String(rest.dropFirst(sign.count)))
  }

  /// The parts between separators, of which the longer come first.
  private static func split(_ text: String, by separators: [String]) -> [String] {
    var parts = [""]
    var rest = text[...]
    while let character = rest.first {
      if let separator = separators.first(where: { rest.hasPrefix($0) }) {
        parts.append("")
        rest = rest.dropFirst(separator.count)
      } else {
        parts[parts.count - 1].append(character)
        rest = rest.dropFirst()
      }
    }
    return parts
  }
}
