package import KernelTypes

/// A filter value to one BPF program.
///
/// The kernel runs it at each call that its own table of constant verdicts does not know: a binary search
/// for the number, then what the arguments decide, in order, then the answer. libseccomp keeps no
/// order, knows no numbers outside its table, and its time grows with the square of the rules; the
/// tests compare both.
package enum FilterCompiler {
  /// x32 numbers begin here (`asm/unistd.h`, __X32_SYSCALL_BIT).
  static let x32 = 0x4000_0000

  package static func compile(
    _ filter: SyscallFilter, key: LaunchKey?
  ) throws(FilterError) -> FilterProgram {
    let template = try template(filter, hasGate: key != nil)
    return key.map(template.keyed) ?? template
  }

  /// The program without the words of the launch key in its gates.
  package static func template(
    _ filter: SyscallFilter, hasGate: Bool = true
  ) throws(FilterError) -> FilterProgram {
    let sections = filter.architectures.map { part in
      let gate = part.architecture == .native && hasGate ? filter.launchCalls : []
      return (part.architecture, section(part, gate, filter.foreign))
    }
    let program = FilterProgram(dispatch(sections, foreign: filter.foreign))
    guard program.instructions.count <= FilterProgram.longest else {
      throw FilterError(
        message: "the filter has \(program.instructions.count) instructions; the kernel takes "
          + "\(FilterProgram.longest)")
    }
    return program
  }

  /// Goes to the section of the call's architecture.
  private static func dispatch(
    _ sections: [(Architecture, [FilterInstruction])], foreign: FilterAction
  ) -> [FilterInstruction] {
    var program: [FilterInstruction] = [.load(4)]
    var distance = 0
    for (index, section) in sections.enumerated() {
      // What is left of the dispatch after this jump: the other tests and the answer.
      let rest = (sections.count - 1 - index) * 2 + 1
      program.append(.unlessEqual(section.0.auditValue, skipping: 1))
      program.append(.jump(rest + distance))
      distance += section.1.count
    }
    program.append(.answer(foreign))
    return program + sections.flatMap { $0.1 }
  }

  // MARK: Numbers

  /// From this number on, up to the next one's.
  private struct Branch {
    let start: Int
    let verdict: Verdict
  }

  private enum Verdict: Hashable {
    case answer(FilterAction)
    /// What arguments decide.
    case tests([FilterInstruction])

    var code: [FilterInstruction] {
      switch self {
      case .answer(let action): [.answer(action)]
      case .tests(let code): code
      }
    }
  }

  private static func section(
    _ filter: ArchitectureFilter, _ gate: [String], _ foreign: FilterAction
  ) -> [FilterInstruction] {
    // What the table does not say alone, by its rows.
    var special = [[Guard]](repeating: [], count: SystemCall.count)
    for rule in filter.cases {
      if let call = SystemCall(named: rule.call) { special[call.row].append(rule) }
    }
    for name in Multiplexer.names {
      if let call = SystemCall(named: name), let parts = filter.parts(of: name) {
        special[call.row] = parts
      }
    }
    var isGate = [Bool](repeating: false, count: SystemCall.count)
    for name in gate {
      if let call = SystemCall(named: name) { isGate[call.row] = true }
    }
    var branches: [Branch] = []
    func add(_ start: Int, _ verdict: Verdict) {
      if branches.last?.verdict != verdict {
        branches.append(Branch(start: start, verdict: verdict))
      }
    }
    var next = 0
    func put(_ verdict: Verdict, at number: Int) {
      if number > next { add(next, .answer(filter.unknown)) }
      add(number, verdict)
      next = number + 1
    }
    var numbered = ArraySlice(filter.numbered.sorted { $0.key < $1.key })
    for (number, call) in SystemCall.calls(on: filter.architecture) {
      while let first = numbered.first, first.key <= number {
        put(.answer(first.value), at: first.key)
        numbered = numbered.dropFirst()
      }
      guard number >= next else { continue }
      let rules = special[call.row]
      let rest = filter.usualVerdict(on: call)
      if isGate[call.row] {
        put(.tests(gateCode + code(rules, rest: rest)), at: number)
      } else {
        put(rules.isEmpty ? .answer(rest) : .tests(code(rules, rest: rest)), at: number)
      }
    }
    for (number, action) in numbered { put(.answer(action), at: number) }
    add(next, .answer(filter.unknown))
    if filter.architecture == .x86_64 { add(x32, .answer(foreign)) }
    var reversed: [FilterInstruction] = []
    search(branches[...], &reversed)
    reversed.append(.load(0))
    return reversed.reversed()
  }

  /// Adds the search with its last instruction first: a jump's length is known when what it skips is
  /// there.
  private static func search(
    _ branches: ArraySlice<Branch>, _ reversed: inout [FilterInstruction]
  ) {
    guard branches.count > 1 else {
      for branch in branches { reversed += branch.verdict.code.reversed() }
      return
    }
    let middle = (branches.startIndex + branches.endIndex) / 2
    search(branches[middle...], &reversed)
    let end = reversed.count
    search(branches[..<middle], &reversed)
    let count = reversed.count - end
    let start = UInt32(branches[middle].start)
    // A comparison jumps over 255 instructions at most.
    if count <= 255 {
      reversed.append(.ifAtLeast(start, skipping: UInt8(count)))
    } else {
      reversed.append(.jump(count))
      reversed.append(.unlessAtLeast(start, skipping: 1))
    }
  }

  // MARK: Arguments

  /// Lets a call through that carries the launch key in its last three arguments.
  private static let gateCode: [FilterInstruction] = {
    var code: [FilterInstruction] = [.answer(.allow)]
    for half in (0..<6).reversed() {
      let load = FilterInstruction.load(UInt32(16 + 8 * 3 + 4 * half))
      code = [load, .unlessKey(half, skipping: UInt8(code.count))] + code
    }
    return code
  }()

  /// The first rule whose tests hold answers; else `rest`.
  private static func code(_ rules: [Guard], rest: FilterAction) -> [FilterInstruction] {
    var rules = rules
    while rules.last?.action == rest { rules.removeLast() }
    var program: [FilterInstruction] = []
    var loaded: FilterInstruction?
    for item in cases(rules) {
      var code = code(item)
      let loads = code.filter { $0.code == FilterInstruction.loadCode }
      if code.first == loaded { code.removeFirst() }
      // Wherever the case before was left, this one's word is there already.
      let isPlain = loads.count == 1 && !code.contains { $0.code == FilterInstruction.andCode }
      loaded = isPlain ? loads.first : nil
      program += code
    }
    return program + [.answer(rest)]
  }

  /// What a call's arguments are compared with.
  private enum Case {
    case rule(Guard)
    /// Of the lower half of an argument.
    case range(argument: Int, ClosedRange<UInt32>, FilterAction)
  }

  /// The same rules, but those that follow each other in a range as that: two comparisons instead of
  /// one for each block.
  private static func cases(_ rules: [Guard]) -> [Case] {
    var cases: [Case] = []
    for rule in rules {
      guard let (argument, block) = block(rule) else {
        cases.append(.rule(rule))
        continue
      }
      if case .range(argument, let range, rule.action)? = cases.last, range.upperBound < .max,
        range.upperBound + 1 == block.lowerBound
      {
        cases.removeLast()
        cases.append(.range(argument: argument, range.lowerBound...block.upperBound, rule.action))
      } else {
        cases.append(.range(argument: argument, block, rule.action))
      }
    }
    return cases
  }

  /// The values for which a rule holds, where it is about one argument's lower half and they follow
  /// each other.
  private static func block(_ rule: Guard) -> (argument: Int, ClosedRange<UInt32>)? {
    guard rule.tests.count == 1, let test = rule.tests.first, test.mask >> 32 == 0 else {
      return nil
    }
    let low = ~UInt32(truncatingIfNeeded: test.mask)
    // Ones at the end alone.
    guard low & (low &+ 1) == 0 else { return nil }
    let start = UInt32(truncatingIfNeeded: test.value)
    return (test.argument, start...(start | low))
  }

  private static func code(_ item: Case) -> [FilterInstruction] {
    switch item {
    case .rule(let rule): return code(rule)
    case .range(let argument, let range, let action):
      let load = FilterInstruction.load(UInt32(16 + 8 * argument))
      let answer = FilterInstruction.answer(action)
      if range.count == 1 { return [load, .unlessEqual(range.lowerBound, skipping: 1), answer] }
      var code = [answer]
      if range.upperBound < .max { code = [.unlessAtMost(range.upperBound, skipping: 1)] + code }
      if range.lowerBound > 0 {
        code = [.unlessAtLeast(range.lowerBound, skipping: UInt8(code.count))] + code
      }
      return [load] + code
    }
  }

  /// One rule of a call: its tests, and the answer where they hold.
  private static func code(_ rule: Guard) -> [FilterInstruction] {
    var code: [FilterInstruction] = [.answer(rule.action)]
    for test in rule.tests.reversed() {
      for half in [UInt64(32), 0] {
        let mask = UInt32(truncatingIfNeeded: test.mask >> half)
        guard mask != 0 else { continue }
        // Little-endian registers.
        let load = FilterInstruction.load(UInt32(16 + 8 * test.argument) + (half == 0 ? 0 : 4))
        let compare = FilterInstruction.unlessEqual(
          UInt32(truncatingIfNeeded: test.value >> half), skipping: UInt8(code.count))
        code = (mask == .max ? [load] : [load, .and(mask)]) + [compare] + code
      }
    }
    return code
  }
}
