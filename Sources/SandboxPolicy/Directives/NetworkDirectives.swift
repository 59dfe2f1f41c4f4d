internal import KernelTypes

let networkDirectives: [Directive] =
  [
    Directive(
      "net", .required("none"), in: .network,
      summary: "No network but a loopback device of its own",
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
        let path = try PathArgument.path(argument, macros: recorder.macros)
        recorder.askForView("hosts-file")
        recorder.set(path, &recorder.policy.files.hostsFile)
      }),
    Directive(
      "dns", .required("ADDRESS"), in: .network,
      summary: "Use the name server at ADDRESS, IPv4 or IPv6",
      discussion: """
        /etc/resolv.conf lists these servers alone; up to four lines count. Programs that ask \
        systemd-resolved by its socket do not read that file; with private-etc it must be among the files \
        that are left. Not together with writable-etc.
        """,
      example: "dns 9.9.9.9",
      record: { (recorder, argument) throws(DirectiveError) in
        guard NetworkAddress.isValid(argument) else {
          throw DirectiveError(
            "\"\(displayed(argument))\" is no address", hint: "write one as 9.9.9.9 or 2620:fe::fe")
        }
        recorder.askForView("dns")
        guard recorder.policy.files.nameServers.count < 4 else {
          recorder.policy.warnings.append(
            PolicyError(recorder.origin, "dns", "is the fifth, and left out"))
          return
        }
        recorder.policy.files.nameServers.append(Setting(Array(argument), recorder.origin))
      }),
    Directive(
      "hostname-randomize", in: .network,
      summary: "A random host name inside",
      discussion: "Of three syllables, another one at each start. Not together with hostname.",
      example: "hostname-randomize",
      record: { (recorder, _) throws(DirectiveError) in
        recorder.askForView("hostname-randomize")
        recorder.policy.files.randomHostName =
          recorder.policy.files.randomHostName ?? recorder.origin
      }),
    oldSpelling(
      "keep-hostname", in: .network, of: "nothing: it is the default",
      "Keep the host name (always, without hostname)"),
  ]
  + [("netfilter", Directive.Argument.optional("FILE")), ("netfilter6", .required("FILE"))].map {
    (name, argument) in
    Directive(
      name, argument, in: .network,
      support: .noEffect("there is no network of its own to filter, as in Firejail without net"),
      summary: "Filter packets of the sandbox's own network",
      discussion: """
        Has an effect together with a network device of the sandbox's own only, as in Firejail. Until \
        that is supported it has none; --debug says so.
        """,
      example: name == "netfilter" ? "netfilter" : "netfilter6 /etc/firejail/nolocal6.net")
  }
  + notYet(
    in: .network,
    [
      ("netlock", .optional("NAME|PID"), "Allow only the peers of the first minute"),
      ("ip", .required("ADDRESS"), "IPv4 address in the sandbox's own network"),
      ("ip6", .required("ADDRESS"), "IPv6 address in the sandbox's own network"),
      ("iprange", .required("FIRST,LAST"), "Range to take an address from"),
      ("netmask", .required("MASK"), "Network mask"),
      ("mac", .required("ADDRESS"), "Hardware address"),
      ("mtu", .required("NUMBER"), "Largest packet"),
      ("defaultgw", .required("ADDRESS"), "Default gateway"),
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
