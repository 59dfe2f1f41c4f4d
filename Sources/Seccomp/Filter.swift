internal import KernelCalls
internal import KernelTypes

/// A filter for system calls, as a value: rules by name, and an action for the rest.
///
///     var filter = Filter(otherwise: .killProcess)
///     try filter.add(.allow, "read", "close", "exit_group", "rt_sigreturn")
///     try filter.add(.allow, "write", where: Argument("fd") <= 2)
///     try filter.install()
///
/// Of the rules for one call, those with conditions are tried first, in the order in which they were
/// added; the first that holds counts.
public struct Filter: Hashable, Sendable {
  private struct Rule: Hashable {
    let call: String
    let condition: ArgumentCondition?
    let action: Action
  }

  /// For calls without a rule.
  public let otherwise: Action
  /// For calls by the tables of other architectures, and by that of x32.
  public let foreign: Action
  /// Those whose programs the rules are for.
  public let architectures: [Architecture]
  private var rules: [Rule] = []

  /// - Parameters:
  ///   - architectures: those whose programs the rules are for. Calls have the same names on each;
  ///     conditions on 32-bit ones compare what these can pass.
  public init(
    otherwise: Action, architectures: [Architecture] = [.native], foreign: Action = .killProcess
  ) {
    self.otherwise = otherwise
    self.architectures = architectures
    self.foreign = foreign
  }

  /// Adds a rule for calls, or groups of them (`@file-system`; the groups are those of
  /// sandbox-profile(5)), whatever their arguments are.
  ///
  /// - Throws: ``SeccompError/unknownName(_:hint:)``, ``SeccompError/contradiction(call:)``,
  ///   ``SeccompError/badErrno(_:)``.
  public mutating func add(_ action: Action, _ calls: String...) throws(SeccompError) {
    try add(action, calls)
  }

  /// The same, for a list that is made while the program runs.
  public mutating func add(_ action: Action, _ calls: [String]) throws(SeccompError) {
    try check(action)
    for name in calls {
      for call in try Self.resolved(name) {
        if let other = rules.first(where: { $0.call == call && $0.condition == nil }) {
          guard other.action == action else { throw .contradiction(call: call) }
          continue
        }
        rules.append(Rule(call: call, condition: nil, action: action))
      }
    }
  }

  /// Adds a rule for a call with such arguments.
  ///
  /// - Throws: what the rule for a call throws, ``SeccompError/badCondition(_:_:hint:)`` and
  ///   ``SeccompError/neverHolds(_:)``.
  public mutating func add(
    _ action: Action, _ call: String, where condition: Condition
  ) throws(SeccompError) {
    try check(action)
    guard SystemCall(named: call) != nil else {
      throw .unknownName(call, hint: suggestion(for: call, in: SystemCall.names))
    }
    let tests = try condition.tests(of: call)
    if let other = rules.first(where: { $0.call == call && $0.condition == tests }),
      other.action != action
    {
      throw .contradiction(call: call)
    }
    rules.append(Rule(call: call, condition: tests, action: action))
  }

  private func check(_ action: Action) throws(SeccompError) {
    if case .errno(let number) = action, !(1...4095).contains(number) { throw .badErrno(number) }
  }

  private static func resolved(_ name: String) throws(SeccompError) -> [String] {
    if name.hasPrefix("@") {
      guard let calls = SyscallGroups.calls(of: name) else {
        throw .unknownName(name, hint: suggestion(for: name, in: SyscallGroups.all.map(\.name)))
      }
      return calls.map(\.name)
    }
    guard SystemCall(named: name) != nil else {
      throw .unknownName(name, hint: suggestion(for: name, in: SystemCall.names))
    }
    return [name]
  }

  // MARK: What it says

  /// The program that the kernel takes.
  ///
  /// - Throws: ``SeccompError/empty``, ``SeccompError/contradiction(call:)`` where a condition changes
  ///   nothing, ``SeccompError/notCompiled(_:)``.
  public func compile() throws(SeccompError) -> Program {
    try check(otherwise)
    try check(foreign)
    guard !rules.isEmpty else { throw .empty }
    for rule in rules where rule.condition != nil && !changesAnything(rule) {
      throw .contradiction(call: rule.call)
    }
    do throws(FilterError) {
      return Program(try FilterCompiler.compile(internalFilter, key: nil))
    } catch {
      throw .notCompiled(error.message)
    }
  }

  /// Whether the call would be answered otherwise without this rule, or one after it would.
  private func changesAnything(_ rule: Rule) -> Bool {
    let others = rules.filter { $0.call == rule.call && $0 != rule }
    let rest = others.first { $0.condition == nil }?.action ?? otherwise
    return rule.action != rest || others.contains { $0.condition != nil && $0.action != rest }
  }

  private var internalFilter: SyscallFilter {
    SyscallFilter(
      architectures: architectures.map { architecture in
        let kind = architecture.internalArchitecture
        var filter = ArchitectureFilter(
          kind, otherwise: otherwise.internalAction, unknown: otherwise.internalAction)
        for rule in rules {
          if let condition = rule.condition {
            let tests = kind == .i386 ? condition.onWords : condition
            filter.conditions += tests.alternatives.map {
              Guard(rule.call, $0, rule.action.internalAction)
            }
          } else {
            filter.rules[rule.call] = rule.action.internalAction
          }
        }
        return filter
      }, foreign: foreign.internalAction)
  }

  /// What the filter says to a call, by its rules: no kernel, and no program.
  ///
  /// - Parameters:
  ///   - number: of the architecture's table.
  ///   - arguments: the registers, six at most.
  public func verdict(
    _ architecture: Architecture = .native, number: Int, _ arguments: [UInt64] = []
  ) -> Action {
    let action = internalFilter.decision(
      architecture: architecture.internalArchitecture.auditValue, number: number,
      arguments + Array(repeating: 0, count: max(0, 6 - arguments.count))
    ).action
    return Action(returnValue: action.returnValue)
  }

  /// Each call of the architectures with what it gets, and what it gets with some arguments.
  public var table: String {
    internalFilter.architectures.map { part in
      part.architecture.rawValue + "\n"
        + SystemCall.all(on: part.architecture).map { number, name in
          let special = part.conditions.filter { $0.call == name }.map { rule in
            "\(number)\t\(name)\t\(rule.action.word)\t\(Self.text(rule.tests, name))\n"
          }
          let rest = part.usualVerdict(on: name).word
          return special.joined() + "\(number)\t\(name)\t\(rest)\n"
        }.joined()
    }.joined()
  }

  private static func text(_ tests: [ArgumentTest], _ call: String) -> String {
    let arguments = SyscallArgument.all(of: call) ?? []
    return tests.map { $0.text(arguments) }.joined(separator: ",")
  }
}
