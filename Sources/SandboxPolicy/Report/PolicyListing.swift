internal import KernelTypes

/// One rule that is in force, as a profile would say it, and where it was said.
package struct PolicyLine: Hashable, Sendable {
  package let directive: String
  /// Empty for a word alone.
  package let value: String
  package let origin: Origin

  fileprivate init(_ directive: String, _ value: String, _ origin: Origin) {
    self.directive = directive
    self.value = value
    self.origin = origin
  }

  package var text: String {
    directive + (value.isEmpty ? "" : " " + value) + "    [\(origin)]"
  }
}

extension Policy {
  /// What counts after all files and options were read: settings that others replaced are not there,
  /// groups are written out, macros are replaced.
  package var listing: [PolicyLine] {
    sessionLines + files.listing + buses.listing + display.listing + landlock.listing
      + syscalls.listing
      + identityLines + limits.listing + environment.listing + descriptors.listing
  }

  private var sessionLines: [PolicyLine] {
    word("filter-only", filterOnly) + setting("name", name) { $0 }
      + word("allow-debuggers", allowsDebuggers) + word("allow-bwrap", allowsNesting)
  }

  private var identityLines: [PolicyLine] {
    setting("apparmor", appArmor.profile) { $0 }
      + setting(
        "apparmor-" + (appArmor.replaces?.value ?? false ? "replace" : "stack"), appArmor.replaces
      ) { _ in "" }
      + word("appimage", appImage) + word("nogroups", noGroups) + word("noroot", noRoot)
      + capabilityLines
  }

  private var capabilityLines: [PolicyLine] {
    guard let capabilities else { return [] }
    let names = { (list: [Capability]) in list.map { $0.name }.joined(separator: ",") }
    switch capabilities.value {
    case .dropAll: return [PolicyLine("caps.drop", "all", capabilities.origin)]
    case .drop(let list): return [PolicyLine("caps.drop", names(list), capabilities.origin)]
    case .keep(let list): return [PolicyLine("caps.keep", names(list), capabilities.origin)]
    }
  }
}

private func word(_ directive: String, _ origin: Origin?) -> [PolicyLine] {
  origin.map { [PolicyLine(directive, "", $0)] } ?? []
}

private func setting<Value>(
  _ directive: String, _ setting: Setting<Value>?, _ text: (Value) -> String
) -> [PolicyLine] {
  setting.map { [PolicyLine(directive, text($0.value), $0.origin)] } ?? []
}

private func list(_ directive: String, _ list: EditableList) -> [PolicyLine] {
  list.origin.map { [PolicyLine(directive, list.items.joined(separator: ","), $0)] } ?? []
}

extension FilePolicy {
  fileprivate var listing: [PolicyLine] {
    setting("chroot", root) { "\($0)" } + layerLines
      + setting("private", home) { $0.map { "\($0)" } ?? "" }
      + setting("private-cwd", workingDirectory) { $0.map { "\($0)" } ?? "" }
      + flagLines
      + PrivateList.allCases.compactMap { kind in
        lists[kind].map { list in
          PolicyLine(kind.rawValue, list.items.map(displayed).joined(separator: ","), list.origin)
        }
      }
      + setting("hostname", hostName, displayed) + word("hostname-randomize", randomHostName)
      + setting("hosts-file", hostsFile) { "\($0)" }
      + nameServers.map { PolicyLine("dns", displayed($0.value), $0.origin) }
      + made.map {
        PolicyLine($0.kind == .directory ? "mkdir" : "mkfile", "\($0.path)", $0.origin)
      }
      + whitelists.map {
        PolicyLine($0.isDropped ? "nowhitelist" : "whitelist", "\($0.path)", $0.origin)
      } + rulesInOrder.map(line)
  }

  private var layerLines: [PolicyLine] {
    guard let overlay else { return [] }
    switch overlay.value {
    case .inMemory: return word("overlay-tmpfs", overlay.origin)
    case .kept(nil): return word("overlay", overlay.origin)
    case .kept(let name?): return [PolicyLine("overlay-named", name, overlay.origin)]
    }
  }

  private var flagLines: [PolicyLine] {
    ViewFlag.allCases.compactMap { flag in
      flags[flag].map { origin in
        PolicyLine(flag.rawValue, flag == .netNone || flag == .x11None ? "none" : "", origin)
      }
    }
  }

  private func line(_ rule: PathRule) -> PolicyLine {
    var value = "\(rule.pattern)"
    if case .bind(let source) = rule.verb { value = "\(source)," + value }
    return PolicyLine(rule.verb.name, value, rule.origin)
  }
}

extension BusPolicy {
  fileprivate var listing: [PolicyLine] {
    Bus.allCases.flatMap { bus in
      setting("dbus-\(bus.rawValue)", access[bus]) { $0 == .filtered ? "filter" : "none" }
        + word("dbus-\(bus.rawValue).log", logged[bus])
    }
      + rules.map {
        PolicyLine("dbus-\($0.bus.rawValue).\($0.verb.rawValue)", displayed($0.value), $0.origin)
      } + setting("dbus-log", log) { "\($0)" }
  }
}

extension DisplayPolicy {
  fileprivate var listing: [PolicyLine] {
    setting("x11", server) { $0.rawValue } + setting("xephyr-screen", screen) { $0 }
      + setting("xephyr-extra-params", moreWords) {
        $0.map(displayed).joined(separator: " ")
      }
  }
}

extension LandlockPolicy {
  fileprivate var listing: [PolicyLine] {
    word("landlock.enforce", enforced)
      + rules.flatMap { rule in
        rule.rights.names.map { PolicyLine("landlock.fs." + $0, "\(rule.path)", rule.origin) }
      }
  }
}

extension SyscallPolicy {
  fileprivate var listing: [PolicyLine] {
    let lists = [("seccomp", native), ("seccomp.32", secondary)].compactMap { name, list in
      list.map { PolicyLine(name + $0.value.form.suffix, Self.text($0.value), $0.origin) }
    }
    let allowances = allowed.map {
      PolicyLine("seccomp.allow", Self.text(SyscallList(.keep, $0.value)), $0.origin)
    }
    let phase = secondPhase.map {
      PolicyLine(
        "seccomp.keep.after", "\($0.value.event.text) \(Self.text($0.value.list))", $0.origin)
    }
    return lists + [phase].compactMap { $0 } + allowances
      + word("seccomp.block-secondary", blocksSecondary)
      + setting("seccomp-error-action", errorAction, { $0.word })
      + list("protocol", protocols) + word("memory-deny-write-execute", denyWriteExecute)
      + list("restrict-namespaces", namespaces)
  }

  private static func text(_ list: SyscallList) -> String {
    list.items.map { $0.text }.joined(separator: ",")
  }
}

extension SyscallItem {
  fileprivate var text: String {
    let name =
      switch call {
      case .named(let name): name
      case .numbered(let number): "$\(number)"
      }
    return (isException ? "!" : "") + name + (condition.map { "(\($0.text))" } ?? "")
      + (action.map { ":" + $0.word } ?? "")
  }
}

extension PhaseEvent {
  /// As a profile has it.
  package var text: String {
    switch self {
    case .calls(let items): items.map { $0.text }.joined(separator: ",")
    case .opened(let path): path.description
    case .signal(let signal): signal.rawValue
    }
  }
}

extension LimitPolicy {
  fileprivate var listing: [PolicyLine] {
    Resource.allCases.flatMap { resource in
      setting("rlimit-" + resource.rawValue, resources[resource]) { String($0) }
    } + setting("nice", nice) { String($0) }
      + setting("cpu", processors) { $0.map(String.init).joined(separator: ",") }
      + setting("timeout", timeout) { seconds in
        [seconds / 3600, seconds / 60 % 60, seconds % 60]
          .map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
      }
  }
}

extension EnvironmentPolicy {
  fileprivate var listing: [PolicyLine] {
    edits.map { edit in
      switch edit.value {
      case .set(let name, let value):
        PolicyLine("env", displayed(name) + "=" + displayed(value), edit.origin)
      case .remove(let name): PolicyLine("rmenv", displayed(name), edit.origin)
      }
    }
  }
}

extension DescriptorPolicy {
  fileprivate var listing: [PolicyLine] {
    keepsAll.map { [PolicyLine("keep-fd", "all", $0)] } ?? list("keep-fd", kept)
  }
}
