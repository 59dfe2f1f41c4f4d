package import KernelTypes

/// A value that was set once, and where.
package struct Setting<Value: Hashable & Sendable>: Hashable, Sendable {
  package let value: Value
  package let origin: Origin

  package init(_ value: Value, _ origin: Origin) {
    self.value = value
    self.origin = origin
  }
}

/// What the user meant: every rule with its place, no path resolved, nothing in order of execution.
package struct Policy: Hashable, Sendable {
  package var name: Setting<String>?
  /// `join-or-start`: the program joins the sandbox of that name where there is one.
  package var joinsRunning: Origin?
  package var isQuiet = false
  /// `filter-only`: no view of any kind, the launcher becomes the program.
  package var filterOnly: Origin?
  /// `nogroups`, where it was asked for.
  package var noGroups: Origin?
  /// `noroot`, where it was asked for.
  package var noRoot: Origin?
  package var files = FilePolicy()
  package var buses = BusPolicy()
  package var display = DisplayPolicy()
  package var landlock = LandlockPolicy()
  package var appArmor = AppArmorPolicy()
  /// `allow-debuggers`, where it was asked for.
  package var allowsDebuggers: Origin?
  /// `appimage`, where it was asked for.
  package var appImage: Origin?
  /// `allow-bwrap`, where it was asked for.
  package var allowsNesting: Origin?
  package var syscalls = SyscallPolicy()
  package var capabilities: Setting<CapabilityPolicy>?
  package var limits = LimitPolicy()
  package var environment = EnvironmentPolicy()
  package var descriptors = DescriptorPolicy()
  /// What was accepted without an effect of its own, for `--debug` and the receipt.
  package var notes: [PolicyNote] = []
  package var warnings: [PolicyError] = []

  package init() {}
}

/// What `landlock.*` allow once they are enforced.
package struct LandlockPolicy: Hashable, Sendable {
  package struct Rule: Hashable, Sendable {
    package let path: Path
    package let rights: FileRights
    package let origin: Origin
  }
  package var rules: [Rule] = []
  package var enforced: Origin?
}

/// The AppArmor profile to run under.
package struct AppArmorPolicy: Hashable, Sendable {
  /// What `apparmor` alone means.
  package static let standardProfile = "firejail-default"

  package var profile: Setting<String>?
  /// Instead of the profile in force before, not on top of it.
  package var replaces: Setting<Bool>?
}

/// A directive that is accepted and does nothing here, with the reason.
package struct PolicyNote: Hashable, Sendable {
  package let directive: String
  package let reason: String
  package let origin: Origin
}

/// Which capabilities the program could ever have.
package enum CapabilityPolicy: Hashable, Sendable {
  case dropAll
  case drop([Capability])
  case keep([Capability])

  /// Firejail's `caps`: the powers over the machine that few programs need.
  package static let defaultDrop = CapabilityPolicy.drop(
    [
      "sys_module", "sys_rawio", "sys_boot", "sys_nice", "sys_tty_config", "syslog", "mknod",
      "sys_admin",
    ].compactMap(Capability.init(named:)))

  /// What remains, lowest number first.
  package var kept: [Capability] {
    switch self {
    case .dropAll: []
    case .drop(let dropped): Capability.all.filter { !dropped.contains($0) }
    case .keep(let kept): kept.sorted()
    }
  }

  /// The directive's name.
  package var directive: String {
    if case .keep = self { "caps.keep" } else { "caps.drop" }
  }

  /// Where several forms are given, the one with the higher rank counts.
  var rank: Int {
    switch self {
    case .dropAll: 3
    case .drop(let dropped): Self.drop(dropped) == Self.defaultDrop ? 0 : 2
    case .keep: 1
    }
  }
}

package struct LimitPolicy: Hashable, Sendable {
  package var resources: [Resource: Setting<UInt64>] = [:]
  package var nice: Setting<Int32>?
  /// Processors by number.
  package var processors: Setting<[Int]>?
  /// In seconds.
  package var timeout: Setting<Int>?
}

package struct EnvironmentPolicy: Hashable, Sendable {
  package enum Edit: Hashable, Sendable {
    case set(name: [UInt8], value: [UInt8])
    case remove(name: [UInt8])
  }
  package var edits: [Setting<Edit>] = []

  package init() {}

  /// The profile's edits, then those of the command line: the later one wins.
  package func applied(to environment: [[UInt8]]) -> [[UInt8]] {
    var variables = environment
    let ordered =
      edits.filter { !$0.origin.isCommandLine } + edits.filter { $0.origin.isCommandLine }
    for edit in ordered {
      switch edit.value {
      case .set(let name, let value):
        let entry = name + [UInt8(ascii: "=")] + value
        if let index = variables.firstIndex(where: { Self.name(of: $0).elementsEqual(name) }) {
          variables[index] = entry
        } else {
          variables.append(entry)
        }
      case .remove(let name):
        variables.removeAll { Self.name(of: $0).elementsEqual(name) }
      }
    }
    return variables
  }

  private static func name(of entry: [UInt8]) -> ArraySlice<UInt8> {
    entry.prefix { $0 != UInt8(ascii: "=") }
  }
}

/// The descriptors above 2 that the program inherits.
package struct DescriptorPolicy: Hashable, Sendable {
  package var keepsAll: Origin?
  package var kept = EditableList()
}
