/// A path as the kernel sees it: bytes without a NUL. Never text: two paths that look alike differ.
package struct Path: Hashable, Sendable, ExpressibleByStringLiteral {
  package var bytes: [UInt8]

  package init(_ bytes: [UInt8]) { self.bytes = bytes }
  package init(_ bytes: ArraySlice<UInt8>) { self.bytes = Array(bytes) }
  package init(_ text: String) { bytes = Array(text.utf8) }
  package init(stringLiteral text: String) { bytes = Array(text.utf8) }

  package var isAbsolute: Bool { bytes.first == UInt8(ascii: "/") }
  package var isEmpty: Bool { bytes.isEmpty }

  /// Mixed here, eight bytes at a time, before the slower mixing by `Hasher`: paths are looked up by
  /// the thousand.
  package func hash(into hasher: inout Hasher) {
    var hash: UInt64 = 0
    var word: UInt64 = 0
    var count = 0
    for byte in bytes {
      word = word << 8 | UInt64(byte)
      count += 1
      if count & 7 == 0 { hash = Self.mixed(hash, word) }
    }
    hasher.combine(Self.mixed(hash, word) ^ UInt64(count))
  }

  private static func mixed(_ hash: UInt64, _ word: UInt64) -> UInt64 {
    let product = (hash ^ word) &* 0x9e37_79b9_7f4a_7c15
    return product ^ product >> 32
  }

  /// The text after the last slash.
  package var lastComponent: ArraySlice<UInt8> {
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return bytes[...] }
    return bytes[(slash + 1)...]
  }

  /// The path up to its last slash: `/` for a top-level name, `.` for a bare name.
  package var parent: Path {
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == 0 ? "/" : Path(bytes[..<slash])
  }

  /// Whether `parent` is this absolute directory.
  package func isEntry(of directory: Path) -> Bool {
    let slash = directory.bytes.count == 1 ? 0 : directory.bytes.count
    guard bytes.count > slash, bytes[slash] == UInt8(ascii: "/"),
      bytes.starts(with: directory.bytes)
    else { return false }
    return !bytes[(slash + 1)...].contains(UInt8(ascii: "/"))
  }

  /// The parts between slashes, empty ones and `.` left out; `..` is kept.
  package var components: [ArraySlice<UInt8>] {
    bytes.split(separator: UInt8(ascii: "/")).filter { !$0.elementsEqual(".".utf8) }
  }

  /// The same path without `//`, `/./` and a trailing slash. `..` stays: it cannot be cut purely.
  package var normalized: Path {
    if isNormalized { return self }
    let joined = components.joined(separator: [UInt8(ascii: "/")])
    return Path((isAbsolute ? [UInt8(ascii: "/")] : []) + Array(joined))
  }

  /// Whether the path is absolute, without `//`, `.` and `..` parts and a slash at the end.
  package var isNormalized: Bool {
    guard isAbsolute else { return false }
    if bytes.count == 1 { return true }
    var length = -1
    var dots = 0
    for index in 1...bytes.count {
      let byte = index < bytes.count ? bytes[index] : UInt8(ascii: "/")
      length = max(length, 0)
      if byte == UInt8(ascii: "/") {
        if length == dots, dots <= 2 { return false }
        (length, dots) = (0, 0)
      } else {
        length += 1
        if byte == UInt8(ascii: ".") { dots += 1 }
      }
    }
    return true
  }

  /// The same with `..` cut by text: where links are on the way, it may lead elsewhere.
  package var collapsed: Path {
    var parts: [ArraySlice<UInt8>] = []
    for part in components {
      if part.elementsEqual("..".utf8) { _ = parts.popLast() } else { parts.append(part) }
    }
    return parts.reduce("/") { $0.appending($1) }
  }

  package func appending(_ component: some Sequence<UInt8>) -> Path {
    var joined = bytes
    if joined.last != UInt8(ascii: "/") { joined.append(UInt8(ascii: "/")) }
    joined.append(contentsOf: component)
    return Path(joined)
  }

  package func appending(_ component: String) -> Path { appending(component.utf8) }

  /// Whether this is `directory` itself or lies below it. Both must be normalized.
  package func isWithin(_ directory: Path) -> Bool {
    if directory.bytes == [UInt8(ascii: "/")] { return isAbsolute }
    guard bytes.starts(with: directory.bytes) else { return false }
    return bytes.count == directory.bytes.count
      || bytes[directory.bytes.count] == UInt8(ascii: "/")
  }
}

extension Path: CustomStringConvertible {
  /// Safe on a terminal: see `displayed`.
  package var description: String { displayed(bytes) }
}

/// Bytes as text that cannot repaint a terminal: control characters, bytes that are not UTF-8 and
/// the marks that reorder text appear as `\xNN` or `\u{NNNN}`.
package func displayed(_ bytes: some Collection<UInt8>) -> String {
  if bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) { return String(decoding: bytes, as: UTF8.self) }
  guard let text = String(validating: bytes, as: UTF8.self) else {
    return bytes.map { $0 >= 0x20 && $0 < 0x7f ? String(UnicodeScalar($0)) : hexadecimal($0) }
      .joined()
  }
  var shown = ""
  for scalar in text.unicodeScalars {
    switch scalar.properties.generalCategory {
    case .control where scalar.value < 0x80: shown += hexadecimal(UInt8(scalar.value))
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
      .unassigned:
      shown += "\\u{" + String(scalar.value, radix: 16) + "}"
    default: shown.unicodeScalars.append(scalar)
    }
  }
  return shown
}

private func hexadecimal(_ byte: UInt8) -> String {
  "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
}
