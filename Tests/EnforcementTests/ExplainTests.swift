import Foundation
import TestSupport
import Testing

private let box = Installation.shared

/// Each refusal has a name, and the edit that is suggested lifts it.
@Suite(.enabled(if: hasUserNamespaces, "this host refuses user namespaces"))
struct `Explaining` {
  /// A profile whose second line refuses what the script tries, and the call that is named.
  static let refusals: [(lines: String, script: String, call: String)] = [
    ("blacklist ${HOME}/ex/dir\n", "cat ~/ex/dir/file", "openat("),
    ("blacklist ${HOME}/ex/d*r\n", "ls ~/ex/dir", "openat("),
    ("blacklist ${HOME}/ex/link\n", "cat ~/ex/link", "openat("),
    ("read-only ${HOME}/ex\n", "touch ~/ex/new", "openat("),
    ("read-only ${HOME}/ex\n", "rm -f ~/ex/dir/gone", "unlinkat("),
    ("noexec ${HOME}/ex\n", "~/ex/true", "execve("),
    ("whitelist /usr/share/doc\n", "ls /usr/share/man", "statx("),
    ("whitelist ${HOME}/elsewhere\n", "cat ~/ex/dir/file", "openat("),
    ("private-bin sh,cat,echo,exit\n", "/usr/bin/id", "execve("),
    ("private-etc passwd,ld.so.cache\n", "cat /etc/shells", "openat("),
    ("private\n", "cat ~/ex/dir/file", "openat("),
    ("private-tmp\n", "cat /tmp/explained-\(getpid())", "openat("),
    ("tmpfs ${HOME}/ex\n", "cat ~/ex/dir/file", "openat("),
    ("private-dev\n", "ls /dev/mem /dev/kmsg", "statx("),
    ("disable-mnt\n", "ls /mnt/", "openat("),
    ("net none\n", "python3 -c \(connect)", "connect("),
    ("protocol unix\n", "python3 -c 'import socket; socket.socket()'", "socket(AF_INET, "),
    ("seccomp.drop mkdir\n", "mkdir ~/ex/x; rmdir ~/ex/x", "mkdir("),
    ("seccomp.drop mkdir:ENOSYS\n", "mkdir ~/ex/x && rmdir ~/ex/x", "mkdir("),
    ("seccomp\n", "python3 -c \(keyring)", "add_key("),
    ("restrict-namespaces net\n", "unshare -n true; \(unshare)", "unshare("),
    ("memory-deny-write-execute\n", "python3 -c \(writeExecute)", "mmap("),
    ("caps.drop all\n", "chroot / true", "chroot("),
    ("caps.keep chown\n", "chroot / true", "chroot("),
    ("landlock.enforce\nlandlock.fs.read /\nlandlock.fs.execute /\n", "touch ~/ex/new", "openat("),
  ]
  private static let connect = """
    'import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect(("192.0.2.1", 9))'
    """
  private static let keyring = """
    'import ctypes; l = ctypes.CDLL(None, use_errno=True); r = l.syscall(248, 0, 0, 0, 0, 0); \
    import sys; sys.exit(ctypes.get_errno() == 1)'
    """
  private static let writeExecute = "'import mmap; mmap.mmap(-1, 4096, prot=7)'"
  private static let unshare = """
    python3 -c 'import ctypes, sys; l = ctypes.CDLL(None, use_errno=True); \
    r = l.unshare(0x40000000); sys.exit(0)'
    """

  private struct Report: Decodable {
    struct Place: Decodable {
      var file: String?
      var line: Int?
      var option: String?
    }
    struct Refusal: Decodable {
      let call: String
      let directive: String
      let origin: Place
      let remedy: [String]
      let verdict: String
      let precedesFailure: Bool
      let usual: Bool
    }
    let status: Int
    let refusals: [Refusal]
  }

  private func explain(_ options: [String], _ script: String) throws -> Report {
    let file = box.home + "/report-\(UUID().uuidString)"
    _ = box.sandbox(options + ["--explain=" + file, "--json", "sh", "-c", script])
    let last = box.run(["tail", "-n", "1", file]).output
    return try JSONDecoder().decode(Report.self, from: Data(last.utf8))
  }

  @Test(arguments: refusals)
  func `each refusal is named with its line, and the suggested lines lift it`(
    refusal: (lines: String, script: String, call: String)
  ) throws {
    box.file("ex/dir/file")
    box.file("elsewhere/x")
    box.run(["sh", "-c", "cp /bin/true ~/ex/true; ln -sfn dir/file ~/ex/link; touch ~/ex/dir/gone"])
    let canary = "/tmp/explained-\(getpid())"
    let isAboutCanary = refusal.script.contains(canary)
    if isAboutCanary { box.run(["touch", canary]) }
    defer { if isAboutCanary { unlink(canary) } }
    let name = "explained-\(UUID().uuidString)"
    let text = "include \(name).local\n" + refusal.lines
    let profile = box.file(".config/sandbox/\(name).profile", text)
    let found = try explain(["--profile=" + profile], refusal.script)
    let named = found.refusals.filter {
      $0.origin.file == profile && $0.call.hasPrefix(refusal.call)
    }
    let first = try #require(named.first, "\(found)")
    #expect(first.origin.line == 2, "\(named)")
    #expect(refusal.lines.hasPrefix(first.directive), "\(named)")
    // An ordinary user has no capability that a line could leave, and is told so.
    guard !refusal.lines.hasPrefix("caps") else {
      #expect(first.remedy.isEmpty, "\(named)")
      return
    }
    // The lines of all of them, as the summary has them.
    let lines = Set(found.refusals.filter { !$0.usual }.flatMap(\.remedy))
    box.file(".config/sandbox/\(name).local", lines.sorted().joined(separator: "\n") + "\n")
    let again = try explain(["--profile=" + profile], refusal.script)
    #expect(
      !again.refusals.contains { $0.call.hasPrefix(refusal.call) && $0.origin.file == profile })
    box.run(["rm", box.home + "/.config/sandbox/\(name).local"])
  }

  @Test(
    .enabled(if: Installation.isRoot, "capabilities are root's"),
    arguments: [
      ("caps.drop all\n", "chroot / true", "chroot("),
      ("caps.drop sys_chroot,mknod\n", "chroot / true", "chroot("),
      ("caps.keep chown\n", "chroot / true", "chroot("),
      (
        "caps.drop net_bind_service\n",
        "python3 -c 'import socket; socket.socket().bind((\"127.0.0.1\", 83))'", "bind("
      ),
    ])
  func `a capability that root lacks is named, and the lines leave it`(
    refusal: (lines: String, script: String, call: String)
  ) throws {
    let directory = "/tmp/explained-\(UUID().uuidString)"
    let script = """
      mkdir \(directory); cd \(directory)
      printf '\(refusal.lines)' >a.profile
      \(box.launcher) --profile=./a.profile --explain sh -c "$1" 2>named
      grep -c '^sandbox: ./a.profile:1: caps.*\(refusal.call)' named
      (sed -n 's/^sandbox:   //p' named; cat a.profile) >b.profile
      \(box.launcher) --profile=./b.profile --quiet sh -c "$1" && echo works
      rm -r \(directory)
      """
    let outcome = box.run(["sh", "-c", script, "sh", refusal.script], asRoot: true)
    #expect(outcome.output == "2\nworks\n", "\(outcome.output)\(outcome.errors)")
  }

  @Test func `what ended a program comes first, and what it survived later`() throws {
    let hidden = box.file("ranked/secret")
    let outcome = box.sandbox([
      "--noprofile", "--blacklist=" + hidden, "--seccomp.drop=rmdir", "--explain", "sh", "-c",
      "cat \(hidden) || true; echo survived; exec rmdir /nowhere",
    ])
    let lines = outcome.errorLines
    #expect(outcome.status == 1 && outcome.output == "survived\n")
    let failed = try #require(lines.lastIndex { $0.contains("rmdir(\"/nowhere\"") })
    let title = try #require(lines.lastIndex { $0.contains("before a process failed:") })
    #expect(failed > title)
    #expect(lines.contains { $0.hasPrefix("sandbox: --seccomp.drop: ") })
    // At once, and again at the end.
    #expect(lines.filter { $0.contains("rmdir(\"/nowhere\"") }.count == 2)
    let silent = box.sandbox(["--noprofile", "--explain", "true"])
    #expect(silent.errors.contains("nothing was refused"))
  }

  @Test func `a trace has a line for each event`() {
    let file = box.file("traced/file")
    let report = box.home + "/trace"
    let script = "cat \(file); cat /nowhere; rmdir /nowhere; exec true"
    let words = ["--noprofile", "--seccomp.drop=rmdir", "--trace=" + report, "sh", "-c", script]
    #expect(box.sandbox(words).output == "content\n")
    let lines = box.run(["cat", report]).output.split(separator: "\n").map(String.init)
    #expect(lines.contains { $0.hasSuffix(":cat:openat(AT_FDCWD, \"\(file)\", O_RDONLY)") })
    #expect(lines.contains { $0.hasSuffix(":rmdir:rmdir(\"/nowhere\"):EPERM") })
    #expect(lines.contains { $0.hasSuffix(":sh:execve(\"/usr/bin/true\")") }, "\(lines)")
    #expect(lines.contains { $0.hasSuffix(":true:exit_group(0)") })
    #expect(lines.allSatisfy { $0.split(separator: ":").count >= 3 })
  }

  @Test func `a call that ends a program is named without being asked for`() {
    let profile = box.file("ended.profile", "seccomp-error-action kill\nseccomp.drop rmdir\n")
    for options in [[], ["--filter-only"]] {
      let words = ["--profile=" + profile] + options
      let outcome = box.sandbox(words + ["rmdir", "/nowhere"])
      #expect(outcome.status == 128 + 31)
      #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
      #expect(outcome.errors.contains("\(profile):2: seccomp.drop: /usr/bin/rmdir ("))
      #expect(outcome.errors.contains("is ended for rmdir (84); to allow it: seccomp.allow rmdir"))
      // A child ends by the same signal, and one that handles it ends all the same.
      let child = box.sandbox(words + ["sh", "-c", "rmdir /nowhere; echo $?"])
      #expect(child.output == "159\n")
      let handler = """
        import os, signal
        signal.signal(signal.SIGSYS, lambda *_: print("handled"))
        try: os.rmdir("/nowhere")
        finally: print("lived")
        """
      let stubborn = box.sandbox(words + ["python3", "-c", handler])
      #expect(stubborn.output.isEmpty && stubborn.status == 159, "\(stubborn.output)")
      #expect(box.sandbox(words + ["echo", "lives"]).output == "lives\n")
    }
    // One process has one listener: the inner filter ends the program without a name.
    let inner = [box.launcher, "--noprofile", "--filter-only", "--seccomp.drop=rmdir:kill"]
    let nested = box.sandbox(
      ["--noprofile", "--filter-only", "--seccomp.drop=mkdir:kill"] + inner + ["rmdir", "/nowhere"])
    #expect(nested.status == 159)
    let refused = box.sandbox(
      ["--noprofile", "--filter-only", "--seccomp.drop=mkdir:kill"] + inner.prefix(3)
        + ["--explain", "echo", "ran"])
    #expect(refused.status == 1 && refused.output.isEmpty && refused.errors.contains("EBUSY"))
  }

  /// Whoever answers dies: the program dies with it, and no call is let through.
  @Test func `without the launcher there is no program`() {
    let script = """
      \(box.launcher) --noprofile $0 --explain=/dev/null --seccomp.drop=mkdir sh -c \
        'while :; do echo >>~/alive; mkdir ~/made 2>/dev/null; cat /dev/null; done' &
      while ! test -s ~/alive; do sleep 0.05; done; sleep 0.2
      kill -9 $!; sleep 0.3; ls -d ~/made
      before=$(wc -c <~/alive); sleep 0.3; [ $before = $(wc -c <~/alive) ] && echo over
      """
    for option in ["--filter-only", "--private-dev"] {
      box.run(["rm", "-f", box.home + "/alive"])
      #expect(box.run(["sh", "-c", script, option]).output == "over\n", "\(option)")
    }
  }

  @Test func `a hostile program neither repaints the terminal nor floods it`() {
    let script = """
      import os, threading
      def look(first):
        for number in range(first, first + 25000):
          try: open("/root/\\x1b[2J\\u202e%d" % number)
          except OSError: pass
      # Some at the same time, so that several calls wait.
      threads = [threading.Thread(target=look, args=(n * 25000,)) for n in range(4)]
      for thread in threads: thread.start()
      for thread in threads: thread.join()
      for _ in range(1000):
        if os.fork() == 0:
          try: open("/root/\\n\\r\\x1b]0;x\\x07")
          except OSError: pass
          os._exit(1)
      while True:
        try: os.wait()
        except OSError: break
      print("ran")
      """
    let outcome = box.sandbox([
      "--noprofile", "--blacklist=/etc/shadow*", "--private-etc=passwd,ld.so.cache", "--explain",
      "python3", "-c", script,
    ])
    #expect(outcome.output == "ran\n", "\(outcome.errors.suffix(300))")
    #expect(outcome.errors.utf8.allSatisfy { $0 == 10 || $0 >= 0x20 && $0 != 0x7f })
    #expect(outcome.errors.contains("\\x1b"))
    #expect(outcome.errorLines.count < 5000)
    #expect(outcome.errors.contains("more refusals of other kinds"))
  }
}
