internal import KernelTypes

/// Devices, and the names that a machine goes by.
extension ViewPlan {
  /// Nodes that a flag hides, or that are hidden unless a flag keeps them.
  private static let devices: [(flag: ViewFlag, nodes: [String])] = [
    (.noSound, ["snd"]), (.no3D, ["dri", "kfd", "nvidia*"]), (.noDVD, ["sr*"]), (.noTV, ["dvb"]),
    (.noU2F, ["hidraw*", "usb"]), (.noVideo, ["video*"]), (.noInput, ["input"]),
    (.keepDevTpm, ["tpm*", "tcm*"]), (.keepDevNtsync, ["ntsync"]),
  ]

  private func isHidden(_ flag: ViewFlag) -> Bool {
    flag == .keepDevTpm || flag == .keepDevNtsync ? !files.has(flag) : files.has(flag)
  }

  /// `private-dev`: a /dev with what nearly every program needs, and what no flag takes away.
  mutating func addDevices(_ host: some HostView) throws(PolicyError) {
    guard let origin = files.flags[.privateDev] else { return }
    var names = ["null", "zero", "full", "random", "urandom", "tty"]
    for (flag, nodes) in Self.devices where !isHidden(flag) { names += nodes }
    var nodes: [FoundFile] = []
    for name in names {
      for path in try matches(of: Path("/dev/" + name), origin, host) {
        if let found = try find(path, origin, host), found.path == path { nodes.append(found) }
      }
    }
    let memory = try find("/dev/shm", origin, host)
    guard let directory = try replace("/dev", mode: 0o755, origin, host) else {
      throw PolicyError(origin, "private-dev", "there is no /dev")
    }
    for node in nodes { show(node, origin) }
    addDeviceLinks(origin)
    add(.makeDirectory("/dev/pts", mode: 0o755), origin)
    add(.mountTerminals("/dev/pts"), origin)
    model.make("/dev/pts", .directory)
    if let memory, files.has(.keepDevShm) {
      show(memory, at: "/dev/shm", origin)
    } else {
      add(.makeDirectory("/dev/shm", mode: 0o1777), origin)
      model.make("/dev/shm", .directory)
    }
    add(.seal(directory.path), origin)
    if !files.has(.keepDevShm) {
      replace(
        FoundFile(path: "/dev/shm", kind: .directory, owner: host.uid, mode: 0o1777), origin)
    }
  }

  mutating func addDeviceLinks(_ origin: Origin) {
    for (name, target) in [
      ("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"),
      ("stderr", "/proc/self/fd/2"), ("ptmx", "pts/ptmx"),
    ] where !model.isVisible(Path("/dev/" + name)) {
      makeLink(Path("/dev/" + name), to: Path(target), origin)
    }
  }

  /// What the flags hide, after every other rule.
  mutating func maskDevices(_ host: some HostView) throws(PolicyError) {
    for path: Path in ["/dev/port", "/dev/kmsg"] {
      try hide(path, .builtIn("base restrictions"), host)
    }
    for (flag, nodes) in Self.devices where isHidden(flag) {
      let origin = files.flags[flag] ?? .builtIn("\(flag.rawValue) lifts it")
      for node in nodes { try hide(Path("/dev/" + node), origin, host) }
    }
    let runtime = Path("/run/user/\(host.uid)")
    if let origin = files.flags[.noSound] {
      for path in [
        runtime.appending("pulse"), runtime.appending("pipewire-*"),
        home.appending(".config/pulse"),
        home.appending(".pulse"), "/tmp/pulse-*", "/dev/shm/jack*", "/run/pulse",
      ] {
        try hide(path, origin, host)
      }
    }
    if let origin = files.flags[.x11None] {
      try hide("/tmp/.X11-unix", origin, host)
      try hide(home.appending(".Xauthority"), origin, host)
      if let file = Self.variable("XAUTHORITY", host), file.first == UInt8(ascii: "/") {
        try hide(Path(file).normalized, origin, host)
      }
    }
    if let origin = files.flags[.netNone] { try hide("/run/systemd/resolve", origin, host) }
  }

  /// The machine's number and names.
  mutating func addIdentity(_ host: some HostView) throws(PolicyError) {
    if let origin = files.flags[.machineID] {
      let digits = try randomDigits(32, for: "machine-id", origin, host)
      for path: Path in ["/etc/machine-id", "/var/lib/dbus/machine-id"] {
        // One is often a link to the other.
        guard let found = try find(path, origin, host), found.path == path else { continue }
        try cover(path, by: GeneratedText(digits + [10]), origin, host)
      }
    }
    let name = try hostName(host)
    if let name {
      add(.setHostName(name.value), name.origin)
      try cover("/etc/hostname", by: GeneratedText(name.value + [10]), name.origin, host)
    }
    try addHosts(name, host)
    try addNameServers(host)
  }

  private mutating func addNameServers(_ host: some HostView) throws(PolicyError) {
    guard let origin = files.nameServers.first?.origin else { return }
    if let writable = files.flags[.writableEtc] {
      throw PolicyError(
        origin, "dns", "can't be had together with writable-etc (\(writable))",
        hint: "leave one of them out")
    }
    guard try find("/etc/resolv.conf", origin, host)?.kind == .regular else {
      throw PolicyError(
        origin, "dns", "there is no file /etc/resolv.conf inside, in whose place they could stand",
        hint: "make an empty one, or name it in private-etc")
    }
    var text: [UInt8] = []
    for server in files.nameServers { text += Array("nameserver ".utf8) + server.value + [10] }
    try cover("/etc/resolv.conf", by: GeneratedText(text), origin, host)
  }

  /// Hexadecimal digits that nobody can guess; an even number of them.
  func randomDigits(
    _ count: Int, for subject: String, _ origin: Origin, _ host: some HostView
  ) throws(PolicyError) -> [UInt8] {
    let bytes = try answer(for: origin, subject) { () throws(HostError) in
      try host.randomBytes(count / 2)
    }
    let digits = Array("0123456789abcdef".utf8)
    return bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
  }

  private func hostName(_ host: some HostView) throws(PolicyError) -> Setting<[UInt8]>? {
    guard let origin = files.randomHostName else { return files.hostName }
    if let name = files.hostName {
      throw PolicyError(
        origin, "hostname-randomize", "can't be had together with hostname (\(name.origin))",
        hint: "leave one of them out")
    }
    let numbers = try answer(for: origin, "hostname-randomize") { () throws(HostError) in
      try host.randomBytes(6)
    }
    let letters = [Array("bdfgklmnprstvz".utf8), Array("aeiou".utf8)]
    return Setting(
      numbers.enumerated().map { letters[$0 % 2][Int($1) % letters[$0 % 2].count] }, origin)
  }

  private mutating func addHosts(
    _ name: Setting<[UInt8]>?, _ host: some HostView
  ) throws(PolicyError) {
    guard let origin = files.hostsFile?.origin ?? name?.origin else { return }
    let source = files.hostsFile?.value ?? "/etc/hosts"
    let bytes = try answer(for: origin, "\(source)") { () throws(HostError) in
      try host.contents(of: source)
    }
    guard let bytes else {
      guard files.hostsFile != nil else { return }
      throw PolicyError(
        origin, "hosts-file", "\"\(source)\" can't be read", hint: "nothing was started")
    }
    var text: [UInt8] = []
    if let name { text += Array("127.0.0.1\t".utf8) + name.value + [10] }
    text += bytes
    try cover("/etc/hosts", by: GeneratedText(text), origin, host)
  }

  /// PulseAudio's clients share memory with the server by names that only one side sees.
  mutating func addSoundConfiguration(_ host: some HostView) throws(PolicyError) {
    guard !files.has(.keepConfigPulse), !files.has(.noSound) else { return }
    let origin = Origin.builtIn("keep-config-pulse lifts it")
    for path in [home.appending(".config/pulse/client.conf"), "/etc/pulse/client.conf"] {
      let bytes = try answer(for: origin, "\(path)") { () throws(HostError) in
        try host.contents(of: path)
      }
      guard let bytes else { continue }
      let line = Array("\nenable-shm = no\n".utf8)
      try cover(path, by: GeneratedText(bytes + line), origin, host)
    }
  }
}
