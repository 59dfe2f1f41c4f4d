internal import KernelTypes

/// What holds in every view, asked for or not.
extension ViewPlan {
  private var base: Origin { .builtIn("base restrictions") }
  private static let noCode: MountFlags = [.noExecute, .noSetuid, .noDevices]

  mutating func addBase(_ host: some HostView) throws(PolicyError) {
    try addSystemDirectories(host)
    try addVariableFiles(host)
    try addKernelFiles(host)
    beginning = steps.count
    try addOtherUsers(host)
    try addOwnState(host)
  }

  private mutating func addSystemDirectories(_ host: some HostView) throws(PolicyError) {
    let names = ["usr", "bin", "sbin", "lib", "lib64", "lib32", "libx32"]
    for name in names {
      let path = Path("/" + name)
      // On merged systems they are links into /usr.
      if let found = try find(path, base, host), found.path == path {
        try setFlags(of: path, .readOnly, base, host)
      }
    }
    if !files.has(.writableEtc) {
      let flags: MountFlags = host.uid == 0 ? .readOnly : Self.noCode.union(.readOnly)
      try setFlags(of: "/etc", flags, .builtIn("writable-etc lifts it"), host)
    }
    try hide("/selinux", base, host)
    guard policy.allowsDebuggers == nil else { return }
    for path: Path in ["/boot", "/lib/modules", "/usr/lib/debug", "/usr/src/linux*"] {
      try hide(path, .builtIn("allow-debuggers lifts it"), host)
    }
  }

  private mutating func addVariableFiles(_ host: some HostView) throws(PolicyError) {
    if !files.has(.writableVar) {
      let flags: MountFlags = host.uid == 0 ? .readOnly : Self.noCode.union(.readOnly)
      try setFlags(of: "/var", flags, .builtIn("writable-var lifts it"), host)
    }
    for path: Path in [
      "/var/lock", "/var/lib/dhcp", "/var/lib/nginx", "/var/lib/snmp", "/var/lib/sudo",
      "/var/cache/apache2", "/var/cache/lighttpd",
    ] {
      guard let found = try find(path, base, host), found.kind == .directory else { continue }
      // They are root's: an ordinary user writes there where everyone may.
      let isWritten = host.uid == 0 || found.mode & 0o002 != 0
      replace(found, mode: isWritten ? found.mode : found.mode & ~0o222, base)
    }
    if !files.has(.keepVarTmp) {
      try replace("/var/tmp", mode: 0o1777, .builtIn("keep-var-tmp lifts it"), host)
    }
    if !files.has(.writableVarLog) { try addLogs(host) }
    try cover("/run/utmp", by: GeneratedText([]), base, host)
  }

  /// The names of /var/log without what is in them.
  private mutating func addLogs(_ host: some HostView) throws(PolicyError) {
    let origin = Origin.builtIn("writable-var-log lifts it")
    guard let directory = try find("/var/log", origin, host), directory.kind == .directory
    else { return }
    var entries: [FoundFile] = []
    for name in try names(in: directory.path, origin, host) {
      if let found = try find(directory.path.appending(name), origin, host),
        found.path == directory.path.appending(name)
      {
        entries.append(found)
      }
    }
    replace(directory, mode: 0o755, origin)
    for found in entries.sorted(by: { $0.path.bytes.lexicographicallyPrecedes($1.path.bytes) }) {
      if found.kind == .directory {
        add(.makeDirectory(found.path, mode: 0o755), origin)
      } else {
        add(.makeFile(found.path, GeneratedText([], mode: 0o644)), origin)
      }
      model.make(found.path, found.kind, owner: host.uid)
    }
    if host.uid != 0 { add(.seal(directory.path), origin) }
  }

  private func names(
    in directory: Path, _ origin: Origin, _ host: some HostView
  ) throws(PolicyError) -> [[UInt8]] {
    try answer(for: origin, "\(directory)") { () throws(HostError) in
      try model.names(in: directory, host)
    }
  }

  private mutating func addKernelFiles(_ host: some HostView) throws(PolicyError) {
    if files.has(.netNone) {
      // A new one is there for the asking only with a network namespace.
      add(.mountSystem, base)
    } else {
      try setFlags(of: "/sys", .readOnly, base, host)
    }
    try setFlags(of: "/proc/sys", .readOnly, base, host)
    for path: Path in [
      "/sys/firmware", "/sys/hypervisor", "/sys/power", "/sys/kernel/debug",
      "/sys/kernel/vmcoreinfo",
      "/sys/kernel/uevent_helper", "/proc/sys/security", "/proc/sys/efi/vars",
      "/proc/sys/fs/binfmt_misc", "/proc/sys/vm/panic_on_oom", "/proc/sys/kernel/core_pattern",
      "/proc/sys/kernel/modprobe", "/proc/sys/kernel/hotplug", "/proc/sysrq-trigger", "/proc/irq",
      "/proc/bus", "/proc/sched_debug", "/proc/timer_list", "/proc/timer_stats", "/proc/kcore",
      "/proc/kallsyms", "/proc/mem", "/proc/kmem", "/proc/kmsg",
    ] {
      try hide(path, base, host)
    }
    // The launcher's own words.
    guard !files.has(.unhideFirst) else { return }
    for name in ["comm", "cmdline", "stat", "statm", "status"] {
      add(.cover(Path("/proc/1/\(name)"), .regular), base)
    }
  }

  private mutating func addOtherUsers(_ host: some HostView) throws(PolicyError) {
    guard !files.has(.allUsers) else { return }
    let origin = Origin.builtIn("allusers lifts it")
    for (top, own) in [("/home", home), ("/run/user", Path("/run/user/\(host.uid)"))]
      as [(Path, Path)]
    {
      guard let directory = try find(top, origin, host), directory.kind == .directory,
        directory.path != own
      else { continue }
      let found = own.isWithin(directory.path) ? try find(own, origin, host) : nil
      replace(directory, mode: 0o755, origin)
      if let found { show(found, origin) }
      if directory.owner != host.uid { add(.seal(directory.path), origin) }
    }
    if host.uid != 0, !home.isWithin("/root") { try hide("/root", origin, host) }
    try addAccounts(host, origin)
  }

  /// The account files without other people: numbers below 1000 are the system's (UID_MIN).
  private mutating func addAccounts(
    _ host: some HostView, _ origin: Origin
  ) throws(PolicyError) {
    for (path, own) in [("/etc/passwd", host.uid), ("/etc/group", host.gid)] as [(Path, UInt32)] {
      let bytes = try answer(for: origin, "\(path)") { () throws(HostError) in
        try host.contents(of: path)
      }
      guard let bytes else { continue }
      let lines = bytes.split(separator: 10).filter { line in
        let fields = line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard fields.count > 2, let number = UInt32(String(decoding: fields[2], as: UTF8.self))
        else { return true }
        return number < 1000 || number == own || number == 65534
      }
      let text = Array(lines.map { Array($0) + [10] }.joined())
      if text.count < bytes.count { try cover(path, by: GeneratedText(text), origin, host) }
    }
  }

  /// The launcher takes the place of bwrap(1), which can't make its sandboxes here: it starts the program
  /// that bwrap is asked for.
  mutating func replaceBubblewrap(_ host: some HostView) throws(PolicyError) {
    guard !host.isPrivileged, files.root == nil, !Planner.buildsOwnSandbox(policy, host) else {
      return
    }
    let origin = Origin.builtIn("allow-bwrap lifts it")
    guard let found = try find("/usr/bin/bwrap", origin, host), found.kind == .regular,
      model.isVisible(found.path), found.path != host.launcher,
      try find(host.launcher, origin, host)?.kind == .regular
    else { return }
    add(.bind(source: host.launcher, .regular, on: found.path), origin)
    add(.setMountFlags(found.path, .regular, set: .readOnly, clear: []), origin)
  }

  /// Hides the user's profiles also where there are none yet: a program could make some for the next
  /// launch.
  mutating func addMissingState(_ host: some HostView) throws(PolicyError) {
    // A home of the sandbox's own is not where the next launch looks.
    guard files.home == nil, files.overlay == nil, files.root == nil else { return }
    for name in ["sandbox", "firejail"] {
      let path = home.appending(".config/" + name)
      let found = try answer(for: base, "\(path)") { () throws(HostError) in try host.find(path) }
      if found.map(isLent) ?? true {
        try lend(path, base, byAll: true, host)
      } else if let found = try find(path, base, host) {
        add(.cover(found.path, found.kind), base)
        model.hide(found.path, found.kind, base)
        places.append(HeldPlace(path: found.path, isLent: false, origin: base))
      }
    }
  }

  /// What decides on the next launch, and what other sessions put into the runtime directory.
  private mutating func addOwnState(_ host: some HostView) throws(PolicyError) {
    let runtime = Path("/run/user/\(host.uid)")
    for path in [runtime.appending("sandbox"), "/run/firejail"] as [Path] {
      try hide(path, base, host)
    }
    if files.overlay == nil { try hide(home.appending(Layer.directory), base, host) }
    if !files.has(.writableRunUser) {
      for name in ["gnupg", "systemd"] {
        try hide(runtime.appending(name), .builtIn("writable-run-user lifts it"), host)
      }
    }
    try addDisplays(host)
  }

  /// Of the sockets of X servers, the one of `DISPLAY=:N` alone.
  private mutating func addDisplays(_ host: some HostView) throws(PolicyError) {
    guard displayVariable == nil, let display = Self.variable("DISPLAY", host),
      display.first == UInt8(ascii: ":"),
      let number = Int(
        String(decoding: display.dropFirst().prefix { $0 != UInt8(ascii: ".") }, as: UTF8.self)),
      number > 0
    else { return }
    let path: Path = "/tmp/.X11-unix"
    guard let directory = try find(path, base, host), directory.path == path else { return }
    let socket = try find(path.appending("X\(number)"), base, host)
    replace(directory, mode: 0o1777, base)
    if let socket { show(socket, base) }
    add(.seal(path), base)
  }
}
