extension ArchitectureFilter {
  /// What the filter says of a call, for readers that know no order: cases with different verdicts
  /// have no arguments in common. Those whose verdict is `otherwise` are left out.
  ///
  /// - Returns: nil where they come to more than `most`.
  package func disjointCases(
    of call: String, otherwise: FilterAction, most: Int = 4096
  ) -> [Guard]? {
    let rest = Guard(call, [], usualVerdict(on: call))
    let cases = cases.filter { $0.call == call } + [rest]
    var disjoint: [Guard] = []
    for (place, rule) in cases.enumerated() where rule.action != otherwise {
      var pieces = [rule.tests]
      // Of the same verdict it does not matter which one counts.
      for earlier in cases[..<place] where earlier.action != rule.action {
        pieces = pieces.flatMap { ArgumentTest.difference($0, earlier.tests) }
        guard pieces.count + disjoint.count <= most else { return nil }
      }
      disjoint += pieces.map { Guard(call, $0, rule.action, rule.part) }
    }
    return disjoint
  }
}

extension ArgumentTest {
  /// Where the one holds and the other does not: bit for bit from above, so that ranges give ranges, the
  /// first one that differs.
  static func difference(_ tests: [ArgumentTest], _ other: [ArgumentTest]) -> [[ArgumentTest]] {
    guard joined(tests, other) != nil else { return [tests] }
    var pieces: [[ArgumentTest]] = []
    var same = tests
    for test in other {
      let known = same.first { $0.argument == test.argument }?.mask ?? 0
      for bit in (0..<64).map({ UInt64(1) << UInt64(63 - $0) }) where test.mask & ~known & bit != 0
      {
        let differs = ArgumentTest(test.argument, mask: bit, value: ~test.value & bit)
        let equals = ArgumentTest(test.argument, mask: bit, value: test.value & bit)
        if let piece = joined(same, [differs]) { pieces.append(piece) }
        same = joined(same, [equals]) ?? same
      }
    }
    return pieces
  }
}
