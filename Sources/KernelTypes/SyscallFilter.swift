/// What the kernel does with a system call (`seccomp(2)`, "Seccomp-BPF filters").
package enum FilterAction: Hashable, Sendable {
  case allow
  case errno(Errno)
  case killProcess
  /// The thread alone: others go on without it.
  case killThread
  case trap
  /// A tracer decides, and gets this number; without one the call fails with ENOSYS.
  case trace(UInt16)
  case log
  /// The call waits for an answer of who watches (SECCOMP_RET_USER_NOTIF).
  case notify

  /// The value that a filter returns for it.
  package var returnValue: UInt32 {
    switch self {
    case .allow: 0x7fff_0000
    case .errno(let errno): 0x0005_0000 | UInt32(errno.code)
    case .killProcess: 0x8000_0000
    case .killThread: 0
    case .trap: 0x0003_0000
    case .trace(let number): 0x7ff0_0000 | UInt32(number)
    case .log: 0x7ffc_0000
    case .notify: 0x7fc0_0000
    }
  }

  package static let unsupported = FilterAction.errno(.unsupportedCall)

  /// As profiles say it.
  package var word: String {
    switch self {
    case .allow: "allow"
    case .errno(let errno): errno.name
    case .killProcess: "kill"
    case .killThread: "kill-thread"
    case .trap: "trap"
    case .trace(let number): "trace \(number)"
    case .log: "log"
    case .notify: "notify"
    }
  }
}

/// A comparison of one argument: `argument & mask` equals `value`.
package struct ArgumentTest: Hashable, Sendable {
  package let argument: Int
  package let mask: UInt64
  package let value: UInt64

  package init(_ argument: Int, mask: UInt64, value: UInt64) {
    self.argument = argument
    self.mask = mask
    self.value = value & mask
  }

  /// Compares all 32 bits of an argument that the kernel reads as 32 bits.
  package static func equals(_ argument: Int, _ value: UInt32) -> ArgumentTest {
    ArgumentTest(argument, mask: 0xffff_ffff, value: UInt64(value))
  }

  /// True when each bit of `bits` is set.
  package static func has(_ argument: Int, bits: UInt32) -> ArgumentTest {
    ArgumentTest(argument, mask: UInt64(bits), value: UInt64(bits))
  }

  package func holds(for arguments: [UInt64]) -> Bool {
    arguments[argument] & mask == value
  }
}

/// What asks for a refusal.
package enum FilterPart: Hashable, Sendable {
  case list, terminal, protocols, writeExecute, namespaces, userNamespaces, secondary
}

/// A refusal that is decided before the lists: for a call whose arguments pass all tests.
package struct Guard: Hashable, Sendable {
  package let call: String
  package let tests: [ArgumentTest]
  package let action: FilterAction
  package let part: FilterPart

  package init(
    _ call: String, _ tests: [ArgumentTest], _ action: FilterAction, _ part: FilterPart = .list
  ) {
    self.call = call
    self.tests = tests
    self.action = action
    self.part = part
  }
}

/// The filter for the calls of one architecture.
package struct ArchitectureFilter: Hashable, Sendable {
  package let architecture: Architecture
  /// For a call of the table that has no rule.
  package var otherwise: FilterAction
  /// For a number that stands in no table.
  package var unknown: FilterAction
  /// Calls that the architecture lacks do no harm here.
  package var rules: CallActions
  /// By number, where a list says `$NUMBER` and the table has no name for it.
  package var numbered: [Int: FilterAction] = [:]
  package var guards: [Guard] = []
  /// What lists say of calls with some arguments, after the guards and before the rules.
  package var conditions: [Guard] = []

  package init(
    _ architecture: Architecture, otherwise: FilterAction = .allow, unknown: FilterAction = .allow,
    rules: CallActions = CallActions()
  ) {
    self.architecture = architecture
    self.otherwise = otherwise
    self.unknown = unknown
    self.rules = rules
  }

  /// Verdicts on calls with some arguments, in the order in which they are tried.
  package var cases: [Guard] { guards + conditions }

  /// The verdict on a call, unless its arguments have one of their own.
  package func usualVerdict(on call: String) -> FilterAction { rules[call] ?? otherwise }
  package func usualVerdict(on call: SystemCall) -> FilterAction { rules[call] ?? otherwise }

  package func verdict(on call: String, _ arguments: [UInt64] = []) -> FilterAction {
    decision(on: call, arguments).action
  }

  /// The verdict, and what asks for it.
  package func decision(
    on call: String, _ arguments: [UInt64] = []
  ) -> (action: FilterAction, part: FilterPart) {
    let padded = arguments + Array(repeating: 0, count: max(0, 6 - arguments.count))
    let holds = { (rule: Guard) in
      rule.call == call && rule.tests.allSatisfy { $0.holds(for: padded) }
    }
    let rule =
      parts(of: call).map { $0.first(where: holds) }
      ?? guards.first(where: holds) ?? conditions.first(where: holds)
    if let rule { return (rule.action, rule.part) }
    return (usualVerdict(on: call), .list)
  }

  /// The verdicts on what hides behind a call of i386 that stands for others (`socketcall(2)`,
  /// `ipc(2)`); nil for other calls, and where rules name the call itself.
  package func parts(of call: String) -> [Guard]? {
    guard architecture == .i386, let parts = Multiplexer.parts(of: call), rules[call] == nil,
      !cases.contains(where: { $0.call == call })
    else { return nil }
    return parts.map { number, name in
      // Its arguments lie in memory: what may be refused is.
      let rule = cases.first {
        $0.call == name && ($0.tests.isEmpty || $0.action != .allow)
      }
      let test = ArgumentTest(0, mask: Multiplexer.mask(of: call), value: number)
      return Guard(
        call, [test], rule?.action ?? usualVerdict(on: name), rule?.part ?? .list)
    }
  }

  /// The verdict on a number, with the arguments that come with it.
  package func verdict(number: Int, _ arguments: [UInt64] = []) -> FilterAction {
    decision(number: number, arguments).action
  }

  package func decision(
    number: Int, _ arguments: [UInt64] = []
  ) -> (action: FilterAction, part: FilterPart) {
    if let action = numbered[number] { return (action, .list) }
    guard let call = SystemCall(number: number, on: architecture) else { return (unknown, .list) }
    return decision(on: call.name, arguments)
  }
}

/// One filter for all architectures. An architecture without an entry is closed.
package struct SyscallFilter: Hashable, Sendable {
  package var architectures: [ArchitectureFilter]
  /// For each call of an architecture without an entry, and for x32.
  package var foreign: FilterAction

  package init(architectures: [ArchitectureFilter], foreign: FilterAction) {
    self.architectures = architectures
    self.foreign = foreign
  }

  /// The verdict on a call by what a notification says of it, and what asks for it.
  package func decision(
    architecture: UInt32, number: Int, _ arguments: [UInt64]
  ) -> (action: FilterAction, part: FilterPart) {
    guard let part = architectures.first(where: { $0.architecture.auditValue == architecture }),
      part.architecture != .x86_64 || number < 0x4000_0000
    else { return (foreign, .secondary) }
    return part.decision(number: number, arguments)
  }

  /// Whether some arguments of a call are refused on this machine's own architecture.
  package func mayRefuse(_ call: String) -> Bool {
    architectures.contains { part in
      part.architecture == .native
        && (part.verdict(on: call) != .allow
          || part.cases.contains { $0.call == call })
    }
  }

  /// The same filter, which asks where it would answer this.
  package func asking(instead isAsked: (FilterAction) -> Bool) -> SyscallFilter {
    func changed(_ action: FilterAction) -> FilterAction { isAsked(action) ? .notify : action }
    var filter = self
    filter.foreign = changed(foreign)
    for index in filter.architectures.indices {
      let part = filter.architectures[index]
      filter.architectures[index].otherwise = changed(part.otherwise)
      filter.architectures[index].unknown = changed(part.unknown)
      filter.architectures[index].rules = part.rules.mapped(changed)
      filter.architectures[index].numbered = part.numbered.mapValues(changed)
      let changedGuard = { (rule: Guard) in
        Guard(rule.call, rule.tests, changed(rule.action), rule.part)
      }
      filter.architectures[index].guards = part.guards.map(changedGuard)
      filter.architectures[index].conditions = part.conditions.map(changedGuard)
    }
    return filter
  }

  /// Whether anything is answered like this.
  package func holds(_ isAnswer: (FilterAction) -> Bool) -> Bool {
    isAnswer(foreign)
      || architectures.contains { part in
        isAnswer(part.otherwise) || isAnswer(part.unknown)
          || part.rules.contains(isAnswer)
          || part.numbered.values.contains(where: isAnswer)
          || part.cases.contains { isAnswer($0.action) }
      }
  }

  /// The calls that the launcher itself still makes once the filter is in force, where the rules
  /// would refuse them: let through when the call carries the launch key.
  package var launchCalls: [String] {
    guard let native = architectures.first else { return [] }
    // A filter that asks is followed by the message that carries its listener.
    let message = holds { $0 == .notify } ? ["sendmsg"] : []
    return (["execve", "write", "exit_group"] + message).filter { name in
      native.verdict(on: name) != .allow || native.conditions.contains { $0.call == name }
    }
  }
}

/// Three words that nobody outside the launcher knows, carried in registers that a call ignores.
package struct LaunchKey: Hashable, Sendable {
  package let words: [UInt64]

  package init(_ first: UInt64, _ second: UInt64, _ third: UInt64) {
    words = [first, second, third]
  }
}
