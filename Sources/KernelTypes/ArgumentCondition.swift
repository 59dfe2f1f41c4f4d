/// What must hold of a call's arguments: one of several groups of tests, all of them.
///
/// A filter compares 32 bits at a time, so each comparison becomes tests of masked equality: `fd <= 2`
/// is "the upper 31 bits are 0, or all bits are those of 2".
package struct ArgumentCondition: Hashable, Sendable {
  package enum Comparison: String, Sendable, CaseIterable {
    case equal = "="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
  }

  /// Each with one test of an argument at most; none where nothing can hold.
  package let alternatives: [[ArgumentTest]]

  package init(_ alternatives: [[ArgumentTest]]) { self.alternatives = alternatives }

  /// More are refused: the filter would grow without bounds.
  package static let most = 256

  /// Compares the lower `bits` bits of an argument, 32 or 64, as a number without a sign.
  package init(_ argument: Int, bits: Int, _ comparison: Comparison, _ values: [UInt64]) {
    let largest = bits == 64 ? UInt64.max : (1 << UInt64(bits)) - 1
    let sorted = Set(values.map { $0 & largest }).sorted()
    let (least, most) = (sorted.first ?? 0, sorted.last ?? 0)
    var ranges: [ClosedRange<UInt64>] = []
    switch comparison {
    case .equal: ranges = sorted.map { $0...$0 }
    case .notEqual:
      var next: UInt64? = 0
      for value in sorted {
        if let start = next, start < value { ranges.append(start...(value - 1)) }
        next = value == largest ? nil : value + 1
      }
      if let start = next { ranges.append(start...largest) }
    case .less: if least > 0 { ranges = [0...(least - 1)] }
    case .lessOrEqual: ranges = [0...least]
    case .greater: if most < largest { ranges = [(most + 1)...largest] }
    case .greaterOrEqual: ranges = [most...largest]
    }
    alternatives = ranges.flatMap { range in
      Self.blocks(range, largest).map { [ArgumentTest(argument, mask: $0.mask, value: $0.value)] }
    }
  }

  /// Compares some bits alone: `=` holds where they are those of one of the values, `!=` of none.
  package init(_ argument: Int, mask: UInt64, isEqual: Bool, _ values: [UInt64]) {
    let equal = values.map { ArgumentTest(argument, mask: mask, value: $0) }
    guard !isEqual else {
      alternatives = equal.map { [$0] }
      return
    }
    let bits = (0..<64).map { UInt64(1) << UInt64($0) }.filter { mask & $0 != 0 }
    var condition = ArgumentCondition([[]])
    for test in equal {
      // One bit is another one.
      condition = condition.and(
        ArgumentCondition(
          bits.map { [ArgumentTest(argument, mask: $0, value: ~test.value & $0)] }))
    }
    self = condition
  }

  package func or(_ other: ArgumentCondition) -> ArgumentCondition {
    ArgumentCondition(Self.unique(alternatives + other.alternatives))
  }

  package func and(_ other: ArgumentCondition) -> ArgumentCondition {
    ArgumentCondition(
      Self.unique(
        alternatives.flatMap { tests in
          other.alternatives.compactMap { ArgumentTest.joined(tests, $0) }
        }))
  }

  package func holds(for arguments: [UInt64]) -> Bool {
    alternatives.contains { tests in tests.allSatisfy { $0.holds(for: arguments) } }
  }

  /// The same where registers have 32 bits: a negative number is one there too, and what is larger
  /// than they are never holds.
  package var onWords: ArgumentCondition {
    ArgumentCondition(
      alternatives.compactMap { tests in
        var words: [ArgumentTest] = []
        for test in tests {
          let isNegative = test.mask == .max && test.value >> 32 == 0xffff_ffff
          guard test.value >> 32 == 0 || isNegative else { return nil }
          let mask = test.mask & 0xffff_ffff
          if mask != 0 { words.append(ArgumentTest(test.argument, mask: mask, value: test.value)) }
        }
        return words
      })
  }

  private static func unique(_ alternatives: [[ArgumentTest]]) -> [[ArgumentTest]] {
    var seen: Set<[ArgumentTest]> = []
    return alternatives.filter { seen.insert($0).inserted }
  }

  /// The fewest aligned blocks, each all values with one prefix.
  private static func blocks(
    _ range: ClosedRange<UInt64>, _ largest: UInt64
  ) -> [(mask: UInt64, value: UInt64)] {
    var blocks: [(mask: UInt64, value: UInt64)] = []
    var start = range.lowerBound
    while true {
      // The bits below the prefix.
      var low = start == 0 ? largest : (start & (0 &- start)) - 1
      while start | low > range.upperBound { low >>= 1 }
      blocks.append((largest & ~low, start))
      guard start | low < range.upperBound else { return blocks }
      start = (start | low) + 1
    }
  }
}

extension ArgumentTest {
  /// With one test of each argument; nil where they contradict each other.
  package static func joined(_ left: [ArgumentTest], _ right: [ArgumentTest]) -> [ArgumentTest]? {
    var tests = left
    for test in right {
      guard let index = tests.firstIndex(where: { $0.argument == test.argument }) else {
        tests.append(test)
        continue
      }
      let other = tests[index]
      guard (other.value ^ test.value) & other.mask & test.mask == 0 else { return nil }
      tests[index] = ArgumentTest(
        test.argument, mask: other.mask | test.mask, value: other.value | test.value)
    }
    return tests.sorted { $0.argument < $1.argument }
  }
}
