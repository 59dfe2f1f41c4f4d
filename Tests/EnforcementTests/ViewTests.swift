import Foundation
import TestSupport
import Testing

private let box = Installation.shared

@Suite(.enabled(if: hasUserNamespaces, "this host refuses user namespaces"))
struct `Files` {
  private func inside(_ options: [String], _ script: String, asRoot: Bool = false) -> String {
    box.sandbox(["--noprofile"] + options + ["sh", "-c", script + " 2>&1"], asRoot: asRoot).output
  }

  @Test(arguments: [false, true])
  func `a hidden file or directory resists every verb and every name`(asRoot: Bool) {
    guard !asRoot || Installation.isRoot else { return }
    let secret = box.file("h\(asRoot)/secret/key")
    let open = box.file("h\(asRoot)/open")
    let directory = box.home + "/h\(asRoot)/secret"
    box.run(["ln", "-sfn", directory, box.home + "/h\(asRoot)/link"])
    let options = ["--blacklist=\(directory)", "--blacklist=\(open)"]
    for script in [
      "cat \(secret)", "ls \(directory)", "cat \(box.home)/h\(asRoot)/link/key", "cat \(open)",
      "cat /proc/self/root\(secret)", ": > \(open)", "sh \(open)", "touch \(directory)/new",
      "chmod 777 \(directory) && ls \(directory)", "mv \(open) \(open).moved", "rm -r \(directory)",
      "cd \(directory)", "ln \(open) \(open).hard", "umount \(directory) && ls \(directory)",
    ] {
      let outcome = box.sandbox(["--noprofile"] + options + ["sh", "-c", script], asRoot: asRoot)
      #expect(outcome.status != 0, "\(script)")
      #expect(!outcome.output.contains("content"), "\(script)")
    }
    #expect(inside([], "cat \(secret) \(open)", asRoot: asRoot) == "content\ncontent\n")
    #expect(inside(options, "ls \(box.home)/h\(asRoot)", asRoot: asRoot).contains("secret"))
  }

  /// By a rule of a collection, which does not hold the directories above.
  @Test func `a cover moves with a renamed parent`() throws {
    let secret = box.file("rename/a/secret")
    let include = box.shipped + "/disable-rename.inc"
    try "blacklist \(secret)\n".write(toFile: include, atomically: true, encoding: .utf8)
    defer { unlink(include) }
    let script =
      "mv \(box.home)/rename/a \(box.home)/rename/b; cat \(box.home)/rename/b/secret && echo read"
    let profile = box.file("rename.profile", "include disable-rename.inc\n")
    let outcome = box.sandbox(["--profile=" + profile, "sh", "-c", script])
    #expect(!outcome.output.contains("content"))
    #expect(box.run(["cat", box.home + "/rename/b/secret"]).output == "content\n")
  }

  @Test func `a hidden working directory is left`() {
    let file = box.file("cwd/secret")
    let directory = (file as NSString).deletingLastPathComponent
    let outcome = box.run([
      "sh", "-c",
      "cd \(directory) && \(box.launcher) --noprofile --blacklist=\(directory) sh -c 'pwd; cat secret'",
    ])
    #expect(outcome.output == box.home + "\n")
    #expect(outcome.status != 0)
  }

  @Test func `a namespace of the program's own does not lift a cover`() {
    let secret = box.file("ns/secret")
    let script =
      "unshare -Urm sh -c 'umount \(secret); mount -o remount,rw \(secret); cat \(secret)'"
    #expect(!inside(["--blacklist=\(secret)"], script).contains("content"))
    // A program that keeps such a right may build a sandbox of its own; the cover stays all the same.
    let own = ["--caps.keep=sys_admin"]
    #expect(inside(own, "unshare -Urm cat \(secret)") == "content\n")
    #expect(!inside(own + ["--blacklist=\(secret)"], script).contains("content"))
    #expect(inside([], "unshare -Urm echo made").contains("not permitted"))
  }

  @Test func `read-only holds below, and read-write undoes it where it comes later`() {
    let file = box.file("modes/a/b/c")
    let top = box.home + "/modes"
    let write = "echo new > \(file) && echo written"
    #expect(!inside(["--read-only=\(top)"], write).contains("written"))
    #expect(inside([], write) == "written\n")
    box.file(".config/sandbox/modes.inc", "read-only \(top)\nread-write \(top)/a/b\n")
    #expect(inside(["--include=modes.inc"], write) == "written\n")
    #expect(
      !inside(["--include=modes.inc"], "touch \(top)/a/x && echo written").contains("written"))
    box.file(".config/sandbox/modes.inc", "read-write \(top)/a/b\nread-only \(top)\n")
    #expect(!inside(["--include=modes.inc"], write).contains("written"))
    #expect(!inside(["--read-only=\(top)"], "chmod 700 \(top) && echo written").contains("written"))
  }

  @Test func `noexec keeps a program from running and from being mapped`() {
    box.run(["cp", "/bin/true", box.home + "/mytrue"])
    let path = box.home + "/mytrue"
    #expect(inside([], path + " && echo ran") == "ran\n")
    #expect(!inside(["--noexec=\(box.home)"], path + " && echo ran").contains("ran"))
    let loader = "/lib64/ld-linux-x86-64.so.2 \(path) && echo ran"
    #expect(!inside(["--noexec=\(box.home)"], loader).contains("ran"))
  }

  @Test func `tmpfs shows an empty directory and keeps nothing`() {
    let file = box.file("cache/old")
    let directory = box.home + "/cache"
    let script = "ls \(directory); echo x > \(directory)/new && cat \(directory)/new"
    #expect(inside(["--tmpfs=\(directory)"], script) == "x\n")
    #expect(box.run(["ls", directory]).output == "old\n")
    #expect(inside([], "cat \(file)") == "content\n")
  }

  @Test func `patterns, macros and noblacklist`() {
    for name in ["p/one.key", "p/two.key", "p/three.txt"] { box.file(name) }
    let list = "cd; for f in p/*; do cat $f >/dev/null && echo $f; done"
    let visible = { (options: [String]) in
      inside(options, list).split(separator: "\n").filter { $0.hasPrefix("p/") }
    }
    #expect(visible(["--blacklist=${HOME}/p/*.key"]) == ["p/three.txt"])
    #expect(
      visible(["--noblacklist=~/p/one.key", "--blacklist=~/p/*.key"]) == [
        "p/one.key", "p/three.txt",
      ])
  }

  @Test func `what somebody else keeps closed does not exist, what is one's own must be reachable`()
  {
    guard Installation.isRoot else { return }
    let closed = box.prefix + "/closed"
    _ = box.run(["sh", "-c", "mkdir -p \(closed)/in && chmod 700 \(closed)"], asRoot: true)
    for pattern in ["\(closed)/in/file", "\(closed)/in/*", "\(closed)/*", "\(closed)/in"] {
      #expect(inside(["--blacklist=" + pattern], "echo ran") == "ran\n", "\(pattern)")
    }
    // From inside, its owner could open it again.
    let own = box.file("own/in/file")
    box.run(["chmod", "000", box.home + "/own"])
    #expect(box.sandbox(["--noprofile", "--blacklist=" + own, "echo", "ran"]).status == 1)
    #expect(
      box.sandbox(["--noprofile", "--blacklist=\(box.home)/own/*", "echo", "ran"]).status == 1)
    box.run(["chmod", "755", box.home + "/own"])
  }

  @Test func `nothing is left behind, and nothing shows outside`() {
    let secret = box.file("left/secret")
    let look = ["sh", "-c", "find \(box.home)/left; ls -a /; cat /proc/self/mounts"]
    let before = box.run(look).output
    _ = inside(["--blacklist=\(secret)", "--tmpfs=\(box.home)/left"], "touch \(box.home)/left/new")
    #expect(box.run(look).output == before)
    #expect(box.run(["cat", secret]).output == "content\n")
  }

  @Test func `a hundred rules cover a hundred files`() {
    for index in 0..<100 { box.file("many/f\(index)") }
    box.file(
      ".config/sandbox/many.inc",
      (0..<100).map { "blacklist ${HOME}/many/f\($0)" }.joined(separator: "\n"))
    let output = inside(["--include=many.inc"], "cat \(box.home)/many/* | wc -l")
    #expect(output.split(separator: "\n").last == "0")
  }

  @Test func `no capability is left in any set`() {
    let text = "grep ^Cap /proc/self/status | cut -f2 | sort -u"
    for options in [["--blacklist=/etc/shadow"], ["--noroot"], ["--noroot", "--caps.drop=all"]] {
      #expect(inside(options, text) == "0000000000000000\n")
    }
    #expect(
      inside(["--noroot", "--caps.keep=net_raw"], text) == "0000000000000000\n0000000000002000\n")
    if Installation.isRoot {
      let kept = inside(
        ["--caps.keep=net_raw"], "grep -E '^Cap(Prm|Eff|Bnd|Inh)' /proc/self/status | cut -f2",
        asRoot: true)
      #expect(kept == "0000000000000000\n" + String(repeating: "0000000000002000\n", count: 3))
      #expect(inside([], text, asRoot: true) == "0000000000000000\n")
    }
  }

  @Test func `noroot shows other owners as nobody`() {
    #expect(inside(["--noroot"], "stat -c %u /etc/passwd") == "65534\n")
    #expect(inside(["--filter-only"], "stat -c %u /etc/passwd") == "0\n")
  }
}

@Suite(.enabled(if: hasUserNamespaces, "this host refuses user namespaces"))
struct `Set-up that fails` {
  /// Every call of the set-up that can be made to fail, with the options that need it.
  static let injected = [
    "clone", "mount", "fsopen", "fsconfig", "fsmount", "mkdirat", "move_mount", "open_tree",
    "mount_setattr", "chdir", "sched_setaffinity", "setpriority", "capset", "prlimit64",
    "close_range", "prctl", "seccomp", "execve", "getrandom", "openat2", "readlink", "newfstatat",
    "read", "capget", "getpriority", "pipe2", "fstatfs",
  ]

  /// All of them: `make test-faults`.
  @Test(.enabled(if: hasUserNamespaces, "the view needs user namespaces"))
  func `each sixtieth fault of the launcher leaves it closed`() {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let outcome = box.run(
      [Installation.root + "/Tests/Scripts/inject-faults", "--every", "60"], asRoot: true,
      environment: ["PATH": path, "SANDBOX": box.launcher], limit: 300)
    #expect(outcome.status == 0, "\(outcome)")
    #expect(outcome.output.contains(" 0 open, 0 silent, 0 hung"), "\(outcome)")
  }

  @Test(arguments: injected)
  func `leaves no program running`(call: String) {
    let secret = box.file("inject-\(call)/secret")
    let directory = box.home + "/inject-\(call)"
    let canary = box.home + "/canary-\(call)"
    let options = [
      "--noprofile", "--blacklist=\(secret)", "--read-only=\(directory)",
      "--tmpfs=\(box.home)/cache2",
      "--cpu=0", "--nice=1", "--rlimit-nofile=50", "--seccomp", "--caps.drop=all",
    ]
    box.file("cache2/x")
    var failed = 0
    for error in ["EPERM", "ENOMEM"] {
      let outcome = box.run(
        [
          "strace", "-f", "-qq", "-o", "/dev/null", "-e", "inject=\(call):error=\(error):when=1+",
          box.launcher,
        ] + options + ["touch", canary])
      let ran = box.run(["test", "-e", canary]).status == 0
      #expect(!ran, "\(call) \(error): the program ran")
      #expect(outcome.status != 0)
      // Two processes make these at the same time, and both may say it: the first one and the program
      // close descriptors, the launcher lends directories while the first one makes some.
      let most = ["close_range", "mkdirat"].contains(call) ? 2 : 1
      #expect((1...most).contains(outcome.errorLines.count), "\(outcome)")
      if outcome.status != 0 { failed += 1 }
    }
    #expect(failed == 2)
  }

  /// A question that gets no answer must not be taken for "there is nothing to hide".
  @Test(arguments: ["openat2", "readlink", "newfstatat", "openat", "read", "faccessat2"])
  func `leaves no program less confined, whichever of its calls fails`(call: String) {
    let secret = box.file("each-\(call)/secret")
    let directory = box.home + "/each-\(call)"
    let words = [
      box.launcher, "--noprofile", "--blacklist=\(secret)", "--read-only=\(directory)",
      "--seccomp.drop=mkdir", "sh", "-c",
      "cat \(secret); touch \(directory)/new && echo written; mkdir \(box.home)/made && echo made; echo ran",
    ]
    let confined = box.run(words).output
    #expect(confined == "ran\n")
    for occurrence in 1...40 {
      for error in ["EPERM", "EACCES", "ENOMEM"] {
        let outcome = box.run(
          [
            "strace", "-f", "-qq", "-o", "/dev/null", "-e",
            "inject=\(call):error=\(error):when=\(occurrence)",
          ]
            + words)
        #expect(
          outcome.output == confined || !outcome.output.contains("ran"),
          "\(call) \(occurrence) \(error): \(outcome.output)")
      }
    }
  }

  @Test func `does not happen without a fault`() {
    let canary = box.home + "/canary"
    let outcome = box.run([
      "strace", "-f", "-qq", "-o", "/dev/null", box.launcher, "--noprofile",
      "--blacklist=/etc/shadow", "touch", canary,
    ])
    #expect(outcome.status == 0)
    #expect(box.run(["test", "-e", canary]).status == 0)
  }
}

@Suite(.enabled(if: hasUserNamespaces, "this host refuses user namespaces"))
struct `A host without user namespaces` {
  /// Inside a namespace whose own limit is 0, without a capability: what such a host is like.
  private func refusing(_ words: [String]) -> Outcome {
    let script =
      "echo 0 > /proc/sys/user/max_user_namespaces && exec setpriv --bounding-set=-all"
      + " --inh-caps=-all \"$@\""
    return box.run(["unshare", "-Ur", "sh", "-c", script, "sh", box.launcher] + words)
  }

  @Test func `refuses a profile that needs a view, and names the switch and the way out`() {
    let outcome = refusing(["--noprofile", "--blacklist=/etc/shadow", "true"])
    #expect(outcome.status == 1)
    #expect(outcome.errorLines.count == 1)
    #expect(outcome.errors.contains("user.max_user_namespaces is 0"))
    #expect(outcome.errors.contains("--filter-only"))
  }

  @Test func `runs filters all the same`() {
    let calls = box.prefix + "/bin/calls"
    for options in [["--filter-only"], ["--noprofile"], []] {
      let list = options + ["--shell=none", "--seccomp.keep=getpid,exit_group", calls, "native"]
      #expect(refusing(list + ["39"]).status == 0)
      #expect(refusing(list + ["110"]).status == 1)
    }
  }

  @Test func `says once what the default profile can't enforce`() {
    let outcome = refusing(["true"])
    #expect(outcome.status == 0)
    #expect(outcome.errorLines.count == 1)
    #expect(outcome.errors.contains("rules about files are not in force"))
  }
}
