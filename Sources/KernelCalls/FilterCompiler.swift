package import KernelTypes

/// A filter value to one BPF program.
///
/// libseccomp compiles the parts; this joins them. For each architecture: the launch gate (native
/// only), the guards, what lists say of arguments (by code of our own), numbers that libseccomp can't
/// express, then the list. A part that does not decide returns a mark, which becomes a jump to the next
/// part.
package enum FilterCompiler {
  /// x32 numbers begin here (`asm/unistd.h`, __X32_SYSCALL_BIT).
  static let x32: UInt32 = 0x4000_0000

  package static func compile(
    _ filter: SyscallFilter, key: LaunchKey?
  ) throws(FilterError) -> FilterProgram {
    var sections: [(Architecture, [FilterInstruction])] = []
    for part in filter.architectures {
      let gate = part.architecture == .native ? filter.launchCalls : []
      sections.append((part.architecture, try section(part, gate, key, filter.foreign)))
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
    return program + sections.flatMap(\.1)
  }

  private static func section(
    _ filter: ArchitectureFilter, _ gate: [String], _ key: LaunchKey?, _ foreign: FilterAction
  ) throws(FilterError) -> [FilterInstruction] {
    let library = FilterLibrary(filter.architecture, foreign: foreign)
    var parts: [[FilterInstruction]] = []
    if let key, !gate.isEmpty {
      let tests = (0..<3).map { ArgumentTest(3 + $0, mask: .max, value: key.words[$0]) }
      parts.append(try library.compile(gate.map { Guard($0, tests, .allow) }, otherwise: nil))
    }
    if !filter.guards.isEmpty {
      parts.append(try library.compile(filter.guards, otherwise: nil))
    }
    if !filter.conditions.isEmpty { parts.append(conditions(filter)) }
    let list = shortest(filter)
    let known = list.rules.filter { !library.isUnknown($0.key) }
      .sorted { $0.key < $1.key }.map { Guard($0.key, [], $0.value) }
    parts.append(numbers(filter, list, library))
    parts.append(try library.compile(known, otherwise: list.otherwise))
    let start: [FilterInstruction] =
      filter.architecture == .x86_64
      ? [.load(0), .unlessAtLeast(x32, skipping: 1), .answer(foreign)] : []
    return start + joined(parts)
  }

  /// What lists say of arguments: by call, and for each in order, which libseccomp does not keep. Goes
  /// on behind itself where no test holds.
  private static func conditions(_ filter: ArchitectureFilter) -> [FilterInstruction] {
    var calls: [String] = []
    for rule in filter.conditions where !calls.contains(rule.call) { calls.append(rule.call) }
    return calls.flatMap { call -> [FilterInstruction] in
      guard let number = SystemCall(named: call)?.number(on: filter.architecture) else { return [] }
      let rules = cases(filter.conditions.filter { $0.call == call }).flatMap(code)
      return [.load(0), .unlessEqual(UInt32(number), skipping: 1), .jump(1), .jump(rules.count)]
        + rules
    }
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

  /// The same list with the most common verdict as the rule for the rest: libseccomp's time grows
  /// with the square of the number of rules. Numbers outside the table are not its business.
  private static func shortest(
    _ filter: ArchitectureFilter
  ) -> (rules: [String: FilterAction], otherwise: FilterAction) {
    var calls = SystemCall.all(on: filter.architecture).map(\.name)
    if filter.architecture == .i386 {
      // A rule for one of their parts is a rule for a call of their own.
      calls.removeAll { ["socketcall", "ipc"].contains($0) && filter.rules[$0] == nil }
      calls += SyscallTwins.multiplexed
    }
    var counts: [FilterAction: Int] = [:]
    for call in calls { counts[filter.rules[call] ?? filter.otherwise, default: 0] += 1 }
    let otherwise =
      counts.max { ($0.value, $0.key.returnValue) < ($1.value, $1.key.returnValue) }?.key
      ?? filter.otherwise
    var rules: [String: FilterAction] = [:]
    for call in calls {
      let action = filter.rules[call] ?? filter.otherwise
      if action != otherwise { rules[call] = action }
    }
    return (rules, otherwise)
  }

  /// Verdicts by number: calls newer than the installed libseccomp, `$NUMBER`, and what no table
  /// knows.
  private static func numbers(
    _ filter: ArchitectureFilter,
    _ list: (rules: [String: FilterAction], otherwise: FilterAction),
    _ library: FilterLibrary
  ) -> [FilterInstruction] {
    var program: [FilterInstruction] = [.load(0)]
    var verdicts = filter.numbered
    for (name, action) in list.rules where library.isUnknown(name) {
      if let number = SystemCall(named: name)?.number(on: filter.architecture) {
        verdicts[number] = action
      }
    }
    for (number, action) in verdicts.sorted(by: { $0.key < $1.key }) {
      program += [.unlessEqual(UInt32(number), skipping: 1), .answer(action)]
    }
    guard filter.unknown != list.otherwise else { return program }
    for gap in gaps(in: SystemCall.all(on: filter.architecture).map(\.number)) {
      program += [
        .unlessAtLeast(UInt32(gap.lowerBound), skipping: 2),
        // The answer, unless the number is above the gap.
        FilterInstruction(0x25, UInt32(gap.upperBound), ifTrue: 1, ifFalse: 0),
        .answer(filter.unknown),
      ]
    }
    return program
  }

  /// The ranges of numbers that a sorted table leaves out, up to the largest number there is.
  private static func gaps(in numbers: [Int]) -> [ClosedRange<Int>] {
    var gaps: [ClosedRange<Int>] = []
    var next = 0
    for number in numbers {
      if number > next { gaps.append(next...(number - 1)) }
      next = number + 1
    }
    return gaps + [next...Int(UInt32.max)]
  }

  /// One program: where a part returns the mark, the next one goes on.
  private static func joined(_ parts: [[FilterInstruction]]) -> [FilterInstruction] {
    parts.flatMap { part in
      part.enumerated().map { index, instruction in
        instruction == FilterLibrary.undecided ? .jump(part.count - 1 - index) : instruction
      }
    }
  }
}
