internal import KernelTypes

/// A display of the sandbox's own.
extension ViewPlan {
  private static let sockets: Path = "/tmp/.X11-unix"
  /// Far from those of the host: clients may try its abstract socket first.
  private static let number = 100

  mutating func addDisplay(_ host: some HostView) throws(PolicyError) {
    guard let server = policy.display.server, !files.has(.x11None) else { return }
    let origin = server.origin
    guard host.root == nil else {
      throw PolicyError(
        origin, "x11", "\(server.value.rawValue) can't be had together with chroot",
        hint: "leave one of them out")
    }
    if server.value == .xorg { return try addUntrustedAccess(origin, host) }
    guard let directory = try find(Self.sockets, origin, host), directory.path == Self.sockets
    else {
      throw PolicyError(
        origin, "x11", "there is no \(Self.sockets)", hint: "make it: mkdir -m 1777 \(Self.sockets)"
      )
    }
    let name = server.value == .xvfb ? "Xvfb" : "Xephyr"
    let program = try displayHelper(name, origin, host)
    let place = try openExchange(origin, host)
    let own = place.appending("display")
    var preparation: [Operation] = [.makeHostDirectory(own.appending(".X11-unix"))]
    var environment = [Array("PATH=/usr/bin:/bin".utf8)]
    if server.value == .xephyr {
      let (number, socket) = try presentDisplay(origin, host)
      let seen = own.appending(".X11-unix/X\(number)")
      preparation += [.makeHostFile(seen), .bind(source: socket.path, .other, on: seen)]
      environment.append(Array("DISPLAY=:\(number)".utf8))
      let cookies = authority(host)
      if let found = try find(cookies, origin, host), found.kind == .regular {
        let copy = own.appending(".present-cookies")
        preparation += [.makeHostFile(copy), .bind(source: found.path, .regular, on: copy)]
        environment.append(Array("XAUTHORITY=/tmp/.present-cookies".utf8))
      }
    }
    // Its lock and its socket lie in /tmp, which is its part of the exchange.
    // Started by root it compiles its keymap there.
    let keymaps = host.uid == 0 ? try find("/var/lib/xkb", origin, host) : nil
    let steps = try confinement(
      place, preparation: preparation, temporary: own, scratch: [keymaps].compactMap { $0?.path },
      compilesCode: true, origin, host)
    let execute = Operation.execute(
      program, arguments: arguments(program, server.value), environment: environment)
    exchange?.services.append(
      Service(name: name, steps: steps + [Step(execute, origin)], output: .nowhere, isSilent: true))
    add(.bind(source: own.appending(".X11-unix"), .directory, on: Self.sockets), origin)
  }

  private func arguments(_ program: Path, _ server: DisplayServer) -> [[UInt8]] {
    let size = policy.display.screen?.value ?? "1024x768"
    let screen = server == .xvfb ? ["-screen", "0", size + "x24"] : ["-screen", size]
    let words =
      [":\(Self.number)", "-displayfd", "\(Service.readiness)", "-nolisten", "tcp"] + screen
    return [program.bytes] + words.map { Array($0.utf8) }
      + (server == .xephyr ? policy.display.moreWords?.value ?? [] : [])
  }

  private func displayHelper(
    _ name: String, _ origin: Origin, _ host: some HostView
  ) throws(PolicyError) -> Path {
    if let path = try helper(name, origin, host) { return path }
    throw PolicyError(
      origin, "x11", "there is no \(name) in /usr/bin and /usr/local/bin",
      hint: "install it, or write x11 none")
  }

  /// The display that DISPLAY names on this machine.
  private func presentDisplay(
    _ origin: Origin, _ host: some HostView
  ) throws(PolicyError) -> (number: Int, socket: FoundFile) {
    let value = String(decoding: Self.variable("DISPLAY", host) ?? [], as: UTF8.self)
    guard value.hasPrefix(":"), let number = Int(value.dropFirst().prefix { $0 != "." }),
      number != Self.number,
      let socket = try find(Self.sockets.appending("X\(number)"), origin, host)
    else {
      throw PolicyError(
        origin, "x11",
        "there is no present display: DISPLAY is \"\(displayed(Array(value.utf8)))\"",
        hint: "set it to one of this machine, as :0, or write x11 xvfb")
    }
    return (number, socket)
  }

  /// Where the cookies of displays are (`Xsecurity(7)`).
  private func authority(_ host: some HostView) -> Path {
    Self.variable("XAUTHORITY", host).map { Path($0).normalized } ?? home.appending(".Xauthority")
  }

  /// `x11 xorg`: in the place of the user's cookies, one that the server does not trust.
  private mutating func addUntrustedAccess(
    _ origin: Origin, _ host: some HostView
  ) throws(PolicyError) {
    let (number, socket) = try presentDisplay(origin, host)
    let cookies = authority(host)
    guard let found = try find(cookies, origin, host), found.kind == .regular else {
      throw PolicyError(
        origin, "x11", "there is no cookie of the present display in \(cookies)",
        hint: "a server without cookies trusts everyone: write x11 xephyr or x11 none")
    }
    let program = try displayHelper("xauth", origin, host)
    let place = try openExchange(origin, host)
    let own = place.appending("cookies")
    let words = [
      "-f", own.description, "generate", ":\(number)", "MIT-MAGIC-COOKIE-1", "untrusted", "timeout",
      "0",
    ]
    let steps = try confinement(
      place, reaching: [found.path, socket.path], origin, host)
    let execute = Operation.execute(
      program, arguments: [program.bytes] + words.map { Array($0.utf8) },
      environment: [
        Array("PATH=/usr/bin:/bin".utf8), Array("DISPLAY=:\(number)".utf8),
        Array("XAUTHORITY=".utf8) + found.path.bytes,
      ])
    exchange?.services.append(
      Service(
        name: "xauth", steps: steps + [Step(execute, origin)], output: .nowhere, isSilent: true,
        endsItself: true))
    add(.bind(source: own, .regular, on: found.path), origin)
  }

  /// What programs are told of a display of the sandbox's own.
  var displayVariable: [UInt8]? {
    guard let server = policy.display.server, !files.has(.x11None), server.value != .xorg else {
      return nil
    }
    return Array("DISPLAY=:\(Self.number)".utf8)
  }
}
