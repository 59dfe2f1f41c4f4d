import Foundation
import TestSupport
import Testing

private let box = Installation.shared

@Suite struct `Launching` {
  @Test(arguments: [0, 1, 7, 255])
  func `the status is the program's`(status: Int32) {
    #expect(box.sandbox(["--noprofile", "sh", "-c", "exit \(status)"]).status == status)
  }

  @Test func `a signal is 128 and its number`() {
    #expect(box.sandbox(["--noprofile", "sh", "-c", "kill -TERM $$"]).status == 143)
    #expect(box.sandbox(["--noprofile", "sh", "-c", "kill -KILL $$"]).status == 137)
  }

  @Test func `a missing program is 1, and 127 after two dashes`() {
    let outcome = box.sandbox(["--noprofile", "nosuch"])
    #expect(outcome.status == 1)
    #expect(
      outcome.errors == "sandbox: nosuch: there is no such program in PATH; nothing was started\n")
    #expect(box.sandbox(["--noprofile", "--", "nosuch"]).status == 127)
    #expect(box.sandbox(["--noprofile", "/etc/passwd"]).status == 1)
    #expect(box.sandbox(["--noprofile", "--", "/etc/passwd"]).status == 126)
    let broken = box.file("broken", "no program\n", mode: 0o755)
    #expect(box.sandbox(["--noprofile", broken]).status == 1)
    #expect(box.sandbox(["--noprofile", "--", broken]).status == 126)
  }

  @Test func `two dashes end the options`() {
    #expect(box.sandbox(["--noprofile", "--", "echo", "--help", "--"]).output == "--help --\n")
    #expect(
      box.sandbox(["--noprofile", "sh", "-c", "echo $0 $1", "--help", "--version"]).output
        == "--help --version\n")
  }

  @Test func `with filter-only the launcher becomes the program`() {
    let words = ["--filter-only", "sh", "-c", "echo $$ $PPID; cat /proc/$$/task/$$/children"]
    let script = "echo $$; \(box.launcher) \(words.map { "'\($0)'" }.joined(separator: " "))"
    let lines = box.run(["sh", "-c", script]).output.split(separator: "\n")
    #expect(lines.count >= 2 && lines[1].split(separator: " ").last == lines[0])
  }

  @Test func `filter-only makes no namespace`() {
    let script = "readlink /proc/self/ns/user /proc/self/ns/mnt"
    let outside = box.run(["sh", "-c", script]).output
    #expect(box.sandbox(["--filter-only", "sh", "-c", script]).output == outside)
    if hasUserNamespaces {
      #expect(box.sandbox(["--noprofile", "--noroot", "sh", "-c", script]).output != outside)
    }
  }

  @Test func `filter-only refuses path rules by their line`() {
    box.file(".config/sandbox/factor.profile", "filter-only\nblacklist /etc/shadow\n")
    let outcome = box.sandbox(["factor", "7"])
    #expect(outcome.status == 1)
    #expect(
      outcome.errors.contains("/.config/sandbox/factor.profile:2: blacklist: can't be enforced"))
  }

  @Test func `descriptors above 2 are closed, but for those that are kept`() {
    let list = "ls /proc/self/fd | tr '\\n' ' '"
    let start = { (options: String) in
      box.run([
        "sh", "-c",
        "exec 5</etc/passwd 7</etc/group; \(box.launcher) --noprofile \(options) sh -c \"\(list)\"",
      ]).output
    }
    #expect(start("") == "0 1 2 3 ")
    #expect(start("--keep-fd=5") == "0 1 2 3 5 ")
    let all = start("--keep-fd=all").split(separator: " ")
    #expect(all.contains("5") && all.contains("7"))
    for number in [3, 4, 9, 60] {
      let outcome = box.sandbox(["--noprofile", "--keep-fd=\(number)", "true"])
      #expect(outcome.status == 1 && outcome.errors.contains("descriptor \(number) is not open"))
    }
  }

  @Test func `mask, directory and environment are the caller's`() {
    let outcome = box.run([
      "sh", "-c",
      "umask 027; cd /usr; X=1 Y=2 \(box.launcher) --noprofile --env=X=3 --rmenv=Y sh -c 'umask; pwd; echo $X$Y$Z'",
    ])
    #expect(outcome.output == "0027\n/usr\n3\n")
  }

  @Test func `limits, priority and processors`() {
    let outcome = box.sandbox(
      [
        "--noprofile", "--rlimit-nofile=33", "--rlimit-fsize=1K", "--nice=3", "--cpu=0", "sh", "-c",
        "ulimit -n; nice; grep Cpus_allowed_list /proc/self/status | cut -f2; head -c 2000 /dev/zero > big; stat -c %s big",
      ], environment: [:])
    #expect(outcome.output.hasPrefix("33\n3\n0\n"))
    #expect(!outcome.output.contains("2000"))
  }

  @Test func `time is up with status 1, for children too`() {
    let marker = box.home + "/late"
    let outcome = box.sandbox([
      "--noprofile", "--timeout=00:00:01", "sh", "-c",
      "(trap '' TERM; sleep 2; touch \(marker)) & sleep 30",
    ])
    #expect(outcome.status == 1)
    _ = box.run(["sleep", "2"])
    #expect(box.run(["test", "-e", marker]).status == 1)
    #expect(box.sandbox(["--noprofile", "--timeout=00:00:09", "sh", "-c", "exit 5"]).status == 5)
  }

  @Test func `closed standard streams stay harmless`() {
    let script =
      "\(box.launcher) --noprofile --blacklist=/etc/shadow sh -c 'echo x > /dev/tty; exit 3' <&- >&- 2>&-"
    #expect(box.run(["sh", "-c", script]).status == 3)
  }

  @Test(.enabled(if: Installation.isRoot, "only root can set these bits"))
  func `refuses to run with a set-user-ID or set-group-ID bit or with file capabilities`() {
    for change in ["chmod 4755", "chmod 2755", "setcap cap_net_raw+ep"] {
      let copy = box.prefix + "/bin/privileged"
      _ = box.run(["cp", box.launcher, copy], asRoot: true)
      _ = box.run(["sh", "-c", "\(change) \(copy)"], asRoot: true)
      for asRoot in [false, true] {
        let outcome = box.run([copy, "--version"], asRoot: asRoot)
        #expect(outcome.status == 1, "\(change)")
        #expect(outcome.errors.hasPrefix("sandbox: refusing to run: its file has"))
      }
      _ = box.run(["rm", copy], asRoot: true)
    }
  }
}

@Suite struct `Bad input` {
  private func refused(_ outcome: Outcome, _ part: String, _ place: String) {
    #expect(outcome.status == 1, "\(place)")
    #expect(outcome.errorLines.count == 1, "\(place): \(outcome.errors)")
    #expect(outcome.errors.contains(part), "\(outcome.errors)")
    #expect(!outcome.output.contains("started"))
  }

  private func start(_ profile: String) -> Outcome {
    box.sandbox(["--profile=" + profile, "echo", "started"])
  }

  @Test func `each is one line with its place, and nothing starts`() {
    let cases: [(String, Data, String)] = [
      ("unknown", Data("caps\nfoo bar\n".utf8), ":2: no directive is called \"foo\""),
      ("nul", Data("caps\n\0\n".utf8), ":2: line holds a NUL byte"),
      ("crlf", Data("caps\r\n".utf8), ":1: line holds a carriage return"),
      ("utf8", Data([0x71, 0xff, 0x0a]), ":1: line is not UTF-8"),
      ("long", Data(repeating: 0x78, count: 10 << 20), ":1: line is longer"),
      ("many", Data(repeating: 0x0a, count: 100_000), ":65536: a profile has at most"),
      ("empty", Data("seccomp.keep ,\n".utf8), ":1: seccomp.keep: the list has an empty item"),
      ("missing", Data("include nosuch.inc\n".utf8), ":1: include: there is no file"),
      ("loop", Data("include \(box.home)/bad/loop\n".utf8), ":1: include: "),
      ("directory", Data("include /etc/\n".utf8), ":1: "),
      ("zero", Data("include /dev/zero\n".utf8), ":1: \"/dev/zero\" is not a regular file"),
      ("fifo", Data("include \(box.home)/bad/pipe\n".utf8), ":1: "),
    ]
    box.run(["mkdir", "-p", box.home + "/bad"])
    box.run(["mkfifo", box.home + "/bad/pipe"])
    for (name, text, part) in cases {
      let path = box.file("bad/" + name, bytes: text)
      refused(start(path), path + part, name)
    }
    refused(start("/dev/zero"), "is not a regular file", "/dev/zero")
    refused(start(box.home + "/bad"), "is a directory", "directory")
  }

  @Test func `a profile that others could have planted is not read`() {
    refused(start(box.file("planted", "caps\n", mode: 0o666)), "can be written by everyone", "mode")
    if Installation.isRoot {
      let path = box.file("foreign", "caps\n")
      _ = box.run(["chown", "12345", path], asRoot: true)
      refused(start(path), "belongs to another user", "owner")
    }
  }

  @Test func `a profile of the working directory is never found by its name`() {
    box.file("here/plant.profile", "caps\n")
    let outcome = box.run([
      "sh", "-c", "cd \(box.home)/here && \(box.launcher) --profile=plant echo started",
    ])
    refused(outcome, "no profile is called \"plant\"", "cwd")
  }

  @Test func `options`() {
    refused(box.sandbox(["--seccom.keep=read", "echo", "started"]), "did you mean", "near")
    refused(
      box.sandbox(["--ip=10.1.1.1", "echo", "started"]), "--ip: not supported yet",
      "later")
    refused(box.sandbox(["--profile=x", "--noprofile", "echo", "started"]), "--", "both")
    refused(box.sandbox(["-x", "echo", "started"]), "options begin with two dashes", "short")
  }
}

@Suite(.serialized) struct `Choosing a profile` {
  private func action(_ options: [String] = []) -> String {
    box.sandbox(options + ["--debug", "nproc"]).errors
  }

  @Test func `by name: own, the system's, own for Firejail, then the default`() {
    #expect(action().contains("read \(box.shipped)/default.profile"))
    let place = { (directory: String) in
      let path = directory + "/nproc.profile"
      // A sandbox of another test may have lent the directory, and take it back just now.
      let make =
        "for i in $(seq 100); do mkdir -p \(directory) && echo caps >\(path) && break; done"
      box.run(["mkdir", "-p", directory])
      _ = box.run(["sh", "-c", make + "; chmod 644 \(path)"], asRoot: Installation.isRoot)
      return path
    }
    var paths: [String] = []
    for directory in [
      box.shipped, box.home + "/.config/firejail", box.system, box.home + "/.config/sandbox",
    ] {
      paths.append(place(directory))
      #expect(action().contains("read " + (paths.last ?? "")))
    }
    #expect(!action(["--noprofile"]).contains("read "))
    for path in paths { _ = box.run(["rm", path], asRoot: Installation.isRoot) }
  }

  @Test func `a .local file of the user's is read`() {
    let local = box.file(".config/sandbox/default.local", "name mine\n")
    let text = action()
    #expect(text.contains("read " + local))
    box.run(["rm", local])
  }
}

@Suite struct `Look-ups` {
  @Test func `numbers and names in Firejail's format`() {
    let text = box.sandbox(["--debug-syscalls"]).output
    #expect(text.split(separator: "\n").filter { $0.contains("201") } == ["201\t- time"])
    #expect(box.sandbox(["--debug-syscalls32"]).output.contains("102\t- socketcall\n"))
    #expect(box.sandbox(["--debug-errnos"]).output.contains("1\t- EPERM\n"))
    #expect(box.sandbox(["--debug-caps"]).output.contains("13\t- net_raw\n"))
    #expect(
      box.sandbox(["--debug-protocols"]).output
        == "unix, inet, inet6, netlink, packet, bluetooth, \n")
    #expect(box.sandbox(["--debug-syscall-groups=@swap"]).output.contains("@swap=swapoff,swapon"))
    #expect(box.sandbox(["--debug-syscall-groups=@none"]).status == 1)
    #expect(box.sandbox(["--debug-syscall-groups"]).output.contains("@clock "))
  }
}

@Suite struct `Receipts` {
  private func receipt(_ options: [String], asRoot: Bool = false) throws -> [String: Any] {
    let file = (asRoot ? box.prefix : box.home) + "/receipt-\(UUID().uuidString).json"
    let outcome = box.sandbox(options + ["--receipt=" + file, "true"], asRoot: asRoot)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let data = FileManager.default.contents(atPath: file) ?? Data()
    return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
  }

  @Test func `say what the kernel says`() throws {
    let receipt = try receipt(["--noprofile", "--filter-only", "--seccomp", "--name=test1"])
    #expect(receipt["started"] as? Bool == true)
    #expect(receipt["name"] as? String == "test1")
    #expect(receipt["noNewPrivileges"] as? Bool == true)
    #expect((receipt["namespaces"] as? [String]) == [])
    let seccomp = receipt["seccomp"] as? [String: Any]
    #expect(seccomp?["mode"] as? Int == 2)
    #expect(seccomp?["filters"] as? Int == 1)
  }

  @Test(.enabled(if: hasUserNamespaces, "this host refuses user namespaces"))
  func `list namespaces, capabilities and hidden paths`() throws {
    let secret = box.file("receipt/secret")
    let receipt = try receipt(["--noprofile", "--blacklist=" + secret])
    #expect((receipt["namespaces"] as? [String]) == ["user", "mnt", "pid", "uts"])
    let sets = receipt["capabilities"] as? [String: String]
    #expect(sets?.count == 5 && sets?.values.allSatisfy { $0 == "0000000000000000" } == true)
    let mounts = receipt["mounts"] as? [[String: Any]] ?? []
    #expect(mounts.contains { $0["path"] as? String == secret && $0["hidden"] as? Bool == true })
  }

  @Test(.enabled(if: Installation.isRoot, "the kernel tells a filter's length to root"))
  func `root's has the filter's length read back`() throws {
    let receipt = try receipt(["--noprofile", "--seccomp"], asRoot: true)
    let seccomp = receipt["seccomp"] as? [String: Any]
    #expect(seccomp?["lengthIsReadBack"] as? Bool == true)
  }

  @Test func `that can't be written stop the launch`() {
    let outcome = box.sandbox(["--noprofile", "--receipt=/nowhere/x", "echo", "started"])
    #expect(outcome.status == 1 && outcome.output.isEmpty)
  }
}
