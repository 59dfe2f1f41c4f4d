/// Finds members of a list by their names. Launches make it anew, so it is cheap to make: slots in one array,
/// by a hash (FNV-1a) without a seed. Whoever chooses names that collide makes it slow and nothing else.
package struct NameSlots: Sendable {
  /// -1 where a slot is free. Their number is a power of two.
  private var slots: [Int32]

  /// For so many names.
  package init(count: Int) {
    var size = 2
    while size < 2 * count { size *= 2 }
    slots = [Int32](repeating: -1, count: size)
  }

  /// Adds a member, a number from 0 on, by a name that no other one has.
  package mutating func add(_ member: Int, named name: some Sequence<UInt8>) {
    var slot = Self.hash(name) & (slots.count - 1)
    while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = Int32(member)
  }

  /// - Parameter isIt: whether a member has this name.
  package func first(
    named name: some Sequence<UInt8>, where isIt: (Int) -> Bool
  ) -> Int? {
    var slot = Self.hash(name) & (slots.count - 1)
    while slots[slot] >= 0 {
      let member = Int(slots[slot])
      if isIt(member) { return member }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  private static func hash(_ name: some Sequence<UInt8>) -> Int {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in name { hash = (hash ^ UInt64(byte)) &* 0x0100_0000_01b3 }
    return Int(truncatingIfNeeded: hash ^ hash >> 32)
  }
}
