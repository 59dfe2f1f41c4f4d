package import KernelTypes

/// The message buses: closed, or behind a proxy.
extension ViewPlan {
  /// A bus on this host.
  struct FoundBus {
    let bus: Bus
    /// The sockets that lead to it, links followed; the one that programs are told first.
    let sockets: [FoundFile]
    let origin: Origin
  }

  /// Puts the proxy's sockets in the places of the buses' own, before anything else of the view: the
  /// other rules then act on them as on the host's.
  mutating func addBuses(_ host: some HostView) throws(PolicyError) {
    var filtered: [FoundBus] = []
    for bus in Bus.allCases {
      guard let access = policy.buses.access[bus] else { continue }
      let found = try find(bus, access.origin, host)
      let isReachable = !found.sockets.isEmpty && host.root == nil
      if access.value == .none || !isReachable {
        closed += found.sockets.map { ($0.path, access.origin) }
      }
      guard access.value == .filtered else { continue }
      if !isReachable {
        missing.append(
          PolicyError(access.origin, "dbus-\(bus.rawValue)", "there is no bus here: none is used"))
      } else {
        filtered.append(found)
      }
    }
    for rule in policy.buses.rules where policy.buses.access[rule.bus] == nil {
      warnings.append(
        PolicyError(
          rule.origin, "dbus-\(rule.bus.rawValue).\(rule.verb.rawValue)",
          "has no effect: the \(rule.bus.rawValue) bus is open",
          hint: "add: dbus-\(rule.bus.rawValue) filter"))
    }
    guard let first = filtered.first else { return }
    guard let proxy = try helper("xdg-dbus-proxy", first.origin, host) else {
      closed += filtered.flatMap { bus in bus.sockets.map { ($0.path, bus.origin) } }
      warnings.append(
        PolicyError(
          first.origin, "dbus-\(first.bus.rawValue)",
          "there is no xdg-dbus-proxy: none is used instead of filter",
          hint: "install the package xdg-dbus-proxy"))
      return
    }
    try filter(filtered, by: proxy, host)
  }

  private mutating func filter(
    _ buses: [FoundBus], by proxy: Path, _ host: some HostView
  ) throws(PolicyError) {
    let place = try openExchange(buses[0].origin, host)
    let service = try service(proxy, buses, place, host)
    exchange?.services.append(service)
    for bus in buses {
      for socket in bus.sockets {
        add(.bind(source: place.appending(bus.bus.rawValue), .other, on: socket.path), bus.origin)
        shownSockets.append(
          WhitelistRule(path: socket.path, isDropped: false, origin: bus.origin))
      }
    }
  }

  /// The sockets of a bus: where its variable leads, and where it usually is.
  private func find(
    _ bus: Bus, _ origin: Origin, _ host: some HostView
  ) throws(PolicyError) -> FoundBus {
    var paths = [usualSocket(of: bus, host)]
    if let named = BusAddress(Self.variable(bus.variable, host)).path { paths.insert(named, at: 0) }
    var sockets: [FoundFile] = []
    for path in paths {
      if let found = try find(path, origin, host), found.kind == .other,
        !sockets.contains(where: { $0.path == found.path })
      {
        sockets.append(found)
      }
    }
    return FoundBus(bus: bus, sockets: sockets, origin: origin)
  }

  private func usualSocket(of bus: Bus, _ host: some HostView) -> Path {
    bus == .user ? Path("/run/user/\(host.uid)/bus") : "/run/dbus/system_bus_socket"
  }

  /// What programs are told of restricted buses. A closed one leads to its hidden socket: without the
  /// variable, libraries would look for a bus elsewhere, or start one.
  func busVariables(_ host: some HostView) -> [(name: String, value: [UInt8])] {
    Bus.allCases.filter { policy.buses.access[$0] != nil }.map { bus in
      let path =
        BusAddress(Self.variable(bus.variable, host)).path ?? usualSocket(of: bus, host)
      return (bus.variable, Array("unix:path=".utf8) + path.bytes)
    }
  }

  // MARK: The proxy

  private func service(
    _ proxy: Path, _ buses: [FoundBus], _ place: Path, _ host: some HostView
  ) throws(PolicyError) -> Service {
    let origin = buses[0].origin
    var arguments = [proxy.bytes, Array("--fd=\(Service.readiness)".utf8)]
    for bus in buses {
      arguments.append(Array("unix:path=".utf8) + bus.sockets[0].path.bytes)
      arguments.append(place.appending(bus.bus.rawValue).bytes)
      arguments.append(Array("--filter".utf8))
      if policy.buses.logged[bus.bus] != nil { arguments.append(Array("--log".utf8)) }
      for rule in policy.buses.rules where rule.bus == bus.bus {
        arguments.append(Array("--\(rule.verb.rawValue)=".utf8) + rule.value)
      }
    }
    let output: Service.Output =
      policy.buses.logged.isEmpty
      ? .nowhere : policy.buses.log.map { .file($0.value) } ?? .inherited
    let execute = Step(
      .execute(proxy, arguments: arguments, environment: [Array("PATH=/usr/bin:/bin".utf8)]), origin
    )
    let confinement = try confinement(
      place, reaching: buses.map { $0.sockets[0].path }, origin, host)
    return Service(name: "xdg-dbus-proxy", steps: confinement + [execute], output: output)
  }
}

/// The value of a bus variable (D-Bus specification, "Server addresses").
package struct BusAddress {
  /// The first socket file that it names.
  let path: Path?
  /// Whether it leads to an abstract socket.
  let isAbstract: Bool

  init(_ value: [UInt8]?) {
    var path: Path?
    var isAbstract = false
    for address in (value ?? []).split(separator: UInt8(ascii: ";")) {
      if address.starts(with: "unix:abstract=".utf8) { isAbstract = true }
      guard path == nil, address.starts(with: "unix:path=".utf8) else { continue }
      let text = Self.unescaped(
        address.dropFirst("unix:path=".utf8.count).prefix { $0 != UInt8(ascii: ",") })
      if text.first == UInt8(ascii: "/") { path = Path(text).normalized }
    }
    self.path = path
    self.isAbstract = isAbstract
  }

  /// The sockets of the host's buses: where the variables lead, and the usual places.
  package static func sockets(_ host: some HostView) -> [Path: Bus] {
    var sockets: [Path: Bus] = [
      Path("/run/user/\(host.uid)/bus"): .user, "/run/dbus/system_bus_socket": .system,
      "/var/run/dbus/system_bus_socket": .system,
    ]
    for bus in Bus.allCases {
      if let path = BusAddress(ViewPlan.variable(bus.variable, host)).path { sockets[path] = bus }
    }
    return sockets
  }

  private static func unescaped(_ text: ArraySlice<UInt8>) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = text
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2,
        let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        bytes.append(code)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return bytes
  }
}
