/// Addresses as text (`inet_pton(3)`).
enum NetworkAddress {
  static func isValid(_ text: ArraySlice<UInt8>) -> Bool {
    text.contains(UInt8(ascii: ":")) ? isVersion6(text) : isVersion4(text)
  }

  /// Four numbers up to 255, without leading zeros.
  private static func isVersion4(_ text: ArraySlice<UInt8>) -> Bool {
    let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return parts.count == 4
      && parts.allSatisfy { part in
        part.allSatisfy { (0x30...0x39).contains($0) } && (part.count == 1 || part.first != 0x30)
          && UInt8(String(decoding: part, as: UTF8.self)) != nil
      }
  }

  /// Eight groups, or fewer around one `::`.
  private static func isVersion6(_ text: ArraySlice<UInt8>) -> Bool {
    let colon = UInt8(ascii: ":")
    let gap = text.indices.dropLast().first { text[$0] == colon && text[$0 + 1] == colon }
    guard let gap else { return groups(in: text) == 8 }
    guard let before = groups(in: text[..<gap]), let after = groups(in: text[(gap + 2)...]) else {
      return false
    }
    return before + after < 8
      && !text[..<gap].contains(UInt8(ascii: "."))
  }

  /// How many groups of up to four hexadecimal digits there are, the last two perhaps as version 4; nil
  /// where something else is.
  private static func groups(in text: ArraySlice<UInt8>) -> Int? {
    guard !text.isEmpty else { return 0 }
    var parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    var count = 0
    if let last = parts.last, last.contains(UInt8(ascii: ".")) {
      guard isVersion4(last) else { return nil }
      parts.removeLast()
      count = 2
    }
    let isDigit = { (byte: UInt8) in
      (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte & 0xdf)
    }
    guard parts.allSatisfy({ (1...4).contains($0.count) && $0.allSatisfy(isDigit) }) else {
      return nil
    }
    return count + parts.count
  }
}
