package import KernelTypes

/// Shell patterns as Firejail uses them: `*`, `?` and `[…]` never match a slash; a leading dot
/// needs no dot in the pattern (`GLOB_PERIOD` of glob(3)).
package enum Glob {
  package static func isPattern(_ bytes: some Sequence<UInt8>) -> Bool {
    bytes.contains { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "[") }
  }

  /// fnmatch(3) with FNM_PATHNAME.
  package static func matches(_ pattern: [UInt8], _ text: [UInt8]) -> Bool {
    matches(pattern[...], text[...])
  }

  private static func matches(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
    var pattern = pattern
    var text = text
    // Where to go on when the rest fails: after the last star, one byte further in the text.
    var retry: (pattern: ArraySlice<UInt8>, text: ArraySlice<UInt8>)?
    while true {
      if pattern.first == UInt8(ascii: "*") {
        pattern = pattern.dropFirst()
        retry = (pattern, text)
        continue
      }
      if pattern.isEmpty && text.isEmpty { return true }
      if let byte = text.first, let rest = consume(pattern, byte) {
        pattern = rest
        text = text.dropFirst()
        continue
      }
      guard let last = retry, let skipped = last.text.first, skipped != UInt8(ascii: "/") else {
        return false
      }
      retry = (last.pattern, last.text.dropFirst())
      (pattern, text) = (last.pattern, last.text.dropFirst())
    }
  }

  /// The pattern after the part that matches one byte; nil where it does not match.
  private static func consume(_ pattern: ArraySlice<UInt8>, _ byte: UInt8) -> ArraySlice<UInt8>? {
    guard let first = pattern.first else { return nil }
    switch first {
    case UInt8(ascii: "?"):
      return byte == UInt8(ascii: "/") ? nil : pattern.dropFirst()
    case UInt8(ascii: "["):
      guard let (matched, rest) = bracket(pattern.dropFirst(), byte) else { break }
      return matched && byte != UInt8(ascii: "/") ? rest : nil
    default: break
    }
    return first == byte ? pattern.dropFirst() : nil
  }

  /// A bracket expression after its `[`; nil where it never closes (then `[` is a plain byte).
  private static func bracket(
    _ pattern: ArraySlice<UInt8>, _ byte: UInt8
  ) -> (matched: Bool, rest: ArraySlice<UInt8>)? {
    var rest = pattern
    let isNegated = rest.first == UInt8(ascii: "!") || rest.first == UInt8(ascii: "^")
    if isNegated { rest = rest.dropFirst() }
    var matched = false
    var isFirst = true
    while let low = rest.first {
      rest = rest.dropFirst()
      if low == UInt8(ascii: "]"), !isFirst { return (matched != isNegated, rest) }
      isFirst = false
      var high = low
      let afterDash = rest.dropFirst().first
      if rest.first == UInt8(ascii: "-"), let afterDash, afterDash != UInt8(ascii: "]") {
        high = afterDash
        rest = rest.dropFirst(2)
      }
      if low <= byte && byte <= high { matched = true }
    }
    return nil
  }

  /// The existing paths that an absolute `pattern` matches, in the order of their names.
  ///
  /// - Parameters:
  ///   - entries: the names in a directory, without `.` and `..`; none where it can't be read.
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
      for directory in found {
        matching += try entries(directory)
          .filter { matches(Array(component), $0) }
          .sorted { $0.lexicographicallyPrecedes($1) }
          .map { directory.appending($0) }
      }
      found = matching
    }
    return found
  }
}
