internal import KernelTypes

/// What stands in parentheses behind a call: `fd<=2`, `domain=AF_UNIX|AF_INET,type&0xf=SOCK_STREAM`.
///
/// `CONDITION = GROUP{"||" GROUP}`; `GROUP = TEST{("," | "&&") TEST}`;
/// `TEST = ARGUMENT["&" VALUE] OP VALUE{"|" VALUE}`; `VALUE = NUMBER | CONSTANT{"+" CONSTANT}`.
enum ConditionParser {
  static func condition(
    _ text: String, of call: String
  ) throws(DirectiveError) -> ArgumentCondition {
    guard let arguments = SyscallArgument.all(of: call) else {
      throw DirectiveError(
        SystemCall(named: call)?.number(on: .native) == nil
          ? "\"\(call)\" does not exist on this architecture"
          : "\"\(call)\" has no arguments that a condition could name")
    }
    var condition = ArgumentCondition([])
    for group in split(text, by: ["||"]) {
      var all = ArgumentCondition([[]])
      for test in split(group, by: ["&&", ","]) {
        all = all.and(try self.test(test, arguments, call))
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
    _ text: String, _ arguments: [SyscallArgument], _ call: String
  ) throws(DirectiveError) -> ArgumentCondition {
    guard let (left, comparison, right) = parts(of: text) else {
      throw DirectiveError(
        "\"\(text)\" is no condition",
        hint: "write ARGUMENT=VALUE, or one of != < <= > >=; for bits ARGUMENT&MASK=VALUE")
    }
    let names = split(left, by: ["&"])
    let argument = try argument(names[0], arguments, call)
    let values = try split(right, by: ["|"]).map { (word) throws(DirectiveError) in
      try value(word, argument, call)
    }
    if argument.width == .pointer, values != [0] || ![.equal, .notEqual].contains(comparison) {
      throw DirectiveError(
        "\"\(names[0])\" of \(call) is a pointer: what it leads to can change after the check",
        hint: "compare it with 0 alone")
    }
    guard names.count > 1 else {
      if values.count > 1, comparison != .equal, comparison != .notEqual {
        throw DirectiveError("\"\(text)\" compares with more than one value")
      }
      return ArgumentCondition(argument.index, bits: argument.width.bits, comparison, values)
    }
    guard names.count == 2, comparison == .equal || comparison == .notEqual else {
      throw DirectiveError("\"\(text)\": bits are compared by = or !=, behind one mask")
    }
    let mask = try value(names[1], argument, call) & Self.mask(of: argument)
    for value in values where value & Self.mask(of: argument) & ~mask != 0 {
      throw DirectiveError("\"\(text)\" can never hold: the value has bits that the mask has not")
    }
    return ArgumentCondition(argument.index, mask: mask, isEqual: comparison == .equal, values)
  }

  private static func mask(of argument: SyscallArgument) -> UInt64 {
    argument.width == .word ? 0xffff_ffff : .max
  }

  private static func argument(
    _ name: String, _ arguments: [SyscallArgument], _ call: String
  ) throws(DirectiveError) -> SyscallArgument {
    if let argument = arguments.first(where: { $0.names.contains(name) }) { return argument }
    // arg0 to arg5, where no argument is called so.
    if name.hasPrefix("arg"), let index = Int(name.dropFirst(3)), arguments.indices.contains(index)
    {
      return arguments[index]
    }
    throw DirectiveError(
      "\(call) has no argument \"\(name)\"",
      hint: arguments.isEmpty
        ? "it has none" : "it has " + arguments.map { $0.names[0] }.joined(separator: ", "))
  }

  private static func value(
    _ text: String, _ argument: SyscallArgument, _ call: String
  ) throws(DirectiveError) -> UInt64 {
    var sum: UInt64 = 0
    for word in split(text, by: ["+"]) {
      let bits: UInt64
      if let number = number(word) {
        bits = number
      } else if let constant = KernelConstants.value(of: word) {
        bits = UInt64(bitPattern: constant)
      } else {
        throw DirectiveError(
          "no constant is called \"\(word)\"",
          hint: suggestion(for: word, in: KernelConstants.names))
      }
      sum |= bits
    }
    // A negative number has ones above.
    let upper = sum >> 32
    if argument.width == .word, upper != 0, sum >> 31 != 0x1_ffff_ffff {
      throw DirectiveError(
        "\"\(text)\" has more than 32 bits, and the kernel reads 32 of \"\(argument.names[0])\" of \(call)"
      )
    }
    return sum
  }

  /// Decimal, octal with a leading 0, hexadecimal with 0x; a sign before it.
  private static func number(_ text: String) -> UInt64? {
    let isNegative = text.hasPrefix("-")
    let digits = text.dropFirst(isNegative ? 1 : 0)
    guard digits.first?.isNumber == true else { return nil }
    let value =
      if digits.lowercased().hasPrefix("0x") {
        UInt64(digits.dropFirst(2), radix: 16)
      } else {
        UInt64(digits, radix: digits.count > 1 && digits.hasPrefix("0") ? 8 : 10)
      }
    guard let value, !isNegative || value <= 1 << 63 else { return nil }
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
