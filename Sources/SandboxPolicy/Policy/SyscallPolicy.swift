package import KernelTypes

/// One item of a list of system calls, its group resolved.
package struct SyscallItem: Hashable, Sendable {
  package enum Call: Hashable, Sendable {
    case named(String)
    /// `$NUMBER` that no table has a name for.
    case numbered(Int)
  }
  package let call: Call
  /// `!name`: the opposite of what the list does with its other items.
  package let isException: Bool
  /// `name:ERRNO` or `name:kill`.
  package let action: FilterAction?
  /// `name(CONDITION)`: the item is about calls with such arguments alone.
  package struct Condition: Hashable, Sendable {
    package let text: String
    package let tests: ArgumentCondition
  }
  package let condition: Condition?

  package init(
    _ call: Call, isException: Bool = false, action: FilterAction? = nil,
    condition: Condition? = nil
  ) {
    self.call = call
    self.condition = condition
    self.isException = isException
    self.action = action
  }
}

/// The list of one `seccomp…` line.
package struct SyscallList: Hashable, Sendable {
  package enum Form: Int, Sendable {
    /// `seccomp`: the default list.
    case standard
    /// `seccomp LIST`: the default list and these.
    case standardAnd
    /// `seccomp.drop LIST`: these alone.
    case drop
    /// `seccomp.keep LIST`: all but these.
    case keep
    /// `seccomp.keep.after EVENT LIST`: the same, from the event on.
    case keepAfter

    package var isKeep: Bool { self == .keep || self == .keepAfter }
    var hasStandard: Bool { self == .standard || self == .standardAnd }

    /// What follows `seccomp` in the directive's name.
    package var suffix: String {
      switch self {
      case .standard, .standardAnd: ""
      case .drop: ".drop"
      case .keep: ".keep"
      case .keepAfter: ".keep.after"
      }
    }
  }
  package let form: Form
  package let items: [SyscallItem]

  package init(_ form: Form, _ items: [SyscallItem] = []) {
    self.form = form
    self.items = items
  }
}

/// What ends the first phase of a program.
package enum PhaseEvent: Hashable, Sendable {
  /// The program makes one of these calls, whatever becomes of it.
  case calls([SyscallItem])
  /// The program opens the file, by whatever name leads there without following links.
  case opened(Path)
  /// The launcher gets the signal; the program does not.
  case signal(Signal)

  package enum Signal: String, Hashable, Sendable, CaseIterable {
    case user1 = "SIGUSR1"
    case user2 = "SIGUSR2"

    /// `asm/signal.h`.
    package var number: Int32 { self == .user1 ? 10 : 12 }
  }
}

/// The list that holds once an event has come.
package struct SecondPhase: Hashable, Sendable {
  package let event: PhaseEvent
  package let list: SyscallList
}

/// What profiles and command line say about system calls.
package struct SyscallPolicy: Hashable, Sendable {
  /// Set by the planner where the program is not to make user namespaces.
  package var refusesUserNamespaces = false
  /// Set by the planner: the default list then leaves out what debuggers need.
  package var allowsDebuggers = false
  package var native: Setting<SyscallList>?
  /// `seccomp.32…`: for the 32-bit architecture instead of the native list.
  package var secondary: Setting<SyscallList>?
  /// What lists do not refuse, by the lines of `seccomp.allow`.
  package var allowed: [Setting<[SyscallItem]>] = []
  /// `seccomp.keep.after`.
  package var secondPhase: Setting<SecondPhase>?
  package var blocksSecondary: Origin?
  package var errorAction: Setting<FilterAction>?
  package var protocols = EditableList()
  package var denyWriteExecute: Origin?
  package var namespaces = EditableList()

  /// What holds once the event has come; nil where nothing changes.
  package var afterEvent: SyscallPolicy? {
    guard let secondPhase else { return nil }
    var policy = self
    policy.native = Setting(secondPhase.value.list, secondPhase.origin)
    policy.secondPhase = nil
    return policy
  }

  /// Takes a list unless a stronger one stands: the command line over a profile, then keep over
  /// drop over LIST over the default; of equals the later.
  package static func choose(
    _ list: SyscallList, _ origin: Origin, over current: inout Setting<SyscallList>?
  ) {
    if let current {
      let isOlderByHand = current.origin.isCommandLine && current.value.form != .standard
      let isNewerByHand = origin.isCommandLine && list.form != .standard
      if isOlderByHand != isNewerByHand {
        if isOlderByHand { return }
      } else if list.form.rawValue < current.value.form.rawValue {
        return
      }
    }
    current = Setting(list, origin)
  }
}

/// The address families that `protocol` knows, with their numbers (`linux/socket.h`).
package enum SocketFamily {
  package static let all: [(name: String, number: UInt32)] = [
    ("unix", 1), ("inet", 2), ("inet6", 10), ("netlink", 16), ("packet", 17), ("bluetooth", 31),
  ]
}

/// The namespaces that `restrict-namespaces` knows, with their clone flags (`linux/sched.h`).
package enum NamespaceKind {
  package static let all: [(name: String, flag: UInt32)] = [
    ("cgroup", 0x0200_0000), ("ipc", 0x0800_0000), ("mnt", 0x0002_0000), ("net", 0x4000_0000),
    ("pid", 0x2000_0000), ("time", 0x0000_0080), ("user", 0x1000_0000), ("uts", 0x0400_0000),
  ]
}
