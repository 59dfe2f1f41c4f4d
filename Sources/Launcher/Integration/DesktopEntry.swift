internal import KernelTypes

/// A file of keys and values: a desktop entry or a D-Bus service (Desktop Entry Specification 1.5,
/// D-Bus Specification, "Message Bus Starting Services").
struct DesktopEntry {
  /// What stands in front of each file that is made.
  static let mark = Array(
    "# Made by sandbox --integrate; sandbox --disintegrate removes it.\n".utf8)

  let bytes: [UInt8]

  var isOurs: Bool { bytes.starts(with: Self.mark) }

  /// The program of the first `Exec` line: its path or name as it stands there.
  var program: [UInt8]? {
    lines.first { $0.starts(with: Self.key) }.map { Self.firstWord($0.dropFirst(Self.key.count)) }
      .flatMap { $0.isEmpty ? nil : Array($0) }
  }

  /// The same entry, where each line that starts `program` starts `link` instead. It is started by its
  /// lines then, not by a message to a service.
  func starting(_ link: Path, insteadOf program: [UInt8]) -> [UInt8] {
    var text = Self.mark
    for line in lines {
      if line.starts(with: Self.key) {
        let rest = line.dropFirst(Self.key.count)
        let word = Self.firstWord(rest)
        if word.elementsEqual(program) {
          text +=
            Self.key + link.bytes + rest[word.endIndex...].drop { $0 == UInt8(ascii: "\"") } + [10]
          continue
        }
      }
      if line.starts(with: "DBusActivatable=".utf8) { continue }
      text += line + [10]
    }
    return text
  }

  private static let key = Array("Exec=".utf8)

  private var lines: [ArraySlice<UInt8>] {
    let lines = bytes.split(separator: 10, omittingEmptySubsequences: false)
    return lines.last?.isEmpty ?? false ? lines.dropLast() : lines
  }

  /// Up to a blank, or between quotation marks.
  private static func firstWord(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    guard text.first == UInt8(ascii: "\"") else { return text.prefix { $0 != 32 } }
    return text.dropFirst().prefix { $0 != UInt8(ascii: "\"") }
  }
}
