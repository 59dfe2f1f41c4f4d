package import KernelTypes

/// Shell patterns as Firejail uses them: `*`, `?` and `[…]` never match a slash; a leading dot
/// needs no dot in the pattern (`GLOB_PERIOD` of glob(3)).
package enum Glob {
  package static func isPattern(_ bytes: some Sequence<UInt8>) -> Bool {
    bytes.contains { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "[") }
  }

  /// fnmatch(3) with FNM_PATHNAME.
  package static func matches(_ pattern: [UInt8], _ text: [UInt8]) -> Bool {
    var (place, index) = (0, 0)
    // Where to go on when the rest fails: after the last star, one byte further in the text.
    var retry: (place: Int, index: Int)?
    while true {
      if place < pattern.count, pattern[place] == UInt8(ascii: "*") {
        place += 1
        retry = (place, index)
        continue
      }
      if place == pattern.count && index == text.count { return true }
      if index < text.count, let next = consume(pattern, place, text[index]) {
        (place, index) = (next, index + 1)
        continue
      }
      guard let last = retry, last.index < text.count, text[last.index] != UInt8(ascii: "/") else {
        return false
      }
      (place, index) = (last.place, last.index + 1)
      retry = (place, index)
    }
  }

  /// The place in the pattern after the part that matches one byte; nil where it does not match.
  private static func consume(_ pattern: [UInt8], _ place: Int, _ byte: UInt8) -> Int? {
    guard place < pattern.count else { return nil }
    switch pattern[place] {
    case UInt8(ascii: "?"): return byte == UInt8(ascii: "/") ? nil : place + 1
    case UInt8(ascii: "["):
      guard let (matched, next) = bracket(pattern, place + 1, byte) else { break }
      return matched && byte != UInt8(ascii: "/") ? next : nil
    default: break
    }
    return pattern[place] == byte ? place + 1 : nil
  }

  /// A bracket expression after its `[`; nil where it never closes (then `[` is a plain byte).
  private static func bracket(
    _ pattern: [UInt8], _ start: Int, _ byte: UInt8
  ) -> (matched: Bool, next: Int)? {
    var place = start
    let isNegated =
      place < pattern.count
      && (pattern[place] == UInt8(ascii: "!") || pattern[place] == UInt8(ascii: "^"))
    if isNegated { place += 1 }
    let first = place
    var matched = false
    while place < pattern.count {
      let low = pattern[place]
      if low == UInt8(ascii: "]"), place > first { return (matched != isNegated, place + 1) }
      if let (contains, next) = characterClass(pattern, place) {
        if contains(byte) { matched = true }
        place = next
        continue
      }
      place += 1
      var high = low
      if place + 1 < pattern.count, pattern[place] == UInt8(ascii: "-"),
        pattern[place + 1] != UInt8(ascii: "]")
      {
        high = pattern[place + 1]
        place += 2
      }
      if low <= byte && byte <= high { matched = true }
    }
    return nil
  }

  /// `[:NAME:]` in a bracket expression, for the bytes of ASCII; nil where there is none.
  private static func characterClass(
    _ pattern: [UInt8], _ start: Int
  ) -> (contains: (UInt8) -> Bool, next: Int)? {
    guard pattern[start...].starts(with: "[:".utf8),
      let end = pattern[(start + 2)...].firstIndex(of: UInt8(ascii: ":")),
      pattern[end...].starts(with: ":]".utf8)
    else { return nil }
    let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
    let isLower = { (byte: UInt8) in (0x61...0x7a).contains(byte) }
    let isUpper = { (byte: UInt8) in (0x41...0x5a).contains(byte) }
    let contains: ((UInt8) -> Bool)? =
      switch String(decoding: pattern[(start + 2)..<end], as: UTF8.self) {
      case "digit": isDigit
      case "lower": isLower
      case "upper": isUpper
      case "alpha": { isLower($0) || isUpper($0) }
      case "alnum": { isLower($0) || isUpper($0) || isDigit($0) }
      case "xdigit": { isDigit($0) || (0x61...0x66).contains($0 | 0x20) }
      case "space": { $0 == 0x20 || (0x09...0x0d).contains($0) }
      case "blank": { $0 == 0x20 || $0 == 0x09 }
      case "punct":
        { (0x21...0x7e).contains($0) && !isLower($0) && !isUpper($0) && !isDigit($0) }
      case "print": { (0x20...0x7e).contains($0) }
      case "graph": { (0x21...0x7e).contains($0) }
      case "cntrl": { $0 < 0x20 || $0 == 0x7f }
      default: nil
      }
    return contains.map { ($0, end + 2) }
  }

  /// The existing paths that an absolute `pattern` matches, in the order of their names.
  ///
  /// - Parameters:
  ///   - entries: the names in a directory, sorted by their bytes, without `.` and `..`; none where
  ///     it can't be read.
  package static func expand<Failure: Error>(
    _ pattern: Path, entries: (Path) throws(Failure) -> [[UInt8]]
  ) throws(Failure) -> [Path] {
    var found: [Path] = ["/"]
    for component in pattern.components {
      guard isPattern(component) else {
        found = found.map { $0.appending(component) }
        continue
      }
      var matching: [Path] = []
      let part = Array(component)
      let prefix = Array(part.prefix { !isPattern(CollectionOfOne($0)) })
      for directory in found {
        let names = try entries(directory)
        // What begins like the pattern lies together.
        for index in firstIndex(notBefore: prefix, in: names)..<names.count {
          guard names[index].starts(with: prefix) else { break }
          if matches(part, names[index]) { matching.append(directory.appending(names[index])) }
        }
      }
      found = matching
    }
    return found
  }

  private static func firstIndex(notBefore prefix: [UInt8], in names: [[UInt8]]) -> Int {
    var (low, high) = (0, names.count)
    while low < high {
      let middle = (low + high) / 2
      if names[middle].lexicographicallyPrecedes(prefix) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// Paths of which some are patterns.
struct PathSet {
  private var literals: Set<Path> = []
  private var patterns: [Path] = []

  mutating func insert(_ path: Path) {
    if Glob.isPattern(path.bytes) { patterns.append(path) } else { literals.insert(path) }
  }

  /// Whether this path, or a pattern that matches it, was inserted.
  func contains(_ path: Path) -> Bool {
    literals.contains(path) || patterns.contains { Glob.matches($0.bytes, path.bytes) }
  }
}
