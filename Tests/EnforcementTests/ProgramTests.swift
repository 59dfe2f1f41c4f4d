import Foundation
import TestSupport
import Testing

private let box = Installation.shared

@Suite(.serialized, .enabled(if: hasUserNamespaces, "this host refuses user namespaces"))
struct `Real programs` {
  private func works(_ words: [String], _ part: String, asRoot: Bool = false) {
    let outcome = box.sandbox(words, asRoot: asRoot)
    #expect(outcome.status == 0, "\(words): \(outcome.errors)")
    #expect((outcome.output + outcome.errors).contains(part), "\(words): \(outcome.output)")
  }

  @Test func `run under the default profile`() {
    let works = { (words: [String], part: String) in self.works(["--profile=default"] + words, part)
    }
    works(["sh", "-c", "ls / | sort | head -3; echo $(date +%Y)"], "20")
    works(["git", "--version"], "git version")
    works(
      [
        "python3", "-c",
        "import threading; t = threading.Thread(target=print, args=('hi',)); t.start(); t.join()",
      ], "hi")
    works(["tar", "-cvf", box.home + "/x.tar", "/etc/hostname"], "etc/hostname")
  }

  @Test(arguments: ["transmission-show", "transmission-create", "transmission-edit"])
  func `torrent tools run under their profiles`(tool: String) {
    let data = box.file("torrents/sample.txt", String(repeating: "hello\n", count: 9000))
    let torrent = box.home + "/torrents/\(tool).torrent"
    box.run(["transmission-create", "-o", torrent, "-t", "http://127.0.0.1:9/a", data])
    switch tool {
    case "transmission-show": works([tool, torrent], "sample.txt")
    case "transmission-edit": works([tool, "-a", "http://127.0.0.1:9/b", torrent], "Added")
    default: works([tool, "-o", torrent + "2", data], "done!")
    }
  }

  @Test func `a daemon serves and its remote talks to it, each under its profile`() {
    let script = """
      cd "$HOME/torrents" || exit 1
      transmission-create -o d.torrent -t http://127.0.0.1:9/a sample.txt >/dev/null
      \(box.launcher) transmission-daemon -f -g "$HOME/torrents/cfg" -w . -p 19191 --no-auth \
        >daemon.log 2>&1 &
      for i in 1 2 3 4 5 6 7 8 9 10; do
        sleep 0.5
        \(box.launcher) transmission-remote 19191 -a d.torrent && break
      done
      sleep 1
      \(box.launcher) transmission-remote 19191 -l
      \(box.launcher) transmission-remote 19191 --exit
      wait
      """
    box.file("torrents/sample.txt", String(repeating: "hello\n", count: 9000))
    let outcome = box.run(["sh", "-c", script])
    #expect(outcome.output.contains("sample.txt"), "\(outcome.output) \(outcome.errors)")
  }

  @Test(arguments: [false, true])
  func `transmission-gtk is usable in its window`(hasBus: Bool) throws {
    box.run(["rm", "-rf", box.home + "/.config/transmission", box.home + "/gtk"])
    let work = box.home + "/gtk"
    let start = hasBus ? ["dbus-run-session", "--"] : []
    let outcome = box.run(
      ["bash", box.prefix + "/bin/use-transmission", work] + start
        + [box.launcher, "transmission-gtk"],
      environment: ["GTK_USE_PORTAL": "0"])
    #expect(outcome.status == 0, "\(outcome.output) \(outcome.errors)")
    for seen in ["a torrent file loads", "menus open", "preferences save"] {
      #expect(outcome.output.contains(seen))
    }
    let status = String(
      decoding: FileManager.default.contents(atPath: work + "/status.txt") ?? Data(), as: UTF8.self)
    #expect(status.contains("NoNewPrivs:\t1") && status.contains("Seccomp:\t2"))
    #expect(status.components(separatedBy: "\t0000000000000000").count == 6)
  }

  /// The shape of a profile of 2016 with a list of that time, which lacks what today's libc needs.
  @Test func `an old profile with old includes is read and enforced as it stands`() {
    let list =
      "poll,select,nanosleep,futex,epoll_wait,read,lstat,stat,write,open,close,fstat,mmap,"
      + "mprotect,munmap,brk,access,execve,arch_prctl,exit,exit_group"
    let profile = box.file(
      ".config/sandbox/calls-of-old.profile",
      """
      # an old profile
      include /etc/firejail/disable-mgmt.inc
      include /etc/firejail/disable-secret.inc
      blacklist ${HOME}/.wine
      caps.drop all
      protocol unix,inet,inet6
      netfilter
      noroot
      tracelog
      shell none
      seccomp.keep \(list)

      """)
    let calls = box.program("calls-of-old")
    #expect(box.sandbox([calls, "native", "0"]).status == 9)
    #expect(box.sandbox([calls, "native", "39"]).status == 1)
    #expect(
      box.sandbox(["--quiet", "--debug", calls, "native", "0"]).errors.contains("read " + profile))
  }

  @Test(.enabled(if: Installation.isRoot, "a server is started by root"))
  func `memcached serves under the server profile`() {
    let script = """
      \(box.launcher) memcached -u memcache -l 127.0.0.1 -p 19211 &
      server=$!
      exec 3<>/dev/null
      for i in 1 2 3 4 5 6 7 8 9 10; do
        sleep 0.3
        (exec 3<>/dev/tcp/127.0.0.1/19211) 2>/dev/null && break
      done
      exec 3<>/dev/tcp/127.0.0.1/19211
      printf 'set k 0 0 5\\r\\nhello\\r\\nget k\\r\\nquit\\r\\n' >&3
      timeout 5 cat <&3
      grep -E '^(Uid|NoNewPrivs|Seccomp):' /proc/$(pgrep -n -x memcached)/status
      kill $server
      wait $server
      """
    let outcome = box.run(["bash", "-c", script], asRoot: true)
    #expect(outcome.output.contains("STORED") && outcome.output.contains("hello"))
    #expect(outcome.output.contains("Seccomp:\t2"), "\(outcome.output)\(outcome.errors)")
  }

  /// The last ones want large packages or a window.
  private static let listed =
    [
      "curl", "wget", "sqlite3", "file", "7z", "pdftotext", "memcached", "redis-server", "git",
      "nginx", "ssh", "python3", "imagemagick",
    ]
    + (ProcessInfo.processInfo.environment["SANDBOX_PROFILES"] == "all"
      ? ["ffmpeg", "mpv", "evince", "gimp", "libreoffice", "thunderbird"] : [])

  /// As people use them, by the script that the lists were made with; without a list of its own a
  /// program would have the default profile's.
  @Test(arguments: listed)
  func `programs do their work under their shipped profiles`(program: String) throws {
    let directory = box.home + "/use-" + program
    box.run(["rm", "-rf", directory])
    let outcome = box.run(
      ["bash", box.prefix + "/bin/use-programs", directory, program, box.launcher, "--quiet"],
      limit: 180)
    #expect(outcome.status == 0, "\(outcome.output) \(outcome.errors)")
    #expect(outcome.output.contains("ok: ") && !outcome.output.contains("NOT: "))
    let command = program == "imagemagick" ? "convert" : program
    let plan = box.sandbox(["--plan", command]).output
    #expect(plan.contains("\(box.shipped)/\(program).profile"), "\(plan.prefix(300))")
    let list = box.sandbox(["--check-list", "\(box.shipped)/\(program).profile"])
    #expect(!list.output.contains("  openat  "), "\(list.output)")
  }
}
