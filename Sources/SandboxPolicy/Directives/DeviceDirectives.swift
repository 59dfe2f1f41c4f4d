internal import KernelTypes

let deviceDirectives: [Directive] =
  [
    flag(
      .noSound, in: .devices, summary: "No sound",
      discussion: """
        Hides /dev/snd, the sockets of PulseAudio, PipeWire and JACK, and PulseAudio's files in the \
        home directory.
        """),
    flag(
      .no3D, in: .devices, summary: "No graphics acceleration",
      discussion: "Hides /dev/dri, /dev/kfd and /dev/nvidia*."),
    flag(.noDVD, in: .devices, summary: "No optical drives", discussion: "Hides /dev/sr*."),
    flag(.noTV, in: .devices, summary: "No television receivers", discussion: "Hides /dev/dvb."),
    flag(
      .noU2F, in: .devices, summary: "No security keys",
      discussion: "Hides /dev/hidraw* and /dev/usb."),
    flag(.noVideo, in: .devices, summary: "No cameras", discussion: "Hides /dev/video*."),
    flag(.noInput, in: .devices, summary: "No input devices", discussion: "Hides /dev/input."),
    flag(
      .noPrinters, in: .devices, summary: "No printers",
      discussion: "Hides /dev/lp* and the socket of CUPS, as by blacklist."),
    flag(
      .keepDevTpm, in: .devices, summary: "Leave the TPM usable",
      discussion: "Else /dev/tpm* and /dev/tcm* are hidden."),
    flag(
      .keepDevNtsync, in: .devices, summary: "Leave /dev/ntsync usable",
      discussion: "Else it is hidden."),
    flag(
      .machineID, in: .devices, summary: "A fresh random machine-id",
      discussion: "In /etc/machine-id and /var/lib/dbus/machine-id, another one at each start."),
  ]
  + notYet(
    in: .devices,
    [
      ("notpm", .none, "No TPM (old profiles; hidden by default)"),
      ("keep-config-pulse", .none, "Leave the PulseAudio configuration alone"),
      ("noautopulse", .none, "The old name of keep-config-pulse"),
    ])

let networkDirectives: [Directive] =
  [
    Directive(
      "net", .required("none"), in: .network,
      summary: "No network but the sandbox's own loopback device",
      discussion: """
        A new network namespace: nothing outside can be reached, neither by an address nor by an \
        abstract socket, and /run/systemd/resolve is hidden. Sockets that are files can be reached as \
        far as they are visible. A device in place of none is not supported yet.
        """,
      example: "net none",
      record: { (recorder, argument) throws(DirectiveError) in
        guard argument.elementsEqual("none".utf8) else {
          throw DirectiveError(
            "\"\(displayed(argument))\": a network through a device is not supported yet",
            hint: "write: net none")
        }
        recorder.raise(.netNone)
      }),
    Directive(
      "hostname", .required("NAME"), in: .network,
      summary: "Host name inside",
      discussion: "In /etc/hostname and /etc/hosts as well, where they exist. Same form as name.",
      example: "hostname kiosk",
      record: { (recorder, argument) throws(DirectiveError) in
        try checkName(argument)
        // The kernel's limit (uts(7)).
        guard argument.count <= 64 else { throw DirectiveError("is longer than 64 bytes") }
        recorder.askForView("hostname")
        recorder.set(Array(argument), &recorder.policy.files.hostName)
      }),
    Directive(
      "hosts-file", .required("FILE"), in: .network,
      summary: "Use FILE as /etc/hosts",
      discussion: "Read when the sandbox starts.",
      example: "hosts-file ${HOME}/hosts",
      record: { (recorder, argument) throws(DirectiveError) in
        let paths = try PathArgument.paths(
          argument, macros: recorder.macros, allowsGlob: false, allowsSearchPath: false)
        guard let path = paths.first else {
          throw DirectiveError("a directory of the user's is unknown here", hint: "write its path")
        }
        recorder.askForView("hosts-file")
        recorder.set(path.normalized, &recorder.policy.files.hostsFile)
      }),
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
      }),
  ]
  + notYet(
    in: .network,
    [
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
      ("hostname-randomize", .none, "A random host name inside"),
      ("keep-hostname", .none, "Keep the host name (the default)"),
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
  [
    Directive(
      "x11", .optional("none"), in: .display,
      summary: "No X server",
      discussion: """
        Hides the sockets and .Xauthority, and takes DISPLAY and XAUTHORITY out of the environment. An \
        abstract socket is kept out of reach by Landlock (version 6), or by net none. On an older kernel \
        the program is not started while there is such a socket; one that appears later can be reached. \
        A server of the sandbox's own is not supported yet.
        """,
      example: "x11 none",
      record: { (recorder, argument) throws(DirectiveError) in
        guard argument.elementsEqual("none".utf8) else {
          throw DirectiveError("a server of its own is not supported yet", hint: "write: x11 none")
        }
        recorder.raise(.x11None)
      })
  ]
  + notYet(
    in: .display,
    [
      ("xephyr-screen", .required("WIDTHxHEIGHT"), "Size of the Xephyr window")
    ])
  + notYet(
    in: .display, available: .commandLineOnly,
    [
      ("xephyr-extra-params", .required("TEXT"), "More options for Xephyr")
    ])
