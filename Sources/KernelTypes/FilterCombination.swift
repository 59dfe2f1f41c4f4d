extension SyscallFilter {
  /// One filter from two: for each call and its arguments, what becomes of both verdicts. Where a
  /// call's cases are too many to be told apart, all of them count as one with the verdict `unclear`.
  ///
  /// Both filters are about the same architectures.
  package func combined(
    with other: SyscallFilter, unclear: FilterAction,
    _ choose: (FilterAction, FilterAction) -> FilterAction
  ) -> SyscallFilter {
    SyscallFilter(
      architectures: zip(architectures, other.architectures).map {
        $0.combined(with: $1, unclear: unclear, choose)
      },
      foreign: choose(foreign, other.foreign))
  }
}

extension ArchitectureFilter {
  fileprivate func combined(
    with other: ArchitectureFilter, unclear: FilterAction,
    _ choose: (FilterAction, FilterAction) -> FilterAction
  ) -> ArchitectureFilter {
    var result = ArchitectureFilter(
      architecture, otherwise: choose(otherwise, other.otherwise),
      unknown: choose(unknown, other.unknown))
    for number in Set(numbered.keys).union(other.numbered.keys) {
      result.numbered[number] = choose(
        numbered[number] ?? unknown, other.numbered[number] ?? other.unknown)
    }
    for call in rules.calls(with: other.rules) {
      result.rules[call] = choose(
        usualVerdict(on: call), other.usualVerdict(on: call))
    }
    var calls: Set<String> = []
    // In an order that the text of the rules gives, so that the same text gives the same program.
    for call in cases.map({ $0.call }) + other.cases.map({ $0.call })
    where calls.insert(call).inserted {
      let of = { (rules: [Guard]) in rules.filter { $0.call == call } }
      let (own, others) = (of(guards), of(other.guards))
      let products: [Guard]?
      if own == others {
        result.guards += own.map { Guard(call, $0.tests, choose($0.action, $0.action), $0.part) }
        products = product(of(conditions), other, of(other.conditions), call, choose)
      } else {
        products = product(of(cases), other, of(other.cases), call, choose)
      }
      if let products { result.conditions += products } else { result.rules[call] = unclear }
    }
    return result
  }

  /// Each case of the one with each of the other, in the order in which both are tried; nil where
  /// they are too many.
  private func product(
    _ left: [Guard], _ other: ArchitectureFilter, _ right: [Guard], _ call: String,
    _ choose: (FilterAction, FilterAction) -> FilterAction
  ) -> [Guard]? {
    // What holds first in the one does so in the other.
    if left == right {
      return left.map { Guard(call, $0.tests, choose($0.action, $0.action), $0.part) }
    }
    let rest = Guard(call, [], usualVerdict(on: call))
    let otherRest = Guard(call, [], other.usualVerdict(on: call))
    var cases: [Guard] = []
    for one in left + [rest] {
      for another in right + [otherRest] {
        guard let tests = ArgumentTest.joined(one.tests, another.tests) else { continue }
        cases.append(Guard(call, tests, choose(one.action, another.action), one.part))
        guard cases.count <= ArgumentCondition.most else { return nil }
      }
    }
    // The last one is what the rules say.
    return cases.dropLast()
  }
}
