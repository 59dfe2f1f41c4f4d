let deviceDirectives: [Directive] = notYet(
  in: .devices,
  [
    ("nosound", .none, "No sound"),
    ("no3d", .none, "No graphics acceleration"),
    ("nodvd", .none, "No optical drives"),
    ("notv", .none, "No television receivers"),
    ("nou2f", .none, "No security keys"),
    ("novideo", .none, "No cameras"),
    ("noinput", .none, "No input devices"),
    ("noprinters", .none, "No printers"),
    ("notpm", .none, "No TPM (old profiles; hidden by default)"),
    ("keep-dev-tpm", .none, "Leave the TPM usable"),
    ("keep-dev-ntsync", .none, "Leave /dev/ntsync usable"),
    ("keep-config-pulse", .none, "Leave the PulseAudio configuration alone"),
    ("noautopulse", .none, "The old name of keep-config-pulse"),
    ("machine-id", .none, "A fresh random machine-id"),
  ])

let networkDirectives: [Directive] =
  [
    Directive(
      "netfilter", .optional("FILE"), in: .network,
      support: .noEffect("there is no network of its own to filter, as in Firejail without net"),
      summary: "Filter packets of the sandbox's own network",
      discussion: """
        Has an effect together with a network of the sandbox's own only, as in Firejail. Until that \
        is supported it has none; --debug says so. With FILE it is refused.
        """,
      example: "netfilter",
      record: { (recorder, argument) throws(DirectiveError) in
        guard argument.isEmpty else {
          throw DirectiveError("with a file: not supported yet", hint: "leave the file out")
        }
      })
  ]
  + notYet(
    in: .network,
    [
      ("net", .required("none|DEVICE"), "No network, or one of the sandbox's own"),
      ("netfilter6", .required("FILE"), "IPv6 packet filter of the sandbox's own network"),
      ("netlock", .optional("NAME|PID"), "Allow only the peers of the first minute"),
      ("ip", .required("ADDRESS"), "IPv4 address in the sandbox's own network"),
      ("ip6", .required("ADDRESS"), "IPv6 address in the sandbox's own network"),
      ("iprange", .required("FIRST,LAST"), "Range to take an address from"),
      ("netmask", .required("MASK"), "Network mask"),
      ("mac", .required("ADDRESS"), "Hardware address"),
      ("mtu", .required("NUMBER"), "Largest packet"),
      ("defaultgw", .required("ADDRESS"), "Default gateway"),
      ("dns", .required("ADDRESS"), "Name server"),
      ("hostname", .required("NAME"), "Host name inside"),
      ("hostname-randomize", .none, "A random host name inside"),
      ("keep-hostname", .none, "Keep the host name (the default)"),
      ("hosts-file", .required("FILE"), "Use FILE as /etc/hosts"),
    ]) + [
    Directive(
      "netns", .required("NAME"), in: .network,
      support: .impossible(
        "a named network namespace belongs to root", instead: "start it inside by: ip netns exec"),
      summary: "Run in a named network namespace of root's"),
    Directive(
      "veth-name", .required("NAME"), in: .network,
      support: .impossible(
        "the host's end of a network pair belongs to root", instead: "leave the line out"),
      summary: "Name the host's end of a network pair"),
    Directive(
      "interface", .required("DEVICE"), in: .network, .commandLineOnly,
      support: .impossible(
        "a device of the host can't be moved", instead: "leave the option out"),
      summary: "Move a network device of the host into the sandbox"),
  ]
  + notYet(
    in: .network, available: .commandLineOnly,
    [
      ("scan", .none, "Scan the sandbox's own network"),
      ("tunnel", .none, "Connect through a tunnel"),
      ("bandwidth", .required("NAME|PID"), "Limit the bandwidth of a running sandbox"),
    ])

let busDirectives: [Directive] =
  ["user", "system"].flatMap { bus in
    notYet(
      in: .buses,
      [
        ("dbus-\(bus)", .required("filter|none"), "Filter the \(bus) bus, or close it"),
        ("dbus-\(bus).talk", .required("NAME"), "Allow talking to NAME on the \(bus) bus"),
        ("dbus-\(bus).own", .required("NAME"), "Allow owning NAME on the \(bus) bus"),
        ("dbus-\(bus).see", .required("NAME"), "Show NAME on the \(bus) bus"),
        ("dbus-\(bus).call", .required("NAME=RULE"), "Allow these calls on the \(bus) bus"),
        ("dbus-\(bus).broadcast", .required("NAME=RULE"), "Allow these signals on the \(bus) bus"),
      ])
      + notYet(
        in: .buses, available: .commandLineOnly,
        [
          ("dbus-\(bus).log", .none, "Log what passes the \(bus) bus")
        ])
  } + notYet(in: .buses, [("nodbus", .none, "Close both buses (old profiles)")])
  + notYet(
    in: .buses, available: .commandLineOnly, [("dbus-log", .required("FILE"), "Where to log")])

let displayDirectives: [Directive] =
  notYet(
    in: .display,
    [
      ("x11", .optional("none|xephyr|xorg|xpra|xvfb"), "Close X11, or use a server of its own"),
      ("xephyr-screen", .required("WIDTHxHEIGHT"), "Size of the Xephyr window"),
    ])
  + notYet(
    in: .display, available: .commandLineOnly,
    [
      ("xephyr-extra-params", .required("TEXT"), "More options for Xephyr")
    ])
