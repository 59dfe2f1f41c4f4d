package import KernelTypes

/// What the launcher is asked about while the program runs: a filter then asks (`seccomp_unotify(2)`)
/// instead of answering by itself.
package enum Watch: Hashable, Sendable {
  /// Calls that end the program, so that they can be named.
  case kills
  /// All that is refused, and each look at a path.
  case refusals
  /// These, and processes, sockets and signals.
  case events
  /// Each call.
  case everything

  /// What `--trace` is about besides paths.
  private static let eventCalls: Set<String> = [
    "socket", "socketpair", "listen", "accept", "accept4", "fork", "vfork", "clone", "clone3",
    "kill", "tgkill", "tkill", "setuid", "setgid", "setresuid", "setresgid", "setreuid", "setregid",
    "unshare", "setns", "ptrace",
  ]

  /// Whether it is for messages alone: the filter can do without.
  package var isOptional: Bool { self == .kills }

  /// The filter that asks. Who answers decides by `filter` itself, so both mean the same.
  package func asking(_ filter: SyscallFilter) -> SyscallFilter {
    switch self {
    case .kills: return filter.asking { $0 == .killProcess }
    case .everything: return filter.asking { _ in true }
    case .refusals, .events:
      // A trap is the program's own affair.
      var asking = filter.asking { $0 != .allow && $0 != .trap }
      for index in asking.architectures.indices {
        var calls = CallSignature.pathCalls.union(CapabilityNeeds.calls).union(["exit_group"])
        if self == .events { calls.formUnion(Self.eventCalls) }
        // What is sent to a bus.
        calls.insert("sendmsg")
        for call in calls where filter.architectures[index].verdict(on: call) == .allow {
          asking.architectures[index].rules[call] = .notify
        }
        let conditions = filter.architectures[index].conditions
        asking.architectures[index].conditions = asking.architectures[index].conditions.enumerated()
          .map { place, rule in
            let isAsked = calls.contains(rule.call) && conditions[place].action == .allow
            return isAsked ? Guard(rule.call, rule.tests, .notify, rule.part) : rule
          }
        // A file mapped as code.
        for call in ["mmap", "mmap2"] {
          asking.architectures[index].guards.append(Guard(call, [.has(2, bits: 4)], .notify))
        }
      }
      return asking
    }
  }
}
