internal import KernelTypes

let busDirectives: [Directive] =
  Bus.allCases.flatMap { bus in
    [accessDirective(bus)] + BusPolicy.Rule.Verb.allCases.map { ruleDirective(bus, $0) }
      + [logDirective(bus)]
  } + [
    Directive(
      "nodbus", in: .buses,
      summary: "Close both buses (the old spelling)",
      discussion: "As dbus-user none and dbus-system none, with a warning.",
      example: "nodbus",
      record: { (recorder, _) throws(DirectiveError) in
        recorder.warnOldSpelling("nodbus", "write: dbus-user none, dbus-system none")
        for bus in Bus.allCases { record(.none, of: bus, "nodbus", &recorder) }
      }),
    Directive(
      "dbus-log", .required("FILE"), in: .buses, .commandLineOnly,
      summary: "Where the proxy writes what passes",
      discussion: "FILE is replaced. Without it, that goes to standard output.",
      example: "--dbus-log=bus.log",
      record: { (recorder, argument) throws(DirectiveError) in
        recorder.set(Path(argument), &recorder.policy.buses.log)
      }),
  ]

private func accessDirective(_ bus: Bus) -> Directive {
  let socket = bus == .user ? "/run/user/UID/bus" : "/run/dbus/system_bus_socket"
  return Directive(
    "dbus-\(bus.rawValue)", .required("filter|none"), in: .buses,
    summary: "Restrict access to the \(bus.rawValue) bus",
    discussion: """
      none: its socket (what \(bus.variable) names, and \(socket)) is hidden, and the variable \
      leads nowhere. filter: in the socket's place is that of xdg-dbus-proxy(1), which lets pass what \
      the rules name and hides every other name; it runs outside, confined itself, and ends with the \
      sandbox. Without a proxy, filter means none, with a warning, and never open (as Firejail's does); \
      without a bus there is nothing to reach, and --debug says so. A later filter does not relax none. Without either line the bus is open.
      """,
    example: "dbus-\(bus.rawValue) filter",
    record: { (recorder, argument) throws(DirectiveError) in
      switch String(decoding: argument, as: UTF8.self) {
      case "none": record(.none, of: bus, "dbus-\(bus.rawValue)", &recorder)
      case "filter": record(.filtered, of: bus, "dbus-\(bus.rawValue)", &recorder)
      default:
        throw DirectiveError(
          "\"\(displayed(argument))\" is no way to restrict a bus", hint: "write filter or none")
      }
    })
}

private func record(
  _ access: BusPolicy.Access, of bus: Bus, _ directive: String, _ recorder: inout Recorder
) {
  recorder.askForView(directive)
  guard !recorder.policy.buses.choose(access, for: bus, recorder.origin) else { return }
  recorder.policy.notes.append(
    PolicyNote(
      directive: directive, reason: "an earlier none stays in force", origin: recorder.origin))
}

private func ruleDirective(_ bus: Bus, _ verb: BusPolicy.Rule.Verb) -> Directive {
  let takesRule = verb == .call || verb == .broadcast
  let summary =
    switch verb {
    case .talk: "Allow calling NAME and hearing it"
    case .own: "Allow owning NAME"
    case .see: "Show that NAME is there"
    case .call: "Allow these calls to NAME"
    case .broadcast: "Let these signals of NAME through"
    }
  return Directive(
    "dbus-\(bus.rawValue).\(verb.rawValue)", .required(takesRule ? "NAME=RULE" : "NAME"),
    in: .buses,
    summary: "\(summary) (\(bus.rawValue) bus, filter)",
    discussion: takesRule
      ? "RULE is [INTERFACE[.METHOD]][@PATH]; a * may end the method and the path. NAME as in talk."
      : "NAME may end in .*, which means the name without it and all names below.",
    example: "dbus-\(bus.rawValue).\(verb.rawValue) org.example.Name"
      + (takesRule ? "=org.example.Interface.*@/org/example/*" : ""),
    record: { (recorder, argument) throws(DirectiveError) in
      let name = takesRule ? argument.prefix { $0 != UInt8(ascii: "=") } : argument
      try checkBusName(name)
      if takesRule {
        guard name.endIndex < argument.endIndex else {
          throw DirectiveError("needs NAME=RULE", hint: "NAME=* for everything")
        }
        try checkBusRule(argument[(name.endIndex + 1)...])
      }
      recorder.policy.buses.rules.append(
        BusPolicy.Rule(bus: bus, verb: verb, value: Array(argument), origin: recorder.origin))
    })
}

private func logDirective(_ bus: Bus) -> Directive {
  Directive(
    "dbus-\(bus.rawValue).log", in: .buses, .commandLineOnly,
    summary: "Write down what passes the \(bus.rawValue) bus",
    discussion: "With filter only. See --dbus-log for where it goes.",
    example: "--dbus-\(bus.rawValue).log",
    record: { (recorder, _) throws(DirectiveError) in
      recorder.policy.buses.logged[bus] = recorder.origin
    })
}

/// A well-known name (D-Bus specification, "Bus names"), or one that ends in `.*`.
private func checkBusName(_ name: ArraySlice<UInt8>) throws(DirectiveError) {
  let isPattern = name.suffix(2).elementsEqual(".*".utf8)
  let parts = (isPattern ? name.dropLast(2) : name)
    .split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
  let isValid = parts.allSatisfy { part in
    guard let first = part.first, !isBusDigit(first) else { return false }
    return part.allSatisfy(isBusLetter)
  }
  guard isValid, name.count <= 255, parts.count > 1 || isPattern else {
    throw DirectiveError(
      "\"\(displayed(name))\" is no name on a bus",
      hint: "write it as org.example.Name, or org.example.* for all below")
  }
}

/// `[INTERFACE[.METHOD]][@PATH]`, or `*`.
private func checkBusRule(_ rule: ArraySlice<UInt8>) throws(DirectiveError) {
  let method = rule.prefix { $0 != UInt8(ascii: "@") }
  let path = rule.dropFirst(method.count + 1)
  let isPlain = { (text: ArraySlice<UInt8>, extra: String) in
    (text.last == UInt8(ascii: "*") ? text.dropLast() : text).allSatisfy {
      isBusLetter($0) || extra.utf8.contains($0)
    }
  }
  guard isPlain(method, "."), isPlain(path, "/"),
    method.endIndex == rule.endIndex || path.first == UInt8(ascii: "/")
  else {
    throw DirectiveError(
      "\"\(displayed(rule))\" is no rule for calls",
      hint: "write it as org.example.Interface.Method@/org/example/path")
  }
}

private func isBusDigit(_ byte: UInt8) -> Bool {
  (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
}

private func isBusLetter(_ byte: UInt8) -> Bool {
  isBusDigit(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
    || (byte < 0x80 && UnicodeScalar(byte).properties.isAlphabetic)
}
