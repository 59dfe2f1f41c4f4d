/// Finds the names of a fixed table. A launch makes several such indexes, so they are cheap to make: slots
/// in one array, by a hash (FNV-1a) that no stranger's names go into.
package struct NameIndex: Sendable {
  private let names: [String]
  /// Positions in the table; -1 where a slot is free. Their number is a power of two.
  private var slots: [Int32]

  /// Of names that differ.
  package init(_ names: [String]) {
    self.names = names
    var size = 2
    while size < 2 * names.count { size *= 2 }
    slots = [Int32](repeating: -1, count: size)
    for (position, name) in names.enumerated() {
      var slot = Self.hash(name.utf8) & (size - 1)
      while slots[slot] >= 0 { slot = (slot + 1) & (size - 1) }
      slots[slot] = Int32(position)
    }
  }

  package func position(of name: String) -> Int? { position(of: name.utf8) { $0 == name } }

  /// Of a name that is bytes still.
  package func position(ofBytes name: [UInt8]) -> Int? {
    position(of: name) { $0.utf8.elementsEqual(name) }
  }

  private func position(
    of bytes: some Sequence<UInt8>, _ isName: (String) -> Bool
  ) -> Int? {
    var slot = Self.hash(bytes) & (slots.count - 1)
    while slots[slot] >= 0 {
      let position = Int(slots[slot])
      if isName(names[position]) { return position }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  private static func hash(_ bytes: some Sequence<UInt8>) -> Int {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0100_0000_01b3 }
    return Int(truncatingIfNeeded: hash ^ hash >> 32)
  }
}
