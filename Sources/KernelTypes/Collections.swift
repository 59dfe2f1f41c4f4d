// What the standard library has, but not for Embedded Swift.

extension Collection where Element == UInt8 {
  /// Whether these bytes lie in it, one after the other.
  package func holds(_ bytes: some Collection<UInt8>) -> Bool {
    var rest = self[...]
    while !rest.starts(with: bytes) {
      if rest.isEmpty { return false }
      rest = rest.dropFirst()
    }
    return true
  }
}

extension Dictionary {
  /// Adds each pair; where its key is there already, what `combine` makes of the old and the new value.
  package mutating func merge(_ other: [Key: Value], combinedBy combine: (Value, Value) -> Value) {
    for (key, value) in other { self[key] = self[key].map { combine($0, value) } ?? value }
  }
}
