package import KernelTypes

/// `LIST = ITEM{,ITEM}`; `ITEM = @GROUP | [!](NAME["(" CONDITION ")"] | $NUMBER)[:ERRNO | :kill]`.
package enum SyscallListParser {
  package static func items(
    in argument: ArraySlice<UInt8>
  ) throws(DirectiveError) -> [SyscallItem] {
    var items: [SyscallItem] = []
    for part in split(argument) {
      guard !part.isEmpty else {
        throw DirectiveError(argument.isEmpty ? "the list is empty" : "the list has an empty item")
      }
      guard part.prefix(while: { $0 != UInt8(ascii: "(") }).allSatisfy({ isAllowed($0) }),
        part.allSatisfy({ (0x21...0x7e).contains($0) })
      else {
        throw DirectiveError(
          "\"\(displayed(part))\" is no system call", hint: "separate names by commas, no blanks")
      }
      items += try parse(String(decoding: part, as: UTF8.self))
    }
    return items
  }

  /// The items of a list: commas in parentheses separate none.
  package static func split(_ list: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    var items: [ArraySlice<UInt8>] = []
    var start = list.startIndex
    var depth = 0
    for index in list.indices {
      switch list[index] {
      case UInt8(ascii: "("): depth += 1
      case UInt8(ascii: ")"): depth -= 1
      case UInt8(ascii: ",") where depth <= 0:
        items.append(list[start..<index])
        start = index + 1
      default: continue
      }
    }
    return items + [list[start...]]
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "_:@-$!".utf8.contains(byte)
    }
  }

  private static func parse(_ item: String) throws(DirectiveError) -> [SyscallItem] {
    if item.hasPrefix("@") {
      guard let calls = SyscallGroups.calls(of: item) else {
        throw DirectiveError(
          "no group is called \"\(item)\"",
          hint: suggestion(for: item, in: SyscallGroups.all.map { $0.name }))
      }
      return calls.map { SyscallItem(.named($0.name)) }
    }
    let isException = item.hasPrefix("!")
    if let open = item.firstIndex(of: "(") {
      return [try conditional(item, open, isException: isException)]
    }
    let parts = item.dropFirst(isException ? 1 : 0)
      .split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    if parts[0].hasPrefix("@") {
      throw DirectiveError("\"\(item)\": \"!\" works on single calls, not on groups")
    }
    let action = parts.count > 1 ? try itemAction(parts[1]) : nil
    return [SyscallItem(try call(parts[0]), isException: isException, action: action)]
  }

  private static func conditional(
    _ item: String, _ open: String.Index, isException: Bool
  ) throws(DirectiveError) -> SyscallItem {
    guard let close = item.lastIndex(of: ")"), open < close else {
      throw DirectiveError("\"\(item)\" lacks a closing parenthesis")
    }
    let name = item[..<open].dropFirst(isException ? 1 : 0)
    guard !name.hasPrefix("@"), case .named(let call) = try call(String(name)) else {
      throw DirectiveError("\"\(item)\": conditions are for calls with a name")
    }
    let rest = item[item.index(after: close)...]
    guard rest.isEmpty || rest.hasPrefix(":") else {
      throw DirectiveError("\"\(item)\" goes on behind its parenthesis")
    }
    let text = String(item[item.index(after: open)..<close])
    guard !text.isEmpty, !text.contains(where: { "()".contains($0) }) else {
      throw DirectiveError(
        "\"\(item)\": the condition is empty or has parentheses of its own",
        hint: "write alternatives by ||, what must hold together by a comma")
    }
    return SyscallItem(
      .named(call), isException: isException,
      action: rest.isEmpty ? nil : try itemAction(String(rest.dropFirst())),
      condition: SyscallItem.Condition(
        text: text, tests: try ConditionParser.condition(text, of: call)))
  }

  private static func call(_ name: String) throws(DirectiveError) -> SyscallItem.Call {
    if name.hasPrefix("$") {
      // Bit 30 marks x32, which is closed as a whole.
      guard let number = number(name.dropFirst()).flatMap(Int.init(exactly:)), number < 0x4000_0000
      else {
        throw DirectiveError("\"\(name)\" is no number of a system call")
      }
      return SystemCall(number: number, on: .native).map { .named($0.name) } ?? .numbered(number)
    }
    guard SystemCall(named: name) != nil else {
      throw DirectiveError(
        "no system call is called \"\(name)\"", hint: suggestion(for: name, in: SystemCall.names))
    }
    return .named(name)
  }

  /// Decimal, octal with a leading 0, or hexadecimal with 0x, as strtol(3) with base 0 reads it.
  static func number(_ digits: Substring) -> UInt64? {
    guard digits.first?.isNumber == true else { return nil }
    if digits.lowercased().hasPrefix("0x") { return UInt64(digits.dropFirst(2), radix: 16) }
    return UInt64(digits, radix: digits.count > 1 && digits.hasPrefix("0") ? 8 : 10)
  }

  private static func itemAction(_ word: String) throws(DirectiveError) -> FilterAction {
    if word == "kill" { return .killProcess }
    return .errno(try errno(word))
  }

  static func errno(_ word: String) throws(DirectiveError) -> Errno {
    guard let errno = Errno(named: word) else {
      throw DirectiveError(
        "no error is called \"\(word)\"",
        hint: suggestion(for: word, in: Errno.table.map { $0.name }))
    }
    return errno
  }

  /// The value of `seccomp-error-action`.
  package static func errorAction(
    _ argument: ArraySlice<UInt8>
  ) throws(DirectiveError) -> FilterAction {
    let word = String(decoding: argument, as: UTF8.self)
    switch word {
    case "kill": return .killProcess
    case "trap": return .trap
    case "log": return .log
    default: return .errno(try errno(word))
    }
  }
}
