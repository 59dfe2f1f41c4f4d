package import KernelTypes

/// What was said about system calls to one filter: lists, protocol, W^X, namespaces, terminal.
package enum FilterBuilder {
  package static func filter(
    for policy: SyscallPolicy, native: Architecture = .native
  ) -> SyscallFilter {
    let error = policy.errorAction?.value ?? .errno(.notPermitted)
    var nativeList = policy.native?.value
    if nativeList == nil, policy.blocksSecondary != nil { nativeList = SyscallList(.standard) }
    let group = policy.allowsDebuggers ? "@default" : "@default-nodebuggers"
    let lists = [nativeList, policy.secondary?.value].compactMap { $0 }
    let standard =
      lists.contains { $0.form.hasStandard } ? SyscallGroups.calls(of: group) ?? [] : []
    var architectures = [
      architecture(
        native, list: nativeList, standard: standard, policy: policy, error: error)
    ]
    if let secondary = native.secondary, policy.blocksSecondary == nil {
      let list = policy.secondary?.value ?? nativeList
      architectures.append(
        architecture(
          secondary, list: list, standard: standard, policy: policy, error: error))
    }
    let foreign = policy.blocksSecondary == nil ? FilterAction.unsupported : error
    return SyscallFilter(architectures: architectures, foreign: foreign)
  }

  private static func architecture(
    _ architecture: Architecture, list: SyscallList?, standard: [SystemCall],
    policy: SyscallPolicy, error: FilterAction
  ) -> ArchitectureFilter {
    var filter = ArchitectureFilter(architecture)
    if let list { apply(list, standard: standard, error: error, to: &filter) }
    for item in policy.allowed.flatMap({ $0.value }) {
      if let condition = item.condition {
        set(item.call, condition.tests, .allow, in: &filter)
      } else {
        set(item.call, .allow, in: &filter)
      }
    }
    filter.guards = terminalGuards
    if policy.protocols.isGiven {
      filter.guards += protocolGuards(policy.protocols.items, on: architecture)
      // What it does is seen by no filter.
      for call in ioUring where list?.form.isKeep != true {
        filter.guards.append(Guard(call, [], .unsupported, .protocols))
      }
    }
    if policy.denyWriteExecute != nil {
      filter.guards += writeExecuteGuards(error: error, on: architecture)
    }
    if policy.namespaces.isGiven {
      filter.guards += namespaceGuards(policy.namespaces.items, error: error)
    }
    if policy.refusesUserNamespaces, !policy.namespaces.items.contains("user") {
      // What a program would find on a kernel that has them switched off.
      filter.guards += namespaceGuards(
        ["user"], error: .errno(.notPermitted), for: .userNamespaces)
    }
    if policy.blocksSecondary != nil {
      filter.guards += ArgumentCondition(0, bits: 32, .notEqual, [0, 0xffff_ffff]).alternatives
        .map { Guard("personality", $0, error, .secondary) }
    }
    return filter
  }

  // MARK: Lists

  /// The calls that the kernel makes a program repeat or return by; a keep list always has them.
  package static let impliedByKeep = ["rt_sigreturn", "restart_syscall"]

  /// Calls for which libc takes an older one when it hears ENOSYS, and only then.
  package static let fallsBack: Set<String> = [
    "cachestat", "clone3", "close_range", "copy_file_range", "epoll_pwait2", "faccessat2",
    "fchmodat2", "futex_requeue", "futex_wait", "futex_waitv", "futex_wake", "getrandom",
    "io_uring_enter", "io_uring_register", "io_uring_setup", "landlock_add_rule",
    "landlock_create_ruleset", "landlock_restrict_self", "map_shadow_stack", "membarrier",
    "memfd_create", "mseal", "openat2", "pidfd_open", "pidfd_send_signal", "preadv2",
    "process_madvise", "pwritev2", "renameat2", "rseq", "statx",
    "clock_gettime64", "clock_getres_time64", "clock_nanosleep_time64", "futex_time64",
    "ppoll_time64", "pselect6_time64", "utimensat_time64",
  ]

  /// Whether programs expect that a kernel may lack a call: an old one's name, or a number of no table.
  package static func isExpectedMissing(_ call: String) -> Bool {
    fallsBack.contains(call) || call.hasPrefix("$")
  }

  private static let ioUring = ["io_uring_setup", "io_uring_enter", "io_uring_register"]

  private static func apply(
    _ list: SyscallList, standard: [SystemCall], error: FilterAction,
    to filter: inout ArchitectureFilter
  ) {
    let isKeep = list.form.isKeep
    if isKeep {
      filter.otherwise = error
      filter.unknown = .unsupported
      for call in fallsBack { filter.rules[call] = .unsupported }
      for call in impliedByKeep { set(.named(call), .allow, in: &filter) }
    } else if list.form.hasStandard {
      for call in standard { set(call, error, in: &filter) }
    }
    // Exceptions and items with an action of their own decide before the rest of the list.
    let isFirst = { (item: SyscallItem) in item.isException || item.action != nil }
    let whole = list.items.filter { $0.condition == nil }
    for item in whole.filter({ !isFirst($0) }) + whole.filter(isFirst) {
      let action = item.action ?? (item.isException == isKeep ? error : .allow)
      let fallsBack = !isKeep && item.call == .named("clone3") && action == error
      set(item.call, fallsBack ? .unsupported : action, in: &filter)
    }
    for item in list.items {
      guard let condition = item.condition?.tests else { continue }
      if item.isException == isKeep {
        set(item.call, condition, item.action ?? error, in: &filter)
        continue
      }
      // What a list allows by arguments it refuses with others, unless it has the call besides.
      let isListed = whole.contains { $0.call == item.call && !$0.isException && $0.action == nil }
      if !(isKeep && isListed) { set(item.call, item.action ?? error, in: &filter) }
      set(item.call, condition, .allow, in: &filter)
    }
  }

  /// A verdict on a call with some arguments.
  private static func set(
    _ call: SyscallItem.Call, _ condition: ArgumentCondition, _ action: FilterAction,
    in filter: inout ArchitectureFilter
  ) {
    guard case .named(let name) = call else { return }
    if filter.architecture == .i386, !SyscallTwins.hasSameArguments(name) {
      // They can't be told there: what may be refused is refused as a whole.
      if action != .allow { set(call, action, in: &filter) }
      return
    }
    let tests = filter.architecture == .i386 ? condition.onWords : condition
    filter.conditions += tests.alternatives.map { Guard(name, $0, action) }
  }

  private static func set(
    _ call: SyscallItem.Call, _ action: FilterAction, in filter: inout ArchitectureFilter
  ) {
    switch call {
    case .numbered(let number):
      // A number means nothing on another architecture.
      if filter.architecture == .native { filter.numbered[number] = action }
    case .named(let name):
      guard let call = SystemCall(named: name) else {
        preconditionFailure("a list names calls of the table")
      }
      set(call, action, in: &filter)
    }
  }

  private static func set(
    _ call: SystemCall, _ action: FilterAction, in filter: inout ArchitectureFilter
  ) {
    filter.rules[call] = action
    guard filter.architecture == .i386 else { return }
    for twin in SyscallTwins.onI386(of: call) { filter.rules[twin] = action }
  }

  // MARK: Phases

  /// `.notify` for the calls that may be an event, `.allow` for the rest.
  static func marks(of event: PhaseEvent, like filter: SyscallFilter) -> SyscallFilter {
    let architectures = filter.architectures.map { part in
      var marks = ArchitectureFilter(part.architecture)
      switch event {
      case .calls(let items):
        for item in items {
          if let condition = item.condition {
            set(item.call, condition.tests, .notify, in: &marks)
          } else {
            set(item.call, .notify, in: &marks)
          }
        }
      case .opened:
        for call in ["open", "openat", "openat2", "creat"] { marks.rules[call] = .notify }
      case .signal: break
      }
      return marks
    }
    return SyscallFilter(architectures: architectures, foreign: .allow)
  }

  // MARK: Guards

  /// TIOCSTI types into a terminal, TIOCLINUX pastes into a console (`ioctl_tty(2)`).
  private static let terminalGuards = [0x5412, 0x541c].map { (request: UInt32) in
    Guard("ioctl", [.equals(1, request)], .errno(.notPermitted), .terminal)
  }

  private static func protocolGuards(
    _ names: [String], on architecture: Architecture
  ) -> [Guard] {
    let refusal = FilterAction.errno(.notSupported)
    // On i386 the family may hide behind socketcall's pointer: no filter can see it, so no socket.
    if architecture == .i386 {
      return ["socket", "socketpair"].map { Guard($0, [], refusal, .protocols) }
    }
    let families = SocketFamily.all.filter { names.contains($0.name) }.map { $0.number }
    let others = ArgumentCondition(0, bits: 32, .notEqual, families.map(UInt64.init))
    return others.alternatives.flatMap {
      [Guard("socket", $0, refusal, .protocols), Guard("socketpair", $0, refusal, .protocols)]
    }
  }

  private static func writeExecuteGuards(
    error: FilterAction, on architecture: Architecture
  ) -> [Guard] {
    let execute: UInt32 = 4
    let writeExecute: UInt32 = 6
    let sharedExecute: UInt32 = 0o100000
    let refusal = { (call: String, tests: [ArgumentTest]) in
      Guard(call, tests, error, .writeExecute)
    }
    var guards = [
      refusal(architecture == .i386 ? "mmap2" : "mmap", [.has(2, bits: writeExecute)]),
      refusal("mprotect", [.has(2, bits: execute)]),
      refusal("pkey_mprotect", [.has(2, bits: execute)]),
      refusal("memfd_create", []),
    ]
    if architecture == .i386 {
      // Their arguments hide behind a pointer there.
      guards += [refusal("mmap", []), refusal("shmat", [])]
    } else {
      guards.append(refusal("shmat", [.has(2, bits: sharedExecute)]))
    }
    // READ_IMPLIES_EXEC makes each readable mapping executable; all ones only asks.
    let readImpliesExecute: UInt64 = 0x0040_0000
    guards += (0..<32).map { 1 << UInt64($0) }.filter { $0 != readImpliesExecute }.map { bit in
      refusal(
        "personality",
        [ArgumentTest(0, mask: readImpliesExecute | bit, value: readImpliesExecute)])
    }
    return guards
  }

  private static func namespaceGuards(
    _ names: [String], error: FilterAction, for part: FilterPart = .namespaces
  ) -> [Guard] {
    var guards = [
      // Its flags hide behind a pointer; libc falls back on clone.
      Guard("clone3", [], .unsupported, part),
      // Type 0 takes whatever the descriptor is.
      Guard("setns", [.equals(1, 0)], error, part),
    ]
    for kind in NamespaceKind.all where names.contains(kind.name) {
      // In clone, the low byte is the signal at exit and can't name a namespace.
      if kind.flag > 0xff { guards.append(Guard("clone", [.has(0, bits: kind.flag)], error, part)) }
      guards.append(Guard("unshare", [.has(0, bits: kind.flag)], error, part))
      guards.append(Guard("setns", [.has(1, bits: kind.flag)], error, part))
    }
    return guards
  }
}
