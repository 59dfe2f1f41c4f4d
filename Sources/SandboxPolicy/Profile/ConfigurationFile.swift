internal import KernelTypes

/// A file of an administrator's: lines of words, and comments from `#` on.
enum ConfigurationFile {
  typealias Line = (origin: Origin, words: [ArraySlice<UInt8>], text: ArraySlice<UInt8>)

  /// The lines that have a word.
  static func lines(of bytes: [UInt8], in file: Path) -> [Line] {
    bytes.split(separator: 10, omittingEmptySubsequences: false).enumerated().compactMap {
      (index, text) in
      let words = text.prefix { $0 != UInt8(ascii: "#") }.split { $0 == 32 || $0 == 9 }
      return words.isEmpty ? nil : (.file(file, line: index + 1), words, text)
    }
  }
}
