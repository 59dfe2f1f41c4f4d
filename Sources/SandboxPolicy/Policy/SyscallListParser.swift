package import KernelTypes

/// `LIST = ITEM{,ITEM}`; `ITEM = @GROUP | [!](NAME | $NUMBER)[:ERRNO | :kill]`.
package enum SyscallListParser {
  package static func items(
    in argument: ArraySlice<UInt8>
  ) throws(DirectiveError) -> [SyscallItem] {
    var items: [SyscallItem] = []
    for part in argument.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
      guard !part.isEmpty else {
        throw DirectiveError(argument.isEmpty ? "the list is empty" : "the list has an empty item")
      }
      guard part.allSatisfy({ isAllowed($0) }) else {
        throw DirectiveError(
          "\"\(displayed(part))\" is no system call", hint: "separate names by commas, no blanks")
      }
      items += try parse(String(decoding: part, as: UTF8.self))
    }
    return items
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
          hint: suggestion(for: item, in: SyscallGroups.all.map(\.name)))
      }
      return calls.map { SyscallItem(.named($0)) }
    }
    let isException = item.hasPrefix("!")
    let parts = item.dropFirst(isException ? 1 : 0)
      .split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    if parts[0].hasPrefix("@") {
      throw DirectiveError("\"\(item)\": \"!\" works on single calls, not on groups")
    }
    let action = parts.count > 1 ? try itemAction(parts[1]) : nil
    return [SyscallItem(try call(parts[0]), isException: isException, action: action)]
  }

  private static func call(_ name: String) throws(DirectiveError) -> SyscallItem.Call {
    if name.hasPrefix("$") {
      guard let number = number(name.dropFirst()) else {
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
  private static func number(_ digits: Substring) -> Int? {
    let value =
      if digits.lowercased().hasPrefix("0x") {
        UInt32(digits.dropFirst(2), radix: 16)
      } else {
        UInt32(digits, radix: digits.count > 1 && digits.hasPrefix("0") ? 8 : 10)
      }
    // Bit 30 marks x32, which is closed as a whole.
    guard let value, value < 0x4000_0000, digits.first?.isNumber == true else { return nil }
    return Int(value)
  }

  private static func itemAction(_ word: String) throws(DirectiveError) -> FilterAction {
    if word == "kill" { return .killProcess }
    return .errno(try errno(word))
  }

  static func errno(_ word: String) throws(DirectiveError) -> Errno {
    guard let errno = Errno(named: word) else {
      throw DirectiveError(
        "no error is called \"\(word)\"",
        hint: suggestion(for: word, in: Errno.table.map(\.name)))
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
