internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// `--export`: the policy of a profile in the words of other programs, as far as they have words for it.
struct Export {
  let host: LiveHost
  let source: ProfileSource
  /// With what the options said.
  let invocation: Invocation
  let format: LaunchOptions.ExportFormat

  func run() throws(PolicyError) {
    let (policy, plan) = try plan()
    let facts = Facts(policy, plan)
    switch format {
    case .oci: Console.print(try OCIExport(facts).text)
    case .systemd: Console.print(SystemdExport(facts).text)
    case .bpf: try printProgram(facts)
    }
  }

  private func plan() throws(PolicyError) -> (Policy, Plan) {
    guard let word = invocation.words.first, invocation.words.count == 1 else {
      throw PolicyError(
        .argument("--export"), "", "takes one program or profile",
        hint: "write: sandbox --export=oci PROGRAM")
    }
    var invocation = invocation
    var command = Command(program: word, arguments: [])
    if ProfileSearch.isFileName(word) {
      let file: Path
      do throws(SystemCallError) {
        file = try ProfileSearch.find(word, source, host)
      } catch { throw PolicyError(nil, displayed(word), error.description) }
      guard try invocation.readFile(file) else {
        throw PolicyError(nil, "\(file)", "there is no such profile")
      }
      command = Command(program: ProfileSearch.program(of: file), arguments: [])
    } else {
      try invocation.readAutomaticProfile(for: command, uid: host.uid)
    }
    let policy = invocation.reader.recorder.policy
    command = try ProgramSearch.commandToPlan(command.program, on: host)
    return (policy, try Planner.plan(policy, running: command, on: host))
  }

  private func printProgram(_ facts: Facts) throws(PolicyError) {
    guard !Processes.isTerminal(1) else {
      throw PolicyError(
        .argument("--export=bpf"), "", "writes bytes that are not for a terminal",
        hint: "write them to a file: > FILE")
    }
    let handled: Set = ["seccomp.32", "seccomp.32.drop", "seccomp.32.keep"]
    for comment in facts.comments(besides: handled) { Console.note(comment) }
    let program: FilterProgram
    do throws(FilterError) {
      program = try FilterCompiler.compile(facts.plan.filter, key: nil)
    } catch { throw PolicyError(nil, "seccomp", error.message) }
    do throws(SystemCallError) {
      try FileDescriptor.writeAll(program.bytes, to: 1)
    } catch { throw PolicyError(nil, "standard output", error.description) }
  }

  /// What there is to export, and to say about it.
  struct Facts {
    let policy: Policy
    let plan: Plan
    let native: ArchitectureFilter
    /// By name.
    let calls = SystemCall.all(on: .native).map { $0.name }.sorted()

    init(_ policy: Policy, _ plan: Plan) {
      self.policy = policy
      self.plan = plan
      native = plan.filter.architectures[0]
    }

    /// What no other engine is told.
    ///
    /// - Parameter handled: directives that the format has words for.
    func comments(besides handled: Set<String>) -> [String] {
      var comments: [String] = []
      if native.decision(on: "execve").action != .allow {
        comments.append(
          "execve is refused, and the engine starts the program by it: add it, by"
            + " --seccomp.allow=execve for one")
      }
      if let phase = plan.secondPhase {
        comments.append(
          "not carried over: \(phase.origin): seccomp.keep.after \(phase.event.text): what holds"
            + " here is the list until then")
      }
      let own = handled.union([
        "seccomp", "seccomp.drop", "seccomp.keep", "seccomp.allow", "seccomp-error-action",
        "seccomp.keep.after", "memory-deny-write-execute", "restrict-namespaces", "protocol",
        "seccomp.block-secondary",
      ])
      var counts: [(directive: String, count: Int, origin: Origin)] = []
      for line in policy.listing where !own.contains(line.directive) {
        if let index = counts.firstIndex(where: { $0.directive == line.directive }) {
          counts[index].count += 1
        } else {
          counts.append((line.directive, 1, line.origin))
        }
      }
      return comments
        + counts.map { line in
          "not carried over: \(line.directive)"
            + (line.count > 1
              ? " (\(line.count) times, first \(line.origin))" : " (\(line.origin))")
        }
    }
  }
}

/// The seccomp object of the OCI runtime specification (config-linux.md), as container engines and
/// Kubernetes read it from a file of its own; members that they do not know say the rest.
struct OCIExport {
  private let facts: Export.Facts

  init(_ facts: Export.Facts) { self.facts = facts }

  var text: String {
    get throws(PolicyError) { try document.text + "\n" }
  }

  private var document: JSON {
    get throws(PolicyError) {
      let rest = facts.native.unknown
      let kept = (facts.policy.capabilities?.value.kept ?? []).map {
        JSON.string($0.constant)
      }
      return .object(
        [("defaultAction", .string(try name(of: rest)))] + errno(rest, "defaultErrnoRet") + [
          ("architectures", .array([.string(Self.architecture(facts.native.architecture))])),
          ("syscalls", .array(try rules(besides: rest))),
          (
            "process",
            .object([
              ("noNewPrivileges", .bool(true)),
              (
                "capabilities",
                .object(["bounding", "effective", "permitted"].map { ($0, .array(kept)) })
              ),
            ])
          ),
          ("comments", .array(comments.map { .string($0) })),
        ])
    }
  }

  private var comments: [String] {
    let isClosed = facts.policy.capabilities.map { $0.value.kept.isEmpty } ?? true
    let names = facts.native.numbered.keys.sorted().map { "$\($0)" }
    return [
      "process is for config.json; elsewhere: --cap-drop=ALL"
        + (isClosed ? "" : " with --cap-add for each") + ", --security-opt=no-new-privileges",
      "programs of other architectures are ended",
    ] + names.map { "not carried over: call \($0), which has no name" }
      + facts.comments(besides: ["caps.drop", "caps.keep", "nonewprivs"])
  }

  private static func architecture(_ architecture: Architecture) -> String {
    switch architecture {
    case .x86_64: "SCMP_ARCH_X86_64"
    case .i386: "SCMP_ARCH_X86"
    case .aarch64: "SCMP_ARCH_AARCH64"
    }
  }

  private func name(of action: FilterAction) throws(PolicyError) -> String {
    switch action {
    case .allow: "SCMP_ACT_ALLOW"
    case .errno: "SCMP_ACT_ERRNO"
    case .killProcess: "SCMP_ACT_KILL_PROCESS"
    case .killThread: "SCMP_ACT_KILL_THREAD"
    case .trap: "SCMP_ACT_TRAP"
    case .log: "SCMP_ACT_LOG"
    case .trace, .notify: throw PolicyError(nil, "seccomp", "\(action.word) can't be exported")
    }
  }

  private func errno(_ action: FilterAction, _ member: String) -> [(String, JSON)] {
    if case .errno(let errno) = action { [(member, .number(Int(errno.code)))] } else { [] }
  }

  /// Calls that get the same whatever their arguments are, together; then the cases of the others.
  private func rules(besides rest: FilterAction) throws(PolicyError) -> [JSON] {
    var whole: [(action: FilterAction, names: [String])] = []
    var cases: [JSON] = []
    for call in facts.calls {
      guard let disjoint = facts.native.disjointCases(of: call, otherwise: rest) else {
        throw PolicyError(
          nil, "seccomp", "the conditions on \(call) come to too many cases",
          hint: "use fewer, or --export=bpf")
      }
      for one in disjoint {
        guard one.tests.isEmpty else {
          cases.append(try rule([call], one.tests, one.action))
          continue
        }
        if let index = whole.firstIndex(where: { $0.action == one.action }) {
          whole[index].names.append(call)
        } else {
          whole.append((one.action, [call]))
        }
      }
    }
    var rules: [JSON] = []
    for (action, names) in whole {
      rules.append(try rule(names, [], action))
    }
    return rules + cases
  }

  private func rule(
    _ names: [String], _ tests: [ArgumentTest], _ action: FilterAction
  ) throws(PolicyError) -> JSON {
    let head: [(String, JSON)] = [
      ("names", .array(names.map { .string($0) })), ("action", .string(try name(of: action))),
    ]
    let arguments = tests.map { test in
      JSON.object([
        ("index", .number(test.argument)), ("value", .unsigned(test.mask)),
        ("valueTwo", .unsigned(test.value)), ("op", .string("SCMP_CMP_MASKED_EQ")),
      ])
    }
    return .object(
      head + errno(action, "errnoRet") + (tests.isEmpty ? [] : [("args", .array(arguments))]))
  }
}

/// Lines for the [Service] section (systemd.exec(5)).
struct SystemdExport {
  private let facts: Export.Facts

  init(_ facts: Export.Facts) { self.facts = facts }

  var text: String {
    let comments = conditions + facts.comments(besides: handled)
    return (["[Service]"] + comments.map { "# " + $0 } + lines).map { $0 + "\n" }.joined()
  }

  private var handled: Set<String> {
    Set(["caps.drop", "caps.keep", "nonewprivs", "nice", "cpu", "timeout", "env", "rmenv"])
      .union(Resource.allCases.map { "rlimit-" + $0.rawValue })
  }

  private var lines: [String] {
    let syscalls = facts.policy.syscalls
    var lines = ["NoNewPrivileges=yes"] + filter
    // The rest of the table ends a program, also where a list of 32-bit calls is more lenient.
    lines.append("SystemCallArchitectures=native")
    if syscalls.protocols.isGiven {
      let families = syscalls.protocols.items.map { "AF_" + $0.uppercased() }
      lines.append(
        "RestrictAddressFamilies=" + (families.isEmpty ? "none" : families.joined(separator: " ")))
    }
    if syscalls.denyWriteExecute != nil { lines.append("MemoryDenyWriteExecute=yes") }
    if syscalls.namespaces.isGiven {
      // systemd knows no time namespaces.
      let refused = syscalls.namespaces.items.filter { $0 != "time" }.sorted()
      let all = NamespaceKind.all.map { $0.name }.filter { $0 != "time" }.sorted()
      lines.append(
        "RestrictNamespaces=" + (refused == all ? "yes" : "~" + refused.joined(separator: " ")))
    }
    if let capabilities = facts.policy.capabilities?.value {
      let names = capabilities.kept.map { $0.constant }
      lines.append("CapabilityBoundingSet=" + names.joined(separator: " "))
      lines.append("AmbientCapabilities=")
    }
    return lines + limits
  }

  private var filter: [String] {
    // A call whose arguments decide is refused as a whole; see `conditions`.
    let allowed = facts.calls.filter {
      [.allow, .log].contains(facts.native.usualVerdict(on: $0)) && !isRefusedAsWhole($0)
    }
    let error = { (action: FilterAction) -> String? in
      if case .errno(let errno) = action { errno.name } else { nil }
    }
    if facts.native.unknown == .allow || facts.native.otherwise == .allow {
      let refused = facts.calls.compactMap { call -> String? in
        let action = facts.native.usualVerdict(on: call)
        if action != .allow, action != .log { return call + ":" + (error(action) ?? "kill") }
        return isRefusedAsWhole(call) ? call + ":EPERM" : nil
      }
      return refused.isEmpty ? [] : ["SystemCallFilter=~" + refused.joined(separator: " ")]
    }
    var lines = ["SystemCallFilter=" + allowed.joined(separator: " ")]
    // Each list of allowed calls has some of systemd's own, which depend on its version.
    let others = facts.calls.compactMap { call -> String? in
      guard !allowed.contains(call) else { return nil }
      let action = facts.native.usualVerdict(on: call)
      return call + ":" + (error(action == .allow ? facts.native.otherwise : action) ?? "kill")
    }
    if !others.isEmpty { lines.append("SystemCallFilter=~" + others.joined(separator: " ")) }
    if let name = error(facts.native.otherwise) { lines.append("SystemCallErrorNumber=" + name) }
    return lines
  }

  /// Lists that look at arguments.
  private func isRefusedAsWhole(_ call: String) -> Bool {
    facts.native.conditions.contains { $0.call == call && $0.action != .allow }
  }

  private var conditions: [String] {
    var comments: [String] = []
    for call in facts.calls {
      let conditions = facts.native.conditions.filter { $0.call == call }
      guard !conditions.isEmpty else { continue }
      let rest = facts.native.usualVerdict(on: call)
      let isOpen = rest == .allow && !isRefusedAsWhole(call)
      comments.append(
        "not carried over: conditions on arguments of \(call): it is "
          + (isOpen ? "let through" : "refused") + " as a whole")
    }
    let isGuarded = facts.native.guards.contains { $0.part == .terminal }
    if isGuarded {
      comments.append(
        "not carried over: ioctl TIOCSTI and TIOCLINUX are let through; see the sysctl"
          + " dev.tty.legacy_tiocsti")
    }
    return comments
  }

  private var limits: [String] {
    let limits = facts.policy.limits
    let names: [(Resource, String)] = [
      (.addressSpace, "AS"), (.processorTime, "CPU"), (.fileSize, "FSIZE"), (.openFiles, "NOFILE"),
      (.processes, "NPROC"), (.pendingSignals, "SIGPENDING"),
    ]
    var lines = names.compactMap { resource, name in
      limits.resources[resource].map { "Limit\(name)=\($0.value)" }
    }
    if let nice = limits.nice { lines.append("Nice=\(nice.value)") }
    if let processors = limits.processors {
      lines.append("CPUAffinity=" + processors.value.map(String.init).joined(separator: " "))
    }
    if let timeout = limits.timeout { lines.append("RuntimeMaxSec=\(timeout.value)") }
    for edit in facts.policy.environment.edits {
      switch edit.value {
      case .set(let name, let value):
        lines.append("Environment=" + Self.quoted(displayed(name) + "=" + displayed(value)))
      case .remove(let name): lines.append("UnsetEnvironment=" + Self.quoted(displayed(name)))
      }
    }
    return lines
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for character in text {
      if "\"\\".contains(character) { quoted.append("\\") }
      if character == "%" { quoted.append("%") }
      quoted.append(character)
    }
    return quoted + "\""
  }
}
