internal import Enforcement
internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// `--audit`: what a sandbox leaves open, found out from inside, by trying.
///
/// It runs in the place of the program: behind every step of the plan but the filter, which each
/// single call meets in a process of its own.
struct Audit {
  /// A file of the host's.
  private struct Found {
    let path: Path
    let identity: Attempts.Identity?
  }

  private let home: Path
  /// What lies outside, by its identity: a private copy is another file.
  private let secrets: [Found]
  private let startFiles: [Found]
  private let sockets: [Path]
  private let isJSON: Bool

  /// Looks outside for what could be reached.
  init(_ host: LiveHost, isJSON: Bool) throws(HostError) {
    home = host.home
    self.isJSON = isJSON
    let runtime = Path("/run/user/\(host.uid)")
    secrets = try Self.existing(
      [
        ".ssh", ".gnupg", ".netrc", ".git-credentials", ".aws", ".kube", ".docker/config.json",
        ".password-store", ".mozilla", ".thunderbird", ".config/chromium", ".config/google-chrome",
        ".bash_history", ".local/share/keyrings",
      ].map { host.home.appending($0) } + [
        "/etc/shadow", "/etc/ssh/ssh_host_ed25519_key", "/proc/kcore", "/proc/kallsyms", "/boot",
        "/sys/kernel/debug", "/root", "/var/log/auth.log",
      ], host)
    startFiles = try Self.existing(
      [
        ".bashrc", ".profile", ".bash_profile", ".zshrc", ".config/autostart",
        ".config/systemd/user", ".local/bin", "bin", ".ssh", ".config/sandbox", ".config/firejail",
      ].map { host.home.appending($0) }, host)
    sockets = try Self.existing(
      [
        runtime.appending("bus"), "/run/dbus/system_bus_socket", runtime.appending("wayland-0"),
        runtime.appending("pipewire-0"), runtime.appending("pulse/native"), "/run/docker.sock",
        runtime.appending("podman/podman.sock"), runtime.appending("gnupg/S.gpg-agent"),
      ], host
    ).map { $0.path }
  }

  private static func existing(
    _ paths: [Path], _ host: LiveHost
  ) throws(HostError) -> [Found] {
    var found: [Found] = []
    for path in paths where try host.find(path) != nil {
      // Each /proc has its own.
      let identity = path.isWithin("/proc") ? nil : Attempts.identity(of: path)
      found.append(Found(path: path, identity: identity))
    }
    return found
  }

  /// Those that are still there as they are outside, and let themselves be tried.
  private func open(_ files: [Found], _ attempt: (Path) -> Bool) -> [String] {
    files.filter { file in
      attempt(file.path)
        && (file.identity == nil || Attempts.identity(of: file.path) == file.identity)
    }.map { $0.path.description }
  }

  /// In the sandbox. Does not come back.
  func run(_ filter: FilterProgram) throws(SystemCallError) -> Never {
    let areas: [AuditArea] = [
      try systemCalls(filter), try sockets(filter), try namespaces(filter), try memory(filter),
      reading(), writing(), executing(), devices(), try processes(), connections(),
      try rights(),
    ]
    Console.print(isJSON ? AuditArea.json(areas) : AuditArea.text(areas))
    Processes.exit(0)
  }

  // MARK: Calls

  /// Those of Firejail's default list, and what has broken sandboxes since.
  private static var dangerousCalls: [String] {
    let more = [
      "ptrace", "personality", "process_vm_readv", "io_uring_setup", "userfaultfd", "bpf", "keyctl",
      "perf_event_open", "pidfd_getfd", "kcmp",
    ]
    // The first would really do it, whatever its arguments; no filter is asked about the others.
    return Set((SyscallGroups.calls(of: "@default") ?? []).map { $0.name } + more)
      .subtracting(["vhangup", "uprobe", "uretprobe"]).sorted()
  }

  private enum Verdict { case open, refused, absent }

  /// With arguments that no call accepts: what the filter leaves to the kernel fails otherwise.
  private func verdict(
    _ name: String, _ entry: CallProbe.Entry, _ filter: FilterProgram
  ) throws(SystemCallError) -> Verdict {
    let table: Architecture = entry == .native ? .native : .i386
    guard let number = SystemCall(named: name)?.number(on: table) else { return .absent }
    let arguments = [UInt64](repeating: .max, count: 6)
    let open = try CallProbe.outcome(of: number, arguments, by: entry, under: nil)
    let filtered = try CallProbe.outcome(of: number, arguments, by: entry, under: filter)
    if open != filtered { return .refused }
    switch open {
    case .failed(.unsupportedCall), .ended: return .absent
    case .failed(.notPermitted): return .refused
    default: return .open
    }
  }

  private func systemCalls(_ filter: FilterProgram) throws(SystemCallError) -> AuditArea {
    var findings: [String] = []
    var count = 0
    for name in Self.dangerousCalls {
      let native = try verdict(name, .native, filter)
      let secondary =
        try Architecture.native.secondary == nil
        ? .absent : verdict(name, .secondary, filter)
      count += 1
      switch (native, secondary) {
      case (.open, .open): findings.append(name)
      case (.open, _): findings.append("\(name) (natively)")
      case (_, .open): findings.append("\(name) (by the 32-bit entry)")
      default: continue
      }
    }
    return AuditArea(
      "system calls", findings, of: count, closed: "\(count) dangerous calls tried, none is open",
      remedies: ["seccomp"])
  }

  private func sockets(_ filter: FilterProgram) throws(SystemCallError) -> AuditArea {
    let types: [(name: String, family: UInt64, type: UInt64)] = [
      ("inet", 2, 1), ("inet6", 10, 1), ("netlink", 16, 3), ("packet", 17, 3), ("bluetooth", 31, 3),
      ("alg", 38, 5), ("vsock", 40, 1),
    ]
    let number = SystemCall(named: "socket")?.number(on: .native) ?? 0
    var findings: [String] = []
    for (name, family, type) in types
    where try CallProbe.outcome(of: number, [family, type, 0], under: filter) == .succeeded {
      findings.append(name)
    }
    let interfaces = interfaces
    let isReached = findings.contains { $0.hasPrefix("inet") } && interfaces.contains { $0 != "lo" }
    if isReached { findings.append("the network by " + interfaces.joined(separator: ",")) }
    return AuditArea(
      "network", findings, of: types.count, closed: "no socket but unix ones",
      remedies: (isReached ? ["net none"] : []) + ["protocol unix"])
  }

  private func namespaces(_ filter: FilterProgram) throws(SystemCallError) -> AuditArea {
    let number = SystemCall(named: "unshare")?.number(on: .native) ?? 0
    var findings: [String] = []
    for kind in NamespaceKind.all
    where try CallProbe.outcome(of: number, [UInt64(kind.flag)], under: filter) == .succeeded {
      findings.append(kind.name)
    }
    return AuditArea(
      "namespaces", findings, of: 4, closed: "none can be made", remedies: ["restrict-namespaces"])
  }

  private func memory(_ filter: FilterProgram) throws(SystemCallError) -> AuditArea {
    let number = SystemCall(named: "mmap")?.number(on: .native) ?? 0
    let isOpen =
      try CallProbe.outcome(
        of: number, [0, 4096, 7, 0x22, .max, 0], under: filter) == .succeeded
    return AuditArea(
      "memory", isOpen ? ["writable and executable"] : [], of: 4,
      closed: "none is writable and executable", remedies: ["memory-deny-write-execute"])
  }

  // MARK: Files

  private func reading() -> AuditArea {
    AuditArea(
      "secrets", open(secrets, Attempts.canRead), of: 12,
      closed: "\(secrets.count) tried, none can be read",
      remedies: ["include disable-common.inc", "include disable-programs.inc", "private"])
  }

  private func writing() -> AuditArea {
    let system: [Path] = ["/usr", "/etc", "/boot", "/opt", "/var/lib", "/lib"]
    let places =
      open(startFiles, Attempts.canWrite)
      + system.filter(Attempts.canWrite).map { $0.description }
    return AuditArea(
      "start-up and system files", places, of: 12,
      closed: "none can be written", remedies: ["include disable-common.inc", "private"])
  }

  private func executing() -> AuditArea {
    let places = ([home, "/tmp", "/var/tmp", "/dev/shm"] as [Path]).filter {
      Attempts.canWrite($0) && Attempts.canExecute($0)
    }
    return AuditArea(
      "own programs", places.map { "what is written to \($0) can be executed" }, of: 4,
      closed: "what the program writes, it can't execute", remedies: ["include disable-exec.inc"])
  }

  private func devices() -> AuditArea {
    let usual: Set<String> = [
      "null", "zero", "full", "random", "urandom", "tty", "pts", "ptmx", "shm", "fd", "stdin",
      "stdout", "stderr",
    ]
    let found = Attempts.entries("/dev").filter { name in
      !usual.contains(name) && Attempts.mayRead(Path("/dev").appending(name))
    }
    return AuditArea(
      "devices", found, of: 16, closed: "none but null, zero, random, the terminal and the like",
      remedies: ["private-dev", "nosound", "no3d", "novideo", "noinput"])
  }

  // MARK: Others

  private func processes() throws(SystemCallError) -> AuditArea {
    let seen = Attempts.entries("/proc").filter { Int($0) != nil }.count
    // The first process and this one.
    return AuditArea(
      "processes", seen > 2 ? ["\(seen) are seen"] : [], of: 4, closed: "no other is seen",
      remedies: ["leave out filter-only"])
  }

  private func connections() -> AuditArea {
    var findings = sockets.filter(Attempts.canConnect).map { $0.description }
    findings += Attempts.entries("/tmp/.X11-unix").filter {
      Attempts.canConnect(Path("/tmp/.X11-unix").appending($0))
    }.map { "X server " + $0.dropFirst() }
    return AuditArea(
      "buses, displays, services", findings, of: 6, closed: "none can be reached",
      remedies: ["dbus-user none", "dbus-system none", "x11 none"])
  }

  private func rights() throws(SystemCallError) -> AuditArea {
    let status = try Measurement(of: Processes.identifier).status
    var findings: [String] = []
    for (set, name) in [
      ("CapEff", "effective"), ("CapPrm", "permitted"), ("CapInh", "inheritable"),
      ("CapAmb", "ambient"),
    ] where UInt64(status[set] ?? "", radix: 16) != 0 {
      findings.append("\(name) capabilities \(status[set] ?? "")")
    }
    if status["NoNewPrivs"] != "1" { findings.append("set-user-ID programs gain rights") }
    return AuditArea(
      "rights", findings, of: 4, closed: "no capability, and none can be gained",
      remedies: ["caps.drop all"])
  }

  private var interfaces: [String] { Attempts.entries("/sys/class/net").sorted() }
}
