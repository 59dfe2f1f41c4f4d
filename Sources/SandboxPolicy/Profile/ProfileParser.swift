package import KernelTypes

/// One command of a profile: its text with blanks normalised, and where it stands.
package struct Statement: Hashable, Sendable {
  /// A part of the file where nothing had to be changed, so indices need not begin at 0.
  package let text: ArraySlice<UInt8>
  package let origin: Origin
  /// The first one; the end of the text where there is none.
  private let blank: Int

  package init(text: ArraySlice<UInt8>, origin: Origin) {
    self.init(text, origin, blank: text.firstIndex(of: UInt8(ascii: " ")) ?? text.endIndex)
  }

  fileprivate init(_ text: ArraySlice<UInt8>, _ origin: Origin, blank: Int) {
    self.text = text
    self.origin = origin
    self.blank = blank
  }

  /// The text up to the first blank.
  package var keyword: ArraySlice<UInt8> { text[..<blank] }

  /// The text after the first blank; nil where the statement is a keyword alone.
  package var argument: ArraySlice<UInt8>? {
    blank < text.endIndex ? text[(blank + 1)...] : nil
  }
}

/// Bytes of a profile to statements, one at a time. Pure; the first thing that is wrong ends it.
package struct ProfileParser {
  /// Firejail's line buffer, without its NUL. Longer lines are refused here, where Firejail
  /// reads the rest as another line.
  package static let longestLine = 8191
  package static let mostLines = 65_535

  private let bytes: [UInt8]
  private let path: Path
  private var line = 0
  private var start = 0

  package init(_ bytes: [UInt8], of path: Path) {
    self.bytes = bytes
    self.path = path
  }

  /// The next statement; nil at the end of the file.
  package mutating func next() throws(PolicyError) -> Statement? {
    while start < bytes.count {
      line += 1
      let origin = Origin.file(path, line: line)
      guard line <= Self.mostLines else {
        throw PolicyError(origin, "", "a profile has at most \(Self.mostLines) lines")
      }
      let scan = Self.scanLine(of: bytes, from: start)
      let text = bytes[start..<scan.end]
      start = scan.end + 1
      guard text.count <= Self.longestLine else {
        throw PolicyError(origin, "", "line is longer than \(Self.longestLine) bytes")
      }
      if scan.isPlain { return Statement(text, origin, blank: scan.blank) }
      if let text = try Self.normalized(text, at: origin) {
        return Statement(text: text, origin: origin)
      }
    }
    return nil
  }

  /// Where a line ends and where its first blank is, and whether nothing is to be changed in it, as in most.
  private static func scanLine(
    of bytes: [UInt8], from start: Int
  ) -> (end: Int, blank: Int, isPlain: Bool) {
    var isPlain = true
    var last = UInt8(ascii: " ")
    var blank: Int?
    var end = start
    while end < bytes.count, bytes[end] != UInt8(ascii: "\n") {
      let byte = bytes[end]
      switch byte {
      case UInt8(ascii: " "):
        if last == byte { isPlain = false }
        blank = blank ?? end
      case ..<0x20, UInt8(ascii: "#"), 0x7f...: isPlain = false
      default: break
      }
      last = byte
      end += 1
    }
    return (end, blank ?? end, isPlain && last != UInt8(ascii: " "))
  }

  /// The line without comment and surplus blanks; nil where nothing is left.
  private static func normalized(
    _ line: ArraySlice<UInt8>, at origin: Origin
  ) throws(PolicyError) -> ArraySlice<UInt8>? {
    var text: [UInt8] = []
    text.reserveCapacity(line.count)
    var isComment = false
    var isPlain = true
    for byte in line {
      switch byte {
      case 0:
        throw PolicyError(origin, "", "line holds a NUL byte")
      case UInt8(ascii: "\r"):
        throw PolicyError(
          origin, "", "line holds a carriage return",
          hint: "convert the file to Unix line ends: sed -i 's/\\r$//' FILE")
      case UInt8(ascii: "#"): isComment = true
      case UInt8(ascii: " "), UInt8(ascii: "\t"):
        if !isComment, let last = text.last, last != UInt8(ascii: " ") {
          text.append(UInt8(ascii: " "))
        }
      default:
        if !isComment {
          text.append(byte)
          if byte >= 0x80 { isPlain = false }
        }
      }
    }
    if text.last == UInt8(ascii: " ") { text.removeLast() }
    guard isPlain || String(validating: text, as: UTF8.self) != nil else {
      throw PolicyError(origin, "", "line is not UTF-8", hint: "convert the file: iconv -t UTF-8")
    }
    return text.isEmpty ? nil : text[...]
  }
}
