import Foundation
import SandboxPolicy
import TestSupport
import Testing

/// Nothing is accepted without effect: each directive has the test that shows its effect on a real
/// program, with and without it.
@Suite struct `Every directive` {
  /// The tests of directives that no contrast of `Directives of the view` is about.
  static let tests: [String: [String]] = [
    "a .local file of the user's is read": ["include"],
    "options act on what is checked": ["ignore", "profile"],
    "by name: own, the system's, own for Firejail, then the default": ["noprofile"],
    "says once what the default profile can't enforce": ["quiet", "view-optional"],
    "a warning of a profile is printed, unless it is quiet": ["warn"],
    "a hidden file or directory resists every verb and every name": ["blacklist"],
    "patterns, macros and noblacklist": ["noblacklist"],
    "read-only holds below, and read-write undoes it where it comes later": [
      "read-only", "read-write",
    ],
    "noexec keeps a program from running and from being mapped": ["noexec"],
    "filter-only makes no namespace": ["filter-only"],
    "other spellings act as the word of today": [
      "blacklist-nolog", "whitelist-ro", "nodbus", "noautopulse", "notpm", "keep-hostname",
      "join-or-start", "caps",
    ],
    "the shell's start-up files come from /etc/skel, or not": ["keep-shell-rc"],
    "mkdir and mkfile make what is missing, where they may": ["mkdir", "mkfile"],
    "another root shows itself alone": ["chroot"],
    "a layer over the home takes the changes": ["overlay-tmpfs"],
    "a kept layer has the changes at the next start, for one sandbox at a time": [
      "overlay", "overlay-named", "overlay-clean",
    ],
    "a listing names the hidden and the shown paths with their rules": [
      "debug-blacklists", "debug-whitelists",
    ],
    "seccomp.drop refuses every call of the table, by both entries": ["seccomp.drop"],
    "a keep list allows its calls and refuses each other": ["seccomp.keep"],
    "name:ERRNO, !name, $number and groups": ["seccomp"],
    "lists of the 32-bit entry act on that alone": [
      "seccomp.32", "seccomp.32.drop", "seccomp.32.keep",
    ],
    "block-secondary closes the 32-bit entry, and x32 is always closed": [
      "seccomp.block-secondary"
    ],
    "the error action is what was asked for": ["seccomp-error-action"],
    "the second list holds from the event on, in all processes": ["seccomp.keep.after"],
    "libseccomp makes the same verdicts of the OCI document": ["export"],
    "protocol allows its families alone": ["protocol"],
    "each refusal is named with its line, and the suggested lines lift it": [
      "explain", "seccomp.allow",
    ],
    "a trace has a line for each event": ["trace"],
    "what a list lacks is said without running anything": ["check-list"],
    "each area is open without its rule and closed with it": ["audit"],
    "an interrupted run is written, and without a file it is printed": [
      "build", "build-exact", "build-unproven",
    ],
    "memory can't be writable and executable": ["memory-deny-write-execute"],
    "namespaces can't be made or entered": ["restrict-namespaces"],
    "the capabilities that stay with root are those that were named": ["caps.drop"],
    "device files can be made where landlock says so": ["landlock.fs.makedev"],
    "say what the kernel says": ["receipt", "nonewprivs", "name"],
    "noroot shows other owners as nobody": ["noroot"],
    "groups are dropped by root and named for others": ["nogroups"],
    "AppArmor is missing by name where its profile is not loaded": [
      "apparmor", "apparmor-replace", "apparmor-stack",
    ],
    "limits, priority and processors": [
      "rlimit-as", "rlimit-cpu", "rlimit-fsize", "rlimit-nofile", "rlimit-nproc",
      "rlimit-sigpending", "nice", "cpu",
    ],
    "time is up with status 1, for children too": ["timeout"],
    "env and rmenv change the environment": ["env", "rmenv"],
    "descriptors above 2 are closed, but for those that are kept": ["keep-fd"],
    "each device goes by its word, with and without a private dev": [
      "no3d", "nodvd", "notv", "nou2f", "novideo", "noinput", "noprinters", "keep-dev-tpm",
      "keep-dev-ntsync",
    ],
    "the configuration of PulseAudio says no shared memory": ["keep-config-pulse"],
    "the runtime directory hides what others put there, unless it is lifted": [
      "writable-run-user"
    ],
    "are open without a line and closed by none": ["dbus-user", "dbus-system"],
    "show through a filter what the rules name": [
      "dbus-user.talk", "dbus-user.see", "dbus-user.call",
    ],
    "let only named signals through, and only named names be owned": [
      "dbus-user.broadcast", "dbus-user.own",
    ],
    "the system bus is filtered by the same rules": [
      "dbus-system.talk", "dbus-system.see", "dbus-system.call", "dbus-system.own",
      "dbus-system.broadcast", "dbus-system.log",
    ],
    "xephyr shows itself in a window of the present display": [
      "xephyr-screen", "xephyr-extra-params",
    ],
    "a log says what passes": ["dbus-user.log", "dbus-log"],
    "a plan names each rule and each step with its place, and starts nothing": ["plan", "json"],
    "a profile that would start gives 0, another 1 with each error": ["check"],
    "numbers and names in Firejail's format": [
      "debug-syscalls", "debug-syscalls32", "debug-syscall-groups", "debug-errnos", "debug-caps",
      "debug-protocols",
    ],
    "the filter is printed as it stands, each verdict with its place": ["debug-filter"],
    "a process's status is what the kernel says of it and its children": ["status"],
    "the doctor finds what this host can do": ["doctor"],
    "list namespaces, capabilities and hidden paths": ["debug"],
    "options": ["version", "help"],
    "are unpacked, shown read-only and started": ["appimage"],
    "hold what was written, and the status is the program's": ["output", "output-stderr"],
    "starts programs in their sandboxes, and is undone without a trace": [
      "integrate", "disintegrate", "dry-run",
    ],
    "are listed by number, user, name and command": ["list", "tree"],
    "are watched on a terminal until a key comes": ["top", "netstats"],
    "are joined with the same confinement": ["join"],
    "are joined in parts": ["join-network", "join-filesystem"],
    "keep their names apart, or are joined under them": ["join-or-start"],
    "show and take files, and lead nobody out": ["ls", "cat", "get", "put"],
    "end together, a hundred at once, and leave nothing": ["shutdown"],
    "print how they are confined": [
      "caps.print", "cpu.print", "dns.print", "fs.print", "profile.print", "protocol.print",
      "seccomp.print", "apparmor.print",
    ],
  ]

  private static func sources() throws -> String {
    let directory = Installation.root + "/Tests/EnforcementTests"
    return try FileManager.default.contentsOfDirectory(atPath: directory)
      .filter { $0.hasSuffix(".swift") }
      .map { try String(contentsOfFile: directory + "/" + $0, encoding: .utf8) }.joined()
  }

  @Test func `has a test of its effect, or says why it has none`() throws {
    let sources = try Self.sources()
    for test in Self.tests.keys {
      #expect(sources.contains("func `\(test)`") || sources.contains("func \(test)("), "\(test)")
    }
    let contrasts = `Directives of the view`.contrasts.flatMap(\.options).map { option in
      String(option.dropFirst(2).prefix { $0 != "=" })
    }
    let tested = Set(Self.tests.values.joined() + contrasts)
    for directive in DirectiveTable.all where directive.support == .enforced {
      #expect(tested.contains(directive.name), "\(directive.name)")
    }
    for name in tested {
      #expect(DirectiveTable.named(name)?.support == .enforced, "\(name)")
    }
  }

  @Test func `without effect is noted with its reason`() {
    for directive in DirectiveTable.all {
      guard case .noEffect(let reason) = directive.support else { continue }
      let outcome = box.sandbox(
        ["--noprofile", "--debug", "--" + directive.example.replacing(" ", with: "="), "true"])
      #expect(outcome.status == 0 && outcome.errors.contains(reason), "\(directive.name)")
    }
  }

  private let box = Installation.shared

  /// What a program that runs under these lines of a profile prints.
  private func output(_ lines: String, _ script: String) -> String {
    let profile = box.file("effects/\(UUID().uuidString).profile", lines + "\n")
    return box.sandbox(["--profile=" + profile, "sh", "-c", script]).output
  }

  @Test func `env and rmenv change the environment`() {
    let outcome = box.sandbox(
      ["--noprofile", "--env=NEW=1", "--rmenv=OLD", "sh", "-c", "echo $NEW$OLD"],
      environment: ["OLD": "2"])
    #expect(outcome.output == "1\n")
    #expect(
      box.sandbox(["--noprofile", "sh", "-c", "echo $NEW$OLD"], environment: ["OLD": "2"]).output
        == "2\n")
  }

  @Test func `a warning of a profile is printed, unless it is quiet`() {
    let path = box.file("effects/warn.profile", "warn mind the gap\n")
    #expect(box.sandbox(["--profile=" + path, "true"]).errors.contains("mind the gap"))
    #expect(box.sandbox(["--quiet", "--profile=" + path, "true"]).errors.isEmpty)
  }

  @Test(.enabled(if: hasUserNamespaces, "this host refuses user namespaces"))
  func `other spellings act as the word of today`() {
    box.file("effects/dir/secret")
    let read =
      "cat ~/effects/dir/secret 2>/dev/null; echo x >>~/effects/dir/new 2>/dev/null && echo wrote"
    #expect(output("blacklist-nolog ${HOME}/effects/dir", read).isEmpty)
    #expect(output("whitelist-ro ${HOME}/effects/dir", read) == "content\n")
    #expect(output("whitelist ${HOME}/effects/dir", read) == "content\nwrote\n")
    #expect(output("caps\nnotpm\nkeep-hostname", "hostname") == box.run(["hostname"]).output)
    let named = box.sandbox(["--noprofile", "--join-or-start=one", "--receipt", "true"])
    #expect(named.errors.contains("\"name\":\"one\""))
  }

  @Test(.enabled(if: hasUserNamespaces, "this host refuses user namespaces"))
  func `the shell's start-up files come from /etc/skel, or not`() {
    let list = "ls -A ~ | grep -c bashrc"
    #expect(output("private", list) == "1\n")
    #expect(output("private\nkeep-shell-rc", list) == "0\n")
  }

  @Test(.enabled(if: Installation.isRoot, "only root keeps capabilities"))
  func `the capabilities that stay with root are those that were named`() {
    let effective = { (option: String) -> UInt64 in
      let outcome = self.box.sandbox(
        ["--noprofile", option, "sh", "-c", "sed -n 's/^CapEff:.//p' /proc/self/status"],
        asRoot: true)
      return UInt64(outcome.output.dropLast(), radix: 16) ?? .max
    }
    #expect(effective("--caps.keep=chown,kill") == 0x21)
    #expect(effective("--caps.drop=chown,kill") & 0x21 == 0)
    #expect(effective("--caps.drop=chown,kill") & 0x2 != 0)
    #expect(effective("--caps") & 0x20_0000 == 0 && effective("--caps") & 0x21 == 0x21)
    #expect(effective("--caps.drop=all") == 0)
  }

  @Test(.enabled(if: Installation.isRoot, "device files are made by root"))
  func `device files can be made where landlock says so`() {
    let outcome = { (options: [String]) in
      self.box.sandbox(
        ["--noprofile", "--caps.keep=mknod", "--landlock.enforce", "--landlock.fs.read=/"]
          + ["--landlock.fs.execute=/", "--landlock.fs.write=/"] + options
          + ["sh", "-c", "mknod /tmp/effects-null c 1 3 && rm /tmp/effects-null"], asRoot: true
      ).status
    }
    #expect(outcome([]) != 0)
    #expect(outcome(["--landlock.fs.makedev=/tmp"]) == 0)
  }
}
