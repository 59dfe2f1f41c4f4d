internal import KernelTypes

private func recordCapabilities(
  _ policy: CapabilityPolicy, _ recorder: inout Recorder
) {
  if let current = recorder.policy.capabilities {
    let isByHand = recorder.origin.isCommandLine
    if current.origin.isCommandLine != isByHand {
      if !isByHand { return }
    } else if policy.rank < current.value.rank {
      return
    }
  }
  recorder.policy.capabilities = Setting(policy, recorder.origin)
}

private func list(_ argument: ArraySlice<UInt8>) throws(DirectiveError) -> [Capability] {
  var capabilities: [Capability] = []
  for part in argument.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
    guard let capability = Capability(named: String(decoding: part, as: UTF8.self)) else {
      throw DirectiveError(
        "no capability is called \"\(displayed(part))\"",
        hint: suggestion(for: String(decoding: part, as: UTF8.self), in: Capability.names))
    }
    capabilities.append(capability)
  }
  return capabilities
}

let capabilityDirectives: [Directive] =
  [
    Directive(
      "caps", in: .capabilities,
      summary: "Drop the capabilities that few programs need",
      discussion: """
        Dropped: sys_module, sys_rawio, sys_boot, sys_nice, sys_tty_config, syslog, mknod, sys_admin. \
        Of several forms, caps.drop all counts over caps.drop, that over caps.keep, that over caps. \
        Without any of them, all capabilities are dropped. A program of an ordinary user has none in \
        any case; the forms decide what stands in its bounding set.
        """,
      example: "caps",
      record: { (recorder, _) throws(DirectiveError) in
        recordCapabilities(.defaultDrop, &recorder)
      }),
    Directive(
      "caps.drop", .required("all|LIST"), in: .capabilities,
      summary: "Drop all capabilities, or these",
      example: "caps.drop all",
      record: { (recorder, argument) throws(DirectiveError) in
        let isAll = argument.elementsEqual("all".utf8)
        recordCapabilities(isAll ? .dropAll : .drop(try list(argument)), &recorder)
      }),
    Directive(
      "caps.keep", .required("LIST"), in: .capabilities,
      summary: "Drop all capabilities but these",
      discussion: """
        Started by root, the program has these and no others. Started by an ordinary user it has \
        none; they stay in its bounding set alone.
        """,
      example: "caps.keep net_bind_service,setuid,setgid",
      record: { (recorder, argument) throws(DirectiveError) in
        recordCapabilities(.keep(try list(argument)), &recorder)
      }),
    Directive(
      "nonewprivs", in: .capabilities,
      summary: "Never gain privileges from a program file (always on)",
      discussion: "no_new_privs is set in every sandbox; the line documents it.",
      example: "nonewprivs",
      record: { (recorder, _) throws(DirectiveError) in
        recorder.policy.notes.append(
          PolicyNote(
            directive: "nonewprivs", reason: "in force in every sandbox", origin: recorder.origin))
      }),
    Directive(
      "noroot", in: .capabilities,
      summary: "No root user inside",
      discussion: """
        In a sandbox with a view, only the caller's user and group exist: other owners show as \
        nobody, and no set-user-ID program gains anything. With filter-only there is no user \
        namespace; no-new-privileges alone then keeps root out of reach. Started by root it has no \
        effect, with a warning.
        """,
      example: "noroot",
      record: { (recorder, _) throws(DirectiveError) in
        recorder.policy.noRoot = recorder.policy.noRoot ?? recorder.origin
      }),
    Directive(
      "nogroups", in: .capabilities,
      summary: "Drop supplementary groups (optional: only root can)",
      discussion: """
        Started by root, setgroups(2) empties the list. An ordinary user's groups stay, because the \
        kernel refuses that call to one; the receipt and --debug name them. Inside they show as nogroup \
        and still open what they guard: private-dev and the no* words hide that.
        """,
      example: "nogroups",
      record: { (recorder, _) throws(DirectiveError) in
        recorder.policy.noGroups = recorder.policy.noGroups ?? recorder.origin
      }),
  ]
  + appArmorDirectives

private let appArmorDirectives: [Directive] = [
  Directive(
    "apparmor", .optional("NAME"), in: .capabilities,
    summary: "Confine by an AppArmor profile as well (optional)",
    discussion: """
      The profile NAME, or firejail-default, is stacked on the one in force. It must have been \
      loaded by root; where it was not, or the kernel has no AppArmor, the rest holds and the receipt \
      and --debug say that it is missing.
      """,
    example: "apparmor",
    record: { (recorder, argument) throws(DirectiveError) in
      guard argument.allSatisfy({ $0 > 0x20 && $0 != UInt8(ascii: "/") || $0 >= 0x80 }) else {
        throw DirectiveError("\"\(displayed(argument))\" is no name of a profile")
      }
      let name =
        argument.isEmpty
        ? AppArmorPolicy.standardProfile : String(decoding: argument, as: UTF8.self)
      recorder.set(name, &recorder.policy.appArmor.profile)
    }),
  Directive(
    "apparmor-replace", in: .capabilities,
    summary: "Switch to the AppArmor profile instead of stacking it",
    discussion: "It may allow what the profile in force before did not.",
    example: "apparmor-replace",
    record: { (recorder, _) throws(DirectiveError) in
      recorder.set(true, &recorder.policy.appArmor.replaces)
    }),
  Directive(
    "apparmor-stack", in: .capabilities, .profileOnly,
    summary: "Stack the AppArmor profile after all (the default)",
    discussion: "Undoes an earlier apparmor-replace.",
    example: "apparmor-stack",
    record: { (recorder, _) throws(DirectiveError) in
      recorder.set(false, &recorder.policy.appArmor.replaces)
    }),
]
