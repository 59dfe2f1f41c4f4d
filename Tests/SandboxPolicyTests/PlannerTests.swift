import KernelTypes
import SandboxPolicy
import TestSupport
import Testing

private let program = Command(program: Array("true".utf8), arguments: [])

private func plan(
  _ text: String, options: [String] = [], host: FakeHost = FakeHost()
) throws -> Plan {
  let policy = try read(text, options: options, host: host).recorder.policy
  return try Planner.plan(policy, running: program, on: host)
}

private func planRefusal(_ text: String, options: [String] = [], host: FakeHost) -> String? {
  do {
    _ = try plan(text, options: options, host: host)
    return nil
  } catch { return (error as? PolicyError)?.line ?? "\(error)" }
}

extension Plan {
  fileprivate var operations: [Operation] { steps.map(\.operation) }
  /// What rules hide, beside what is hidden in every view.
  fileprivate var covered: [Path] {
    operations.compactMap {
      switch $0 {
      case .cover(let path, _), .prepareCovers(let path, false, _):
        path.isWithin("/proc/1") || path.isWithin("/home/ann/.config") ? nil : path
      default: nil
      }
    }
  }
}

@Suite struct `Plans` {
  let host = FakeHost([
    "/home/ann/.ssh/", "/home/ann/.ssh/id", "/home/ann/notes", "/home/ann/a1", "/home/ann/a2",
    "/home/ann/ro/", "/etc/shadow",
  ])

  @Test func `filters, capabilities and limits alone need no namespace`() throws {
    let plan = try plan(
      "filter-only\ncaps.drop all\nseccomp\nrlimit-nofile 9\nnice 5\ncpu 0", host: host)
    #expect(!plan.hasView)
    #expect(
      plan.steps.map(\.description) == [
        "run on processors 0    [/p/test.profile:6]",
        "set priority to 5    [/p/test.profile:5]",
        "drop capabilities (bounding set stays)    [/p/test.profile:2]",
        "set no_new_privs    [built in (no-new-privileges)]",
        "change directory to /home/ann or /home/ann or /    [built in (working directory)]",
        "set limit nofile to 9    [/p/test.profile:4]",
        "close descriptors above 2    [built in (descriptors)]",
        "install filter for x86_64, i386    [/p/test.profile:3]",
        "execute /usr/bin/true    [built in (program)]",
      ])
  }

  @Test func `path rules become mounts in namespaces, with their places`() throws {
    let plan = try plan(
      "blacklist ${HOME}/notes\nblacklist ${HOME}/.ssh\nread-only ${HOME}/ro", host: host)
    #expect(
      plan.steps.filter { !$0.description.contains("/proc/1/") }.prefix(13).map(\.description) == [
        "lend the host /home/ann/.config/sandbox,/home/ann/.config/firejail    [built in (base restrictions)]",
        "enter namespaces user,mnt,pid,uts (uid 1000, gid 1000)    [/p/test.profile:1]",
        "check that /proc is the kernel's    [built in (view)]",
        "mount new /proc    [built in (view)]",
        "cover /home/ann/.ssh by the covers themselves    [/p/test.profile:2]",
        "wait until that is lent    [built in (base restrictions)]",
        "bind /home/ann on /home/ann    [/p/test.profile:1]",
        "bind /home/ann/.config on /home/ann/.config    [built in (base restrictions)]",
        "replace /home by an empty directory (mode 755)    [built in (allusers lifts it)]",
        "show /home/ann    [built in (allusers lifts it)]",
        "make the new /home read-only    [built in (allusers lifts it)]",
        "cover /home/ann/notes (regular)    [/p/test.profile:1]",
        "set mount flags of /home/ann/ro: +ro    [/p/test.profile:3]",
      ])
    #expect(
      plan.operations.contains(
        .dropCapabilities(keep: [], isRoot: false, changesBoundingSet: true)))
  }

  @Test func `what needs rights comes before they go, and the filter before the program`() throws {
    let operations = try plan("net none\nhostname box\ncaps.drop all", host: host).operations
    let order: [Operation] = [
      .bringUpLoopback, .setHostName(Array("box".utf8)),
      .dropCapabilities(keep: [], isRoot: false, changesBoundingSet: true), .setNoNewPrivileges,
      .stayAsInit, .closeDescriptors(except: []),
    ]
    #expect(operations.filter(order.contains) == order)
  }

  @Test func `without a directory to hide the covers lie elsewhere for a moment`() throws {
    let plan = try plan("private\nblacklist /etc/shadow", host: host)
    #expect(
      plan.operations.contains(
        .prepareCovers(at: "/proc/driver", isTemporary: true, texts: [])))
    #expect(plan.operations.contains(.releaseCovers))
  }

  @Test func `places of one's own rules are held, up to a number; those of include files are not`()
    throws
  {
    let lines = (0..<80).map { "blacklist ${HOME}/missing\($0)" }.joined(separator: "\n")
    let lent = { (plan: Plan) in
      plan.operations.reduce(0) { count, operation in
        if case .lendHostDirectories(let paths, _) = operation {
          count + paths.count
        } else {
          count
        }
      }
    }
    let own = try plan(lines, host: host)
    // The two directories of profiles are always held.
    #expect(lent(own) == 64 + 2)
    #expect(own.notes.contains { $0.line.contains("is not held: too many") })
    #expect(lent(try plan("", host: host)) == 2)
    let reader = try read("include a.inc", files: ["/p/a.inc": lines], host: host)
    let command = Command(program: Array("true".utf8), arguments: [])
    let included = try Planner.plan(reader.recorder.policy, running: command, on: host)
    #expect(lent(included) == 2)
  }

  @Test func `patterns, missing paths and what lies below a hidden directory`() throws {
    let text =
      "blacklist ${HOME}/a?\nblacklist /nowhere\nblacklist ${HOME}/.ssh\nblacklist ${HOME}/.ssh/id"
    #expect(
      try plan(text, host: host).covered.sorted { $0.description < $1.description } == [
        "/home/ann/.ssh", "/home/ann/a1", "/home/ann/a2",
      ])
  }

  @Test func `noblacklist lifts what comes later, by text, not below and not before`() throws {
    #expect(try plan("noblacklist ${HOME}/.ssh\nblacklist ${HOME}/.ssh", host: host).covered == [])
    #expect(try plan("noblacklist ${HOME}/.ss*\nblacklist ${HOME}/.ssh", host: host).covered == [])
    #expect(
      try plan("noblacklist ${HOME}/.ssh\nblacklist ${HOME}/.ssh/id", host: host).covered
        == ["/home/ann/.ssh/id"])
    #expect(
      try plan("blacklist ${HOME}/.ssh\nnoblacklist ${HOME}/.ssh", host: host).covered
        == ["/home/ann/.ssh"])
  }

  @Test func `a link leads to what is hidden`() throws {
    var host = host
    host.add("/home/ann/link", link: "/home/ann/notes")
    #expect(try plan("blacklist ${HOME}/link", host: host).covered == ["/home/ann/notes"])
    #expect(
      try plan("noblacklist ${HOME}/link\nblacklist ${HOME}/notes", host: host).covered
        == ["/home/ann/notes"])
  }

  @Test func `links to null and the links of a merged system are left alone`() throws {
    var host = host
    host.add("/home/ann/null", link: "/dev/null")
    host.add("/bin", link: "/usr/bin/")
    let plan = try plan("blacklist ${HOME}/null\nblacklist /bin", host: host)
    #expect(plan.covered == [])
    #expect(plan.notes.count == 1)
  }

  @Test func `a program that a rule hides is refused with the rule`() {
    let line = planRefusal("caps\nblacklist ${PATH}/true", host: host)
    #expect(line?.hasPrefix("/p/test.profile:2: hides the program /usr/bin/true") == true)
  }

  @Test func `a changed mode by hand comes after the profile's`() throws {
    let plan = try plan("read-only ${HOME}/ro", options: ["read-write=/home/ann/ro"], host: host)
    let flags = plan.operations.compactMap { operation -> MountFlags? in
      if case .setMountFlags(_, _, let set, _) = operation { set } else { nil }
    }
    #expect(flags == [.readOnly, []])
  }

  @Test func `read-write of somebody else's file stays, with a warning`() throws {
    var host = host
    host.add("/etc/motd", owner: 0)
    let plan = try plan("read-write /etc/motd", host: host)
    #expect(plan.warnings.count == 1)
    let changes = plan.operations.contains {
      if case .setMountFlags("/etc/motd", _, _, _) = $0 { true } else { false }
    }
    #expect(!changes)
  }

  @Test func `filter-only refuses path rules with their line, but not optional ones`() throws {
    #expect(
      planRefusal("filter-only\nblacklist /nowhere", host: host)?
        .hasPrefix("/p/test.profile:2: blacklist: can't be enforced with filter-only") == true)
    #expect(
      planRefusal("timeout 00:00:05", options: ["filter-only"], host: host)?
        .contains("needs the launcher to stay") == true)
    let plan = try plan("filter-only\nview-optional\nblacklist ${HOME}/.ssh", host: host)
    #expect(!plan.hasView)
  }

  @Test func `a host without user namespaces refuses, and leaves out what is optional`() throws {
    var host = host
    host.userNamespaceRefusal = "user.max_user_namespaces is 0"
    let line = planRefusal("blacklist ${HOME}/.ssh", host: host)
    #expect(line?.contains("/p/test.profile:1: blacklist: needs a user namespace") == true)
    #expect(line?.contains("user.max_user_namespaces is 0") == true)
    #expect(line?.contains("--filter-only") == true)
    #expect(planRefusal("noroot", host: host)?.contains("noroot: needs a user namespace") == true)
    // Nobody asked for a view: the base restrictions are left out, and that is said.
    let bare = try plan("blacklist /nowhere\nseccomp", host: host)
    #expect(bare.missing.count == 1 && bare.warnings.count == 1 && !bare.hasView)
    let plan = try plan("view-optional\nblacklist ${HOME}/.ssh", host: host)
    #expect(plan.missing.count == 2 && plan.warnings.count == 1 && !plan.hasView)
    let byHand = planRefusal("view-optional", options: ["blacklist=/home/ann/.ssh"], host: host)
    #expect(byHand?.hasPrefix("--blacklist: needs a user namespace") == true)
  }

  @Test func `root mounts without a user namespace and keeps what it is told to`() throws {
    var host = host
    host.uid = 0
    host.isPrivileged = true
    let plan = try plan("caps.keep net_raw\nblacklist ${HOME}/.ssh\nnoroot", host: host)
    #expect(
      plan.operations.first
        == .enterNamespaces([.mount, .process, .hostName, .communication], user: nil))
    #expect(
      plan.operations.contains(
        .dropCapabilities(
          keep: [Capability(named: "net_raw")].compactMap { $0 }, isRoot: true,
          changesBoundingSet: true)))
    #expect(plan.warnings.count == 1)
  }

  @Test func `a missing program is said before anything else`() {
    let command = Command(program: Array("nosuch".utf8), arguments: [])
    let error = #expect(throws: PolicyError.self) {
      try Planner.plan(Policy(), running: command, on: host)
    }
    #expect(error?.line == "nosuch: there is no such program in PATH; nothing was started")
  }
}

@Suite struct `Filters as values` {
  private func filter(_ text: String) throws -> SyscallFilter {
    FilterBuilder.filter(for: try read(text).recorder.policy.syscalls)
  }
  private let denied = FilterAction.errno(.notPermitted)

  @Test func `a keep list refuses the rest and answers ENOSYS where libc falls back`() throws {
    let native = try filter("seccomp.keep read").architectures[0]
    #expect(native.verdict(on: "read") == .allow)
    #expect(native.verdict(on: "write") == denied)
    for call in [
      "clone3", "close_range", "faccessat2", "openat2", "statx", "rseq", "io_uring_setup",
    ] {
      #expect(native.verdict(on: call) == .unsupported, "\(call)")
    }
    #expect(native.verdict(number: 5000) == .unsupported)
    #expect(native.verdict(on: "rt_sigreturn") == .allow)
    #expect(try filter("seccomp.keep clone3").architectures[0].verdict(on: "clone3") == .allow)
  }

  @Test func `io_uring is closed under protocol unless a keep list names it`() throws {
    let closed = try filter("protocol unix\nseccomp").architectures[0]
    #expect(closed.verdict(on: "io_uring_setup") == .unsupported)
    let open = try filter("protocol unix\nseccomp.keep io_uring_setup").architectures[0]
    #expect(open.verdict(on: "io_uring_setup") == .allow)
  }

  @Test func `exceptions and own errors decide before the list`() throws {
    let native = try filter("seccomp !chroot,mkdir:ENOENT,chdir:kill").architectures[0]
    #expect(native.verdict(on: "chroot") == .allow)
    #expect(native.verdict(on: "mkdir") == .errno(.noEntry))
    #expect(native.verdict(on: "chdir") == .killProcess)
    #expect(native.verdict(on: "mount") == denied)
    let keep = try filter("seccomp.keep @basic-io,!write").architectures[0]
    #expect(keep.verdict(on: "read") == .allow && keep.verdict(on: "write") == denied)
  }

  @Test func `32-bit twins share the fate of the native call`() throws {
    let i386 = try filter("seccomp.drop fstat,setuid,mmap,umount2").architectures[1]
    for call in ["fstat", "fstat64", "setuid32", "mmap2", "umount"] {
      #expect(i386.verdict(on: call) == denied, "\(call)")
    }
    #expect(i386.verdict(on: "stat64") == .allow)
  }

  @Test func `names of other architectures are accepted without effect`() throws {
    #expect(
      try filter("seccomp.drop osf_wait4,riscv_flush_icache").architectures[0].otherwise == .allow)
  }

  @Test func `block-secondary closes the 32-bit table`() throws {
    let filter = try filter("seccomp.block-secondary")
    #expect(filter.architectures.count == 1)
    #expect(filter.foreign == denied)
    #expect(filter.architectures[0].verdict(on: "mount") == denied)
  }

  @Test func `the terminal is closed in every filter`() throws {
    for text in ["", "seccomp.keep ioctl", "seccomp-error-action log\nseccomp"] {
      for part in try filter(text).architectures {
        for request in [UInt64(0x5412), 0x541c, 0xffff_ffff_0000_5412] {
          #expect(part.verdict(on: "ioctl", [0, request]) == denied)
        }
      }
    }
  }
}

@Suite struct `Plans of the view` {
  private var host: FakeHost {
    var host = FakeHost([
      "/home/", "/home/ann/Downloads/", "/home/ann/Downloads/f", "/home/ann/.cache/", "/usr/share/",
      "/usr/share/doc/", "/etc/", "/tmp/.X11-unix/", "/var/", "/var/tmp/", "/home/ann/.config/",
    ])
    for path in ["/home/", "/usr/share/", "/etc/", "/var/"] { host.add(path, owner: 0) }
    return host
  }

  private func asked(_ text: String, host: FakeHost? = nil) throws -> [String] {
    try plan(text, host: host ?? self.host).steps
      .filter { $0.origin.description.contains("test.profile") }
      .map { "\($0.operation)" }
  }

  @Test func `a whitelist replaces its top-level directory and shows what is there`() throws {
    #expect(
      try asked("whitelist ${HOME}/Downloads\nwhitelist ${HOME}/missing").dropFirst() == [
        "replace /home/ann by an empty directory (mode 755)", "show /home/ann/Downloads",
      ])
    #expect(
      try asked("whitelist /usr/share/doc").dropFirst() == [
        "replace /usr/share by an empty directory (mode 755)", "show /usr/share/doc",
        "make the new /usr/share read-only",
      ])
    #expect(try asked("whitelist ${HOME}/missing").count == 2)
    #expect(try asked("nowhitelist ${HOME}/Downloads\nwhitelist ${HOME}/Downloads").count == 2)
  }

  @Test func `what a rule is about must be visible`() throws {
    let all = try asked(
      "whitelist ${HOME}/Downloads\nblacklist ${HOME}/.cache\nblacklist ${HOME}/Downloads/f")
    #expect(all.contains { $0.hasPrefix("cover /home/ann/Downloads/f") })
    #expect(!all.contains { $0.contains(".cache") })
  }

  @Test(arguments: [
    "whitelist /tmp", "whitelist /usr/share", "whitelist /proc/x", "whitelist /sys/block",
    "whitelist /",
  ])
  func `a top-level directory can't be shown alone`(line: String) {
    #expect(planRefusal(line, host: host)?.contains("/p/test.profile:1: whitelist:") == true)
  }

  @Test func `accounts of other people go, with their lines alone`() throws {
    var host = host
    host.add("/etc/passwd", owner: 0)
    let lines = ["root:x:0:0", "ann:x:1000:1000", "bob:x:1001:1001", "nobody:x:65534:65534", "odd"]
    host.texts["/etc/passwd"] = Array(lines.joined(separator: "\n").utf8)
    let texts = try plan("caps", host: host).operations.compactMap { operation in
      if case .prepareCovers(_, _, let texts) = operation { texts } else { nil }
    }
    #expect(
      texts.first?.first?.bytes
        == Array("root:x:0:0\nann:x:1000:1000\nnobody:x:65534:65534\nodd\n".utf8))
    #expect(try !plan("allusers", host: host).operations.contains(.coverByText("/etc/passwd", 0)))
  }

  @Test func `x11 none closes abstract sockets where the kernel can, and refuses where it must`()
    throws
  {
    var host = host
    let scopes = { (plan: Plan) in
      plan.operations.contains {
        if case .restrictItself(_, _, scopesSockets: true) = $0 { true } else { false }
      }
    }
    #expect(scopes(try plan("x11 none", host: host)))
    #expect(!scopes(try plan("x11 none\nnet none", host: host)))
    host.landlockVersion = 3
    #expect(!scopes(try plan("x11 none", host: host)))
    host.texts["/proc/net/unix"] = Array("0: 2 0 1 @/tmp/.X11-unix/X0\n".utf8)
    #expect(planRefusal("x11 none", host: host)?.contains("Landlock 6") == true)
    #expect(planRefusal("x11 none\nnet none", host: host) == nil)
  }

  @Test func `what can't be had together is refused with both places`() {
    #expect(
      planRefusal("writable-etc\nprivate-etc", host: host)?
        .contains("private-etc: can't be had together with writable-etc (/p/test.profile:1)")
        == true)
    #expect(planRefusal("private /nowhere", host: host)?.contains("is no directory") == true)
    #expect(planRefusal("private-cwd /nowhere", host: host)?.contains("private-cwd") == true)
  }

  @Test func `the program that was asked for is among those of private-bin`() throws {
    var host = host
    host.add("/usr/bin/other")
    host.add("/usr/bin/")
    for line in ["private-bin other", "private-bin other,true"] {
      let shown = try plan(line, host: host).steps.filter {
        if case .show(let source, _, _) = $0.operation {
          source.parent == "/usr/bin"
        } else {
          false
        }
      }
      #expect(shown.count == 2, "\(line)")
    }
  }
}
