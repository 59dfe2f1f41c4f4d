import Foundation
import TestSupport
import Testing

private let box = Installation.shared

/// Ways out of a view that launchers have had. Each is tried inside, and once where the protection
/// is off, so that a way that would not work anyway proves nothing.
@Suite(.enabled(if: hasUserNamespaces, "this host refuses user namespaces"))
struct `Ways out` {
  private func inside(
    _ options: [String], _ script: String, asRoot: Bool = false, interpreter: String = "sh"
  ) -> String {
    let text = interpreter == "sh" ? "exec 2>&1; " + script : script
    return box.sandbox(["--noprofile"] + options + [interpreter, "-c", text], asRoot: asRoot).output
  }

  private func python(_ options: [String], _ script: String) -> String {
    inside(options, script, interpreter: "python3")
  }

  // MARK: Paths

  @Test func `no part of a path may be a link to another place`() {
    let canary = box.file("links/canary/secret", "canary\n")
    box.file("links/real/file")
    box.run(["ln", "-sfn", "canary", box.home + "/links/a"])
    let before = box.run(["stat", "-c", "%i %Y %a %s", canary]).output
    // A link is followed once, when the rule is read, and its target is what the rule is about.
    for option in ["--blacklist", "--read-only", "--noexec", "--tmpfs"] {
      _ = inside(["\(option)=~/links/a"], "ls ~/links/canary")
      #expect(box.run(["stat", "-c", "%i %Y %a %s", canary]).output == before, "\(option)")
    }
    #expect(!inside(["--blacklist=~/links/a"], "cat \(canary)").contains("canary\n"))
    #expect(inside([], "cat \(canary)").contains("canary\n"))
    // Nothing is made through one.
    box.run(["ln", "-sfn", box.home + "/links/canary", box.home + "/links/out"])
    _ = inside(["--whitelist=~/links/out/new/deep", "--mkdir=~/links/real/x"], "true")
    #expect(box.run(["ls", box.home + "/links/canary"]).output == "secret\n")
    for option in ["--bind=\(box.home)/links/a,\(box.home)/links/real", "--private-cwd=~/links/a"] {
      #expect(box.sandbox(["--noprofile", option, "echo", "ran"]).output.isEmpty, "\(option)")
    }
  }

  @Test func `the links of a merged system still work`() {
    #expect(inside(["--whitelist=/usr/share/doc"], "test -d /bin/. && /bin/echo ok") == "ok\n")
    #expect(inside(["--blacklist=/var/run/lock"], "ls /run/lock").contains("denied"))
  }

  /// A name leads now to a directory, now through a link to another one. Whichever the rule found, it
  /// holds for, under every name: no program has both. `SANDBOX_RACES` is the launches of each.
  @Test(arguments: ["blacklist", "tmpfs", "read-only", "noexec", "whitelist", "private", "bind"])
  func `a swap raced against the launch does not win`(directive: String) throws {
    let launches = ProcessInfo.processInfo.environment["SANDBOX_RACES"] ?? "150"
    let top = box.home + "/race-\(directive)"
    for place in ["target", "other"] {
      box.file("race-\(directive)/\(place)/secret", "#!/bin/sh\necho \(place)\n", mode: 0o755)
    }
    box.file("race-\(directive)/shown/secret", "")
    // The exchange is atomic: RENAME_EXCHANGE by renameat2 (316).
    let racer = """
      import ctypes, os, subprocess, sys, threading
      libc = ctypes.CDLL(None)
      top, launcher, directive, launches, rule = sys.argv[1:6]
      a, b = (top + "/target").encode(), (top + "/link").encode()
      os.path.islink(b) or os.symlink(top + "/other", b)
      stop = False
      def swap():
        while not stop: libc.renameat2(-100, a, -100, b, 2)
      thread = threading.Thread(target=swap); thread.start()
      # What each name gives, asked often enough to meet both sides of a swap.
      names = ["$HOME/secret"] * (directive == "private") + [top + "/" + n + "/secret" for n in ("target", "link", "other")]
      # Opened once: a name would be looked up again for the second step.
      act = {"read-only": "(exec 3>>$f && cat /proc/self/fd/3)",
             "noexec": "(exec 3<$f && /proc/self/fd/3)"}.get(directive, "cat $f")
      # A bind takes no link, so what it leads to is a win by itself.
      if directive == "bind": names = [top + "/shown/secret"]
      script = "for i in 1 2 3 4; do for f in %s; do %s; done; done; echo ran" % (" ".join(names), act)
      runs = wins = 0
      for _ in range(int(launches)):
        run = subprocess.run([launcher, "--noprofile"] + ([rule] if rule else []) +
                             ["sh", "-c", "exec 2>/dev/null; " + script], capture_output=True, text=True)
        runs += "ran\\n" in run.stdout
        wins += "other" in run.stdout and ("target" in run.stdout or directive == "bind")
      stop = True; thread.join()
      if os.path.islink(a): libc.renameat2(-100, a, -100, b, 2)
      print(runs > 0, wins > 0, sorted(os.listdir(top + "/other")))
      print(runs, "ran,", wins, "won", file=sys.stderr)
      """
    func race(_ launches: String, rule: String) -> Outcome {
      box.run(["python3", "-c", racer, top, box.launcher, directive, launches, rule])
    }
    let target = "\(top)/target"
    let rule = "--\(directive)=\(target)" + (directive == "bind" ? ",\(top)/shown" : "")
    let outcome = race(launches, rule: rule)
    #expect(outcome.output == "True False ['secret']\n", "\(outcome.output) \(outcome.errors)")
    if directive != "bind", directive != "private" {
      #expect(race("5", rule: "").output.contains("True True"))
    }
  }

  /// Covers of one directory are checked together where nothing in it has changed for seconds. strace holds
  /// the launcher behind its clone, or when it has entered that directory.
  @Test(arguments: ["", "clone", "fchdir"])
  func `a link that takes a name's place before the cover stops the launch`(held: String) {
    let directory = box.home + "/swapped-\(held)"
    let files = (0..<12).map { box.file("swapped-\(held)/\($0)", "canary\n") }
    let other = box.file("other-\(held)")
    let script = """
      sleep 4; cd \(directory); log=\(box.home)/log-\(held); when=1
      if [ -n "\(held)" ]; then
        strace -f -qq -o $log -e trace=fchdir,mount "$@" >/dev/null
        # Before no other dozen of mounts.
        [ \(held) = clone ] || when=$(awk '/fchdir/ { n++; mounts = 0 }
          /mount/ && ++mounts == 12 { print n; exit }' $log)
        strace -f -qq -o /dev/null -e inject=\(held):delay_exit=3000000:when=$when "$@" &
        sleep 1.5; mv 3 moved; ln -s \(other) 3; wait $!
      else
        "$@"
      fi
      """
    let outcome = box.run(
      ["sh", "-c", script, "sh", box.launcher, "--noprofile"] + files.map { "--blacklist=" + $0 }
        + ["sh", "-c", "cat * 2>/dev/null; echo ran"], limit: 60)
    if held.isEmpty {
      #expect(outcome.output == "ran\n", "\(outcome)")
    } else {
      #expect(outcome.output.isEmpty && outcome.status == 1, "\(outcome)")
      #expect(outcome.errors.contains("--blacklist: mount \(files[3]): "), "\(outcome)")
      #expect(outcome.errors.contains("has taken its place"), "\(outcome)")
    }
  }

  /// Of a long list, a directory's names are read at once.
  @Test func `a long list hides every kind of file`() {
    let directory = box.home + "/long"
    for number in 0..<60 { box.file("long/plain\(number)", "canary\n") }
    box.file("long/directory/inner", "canary\n")
    box.file("long/shown", "canary\n")
    box.file("beside", "canary\n")
    box.run(["sh", "-c", "cd \(directory); ln -sf ../beside link; test -p fifo || mkfifo fifo"])
    let names = (0..<60).map { "plain\($0)" } + ["missing", "directory", "link", "fifo"]
    let options = names.map { "--blacklist=\(directory)/\($0)" }
    let script = "cd ~/long; cat plain* directory/* link ../beside; timeout 1 cat fifo; cat shown"
    #expect(inside(options, script + " 2>/dev/null").hasSuffix("canary\n"))
    let lines = inside(options, script).split(separator: "\n")
    #expect(lines.count { $0 == "canary" } == 1, "\(lines)")
    #expect(lines.count { $0.hasSuffix("Permission denied") } == 64, "\(lines)")
    #expect(inside([], script).components(separatedBy: "canary\n").count == 65)
  }

  @Test(.enabled(if: Installation.isRoot, "only root can give files to others"))
  func `read-write leaves others' files alone, in a long list too`() {
    let names = (0..<40).map { "\($0)" }
    for name in names { box.file("owners/" + name) }
    box.run(["chown", "0", box.home + "/owners/39"], asRoot: true)
    box.run(["chmod", "666", box.home + "/owners/39"], asRoot: true)
    let options = ["--read-only=~/owners"] + names.map { "--read-write=~/owners/" + $0 }
    let outcome = box.sandbox(
      ["--noprofile"] + options
        + [
          "sh", "-c", "cd ~/owners; for f in *; do echo x 2>/dev/null >$f || echo refused $f; done",
        ])
    #expect(outcome.output == "refused 39\n", "\(outcome)")
    #expect(outcome.errors.contains("belongs to somebody else"), "\(outcome)")
  }

  @Test func `what was checked is what is covered, under any name`() {
    let secret = box.file("names/dir/secret", "canary\n")
    box.run(["ln", "-f", secret, box.home + "/names/hard"])
    let options = ["--blacklist=\(box.home)/names/dir"]
    for way in [
      "cat \(secret)", "cat /proc/self/root\(secret)", "cat /proc/self/cwd/../..\(secret)",
      "cd \(box.home)/names && cat ./dir/../dir/secret", "cat /proc/1/root\(secret)",
      "cat /proc/$PPID/root\(secret)",
      "ln \(secret) \(box.home)/names/l && cat \(box.home)/names/l",
      "mv \(box.home)/names/dir \(box.home)/names/moved; cat \(box.home)/names/moved/secret",
      "ln -s \(secret) \(box.home)/names/s; cat \(box.home)/names/s",
    ] {
      #expect(!inside(options, "(" + way + ")").contains("canary"), "\(way)")
    }
    #expect(inside([], "cat \(secret)").contains("canary"))
    box.run(["sh", "-c", "cd \(box.home)/names; test -d dir || mv moved dir; rm -f s l"])
    // Another name that was there before leads to the same file: only a rule for it hides it.
    #expect(inside(options, "cat \(box.home)/names/hard").contains("canary"))
  }

  @Test func `a denied file resists every verb and stays as it is`() {
    let file = box.file("verbs/file", "canary\n")
    let before = box.run(["stat", "-c", "%i %Y %Z %a %s %h", file]).output
    let script = """
      import os, sys
      path, other = sys.argv[1:3]
      open(other, "w").write("x")
      tries = {
        "read": lambda: open(path).read(), "write": lambda: open(path, "w"),
        "append": lambda: open(path, "a"), "path": lambda: open("/proc/self/fd/%d" %
          os.open(path, os.O_PATH)).read(),
        "truncate": lambda: os.truncate(path, 0), "unlink": lambda: os.unlink(path),
        "rename away": lambda: os.rename(path, path + "2"),
        "rename onto": lambda: os.rename(other, path), "link": lambda: os.link(path, path + "3"),
        "chmod": lambda: os.chmod(path, 0o777), "chown": lambda: os.chown(path, os.getuid(), -1),
        "utimes": lambda: os.utime(path, (0, 0)), "xattr": lambda: os.setxattr(path, "user.x", b"x"),
        "exec": lambda: os.execv(path, [path]),
      }
      for name, act in tries.items():
        try:
          act()
          print("won", name)
        except OSError:
          pass
      print("ran")
      """
    let words = ["python3", "-c", script, file, box.home + "/verbs/other"]
    #expect(box.sandbox(["--noprofile", "--blacklist=" + file] + words).output == "ran\n")
    #expect(box.run(["stat", "-c", "%i %Y %Z %a %s %h", file]).output == before)
    #expect(box.run(["cat", file]).output == "canary\n")
    #expect(box.sandbox(["--noprofile"] + words).output.contains("won"))
  }

  @Test(arguments: [
    "/a/../b", "relative", "/a\\nb", "/a|b", "${NOPE}/a", "/" + String(repeating: "x", count: 5000),
  ])
  func `odd paths are refused with their place`(path: String) {
    for directive in ["blacklist", "whitelist", "mkdir", "private-cwd"] {
      let text = path.replacingOccurrences(of: "\\n", with: "\u{1}")
      box.file("odd/p.profile", "\(directive) \(text)\n")
      let outcome = box.sandbox(["--profile=\(box.home)/odd/p.profile", "echo", "ran"])
      #expect(outcome.status == 1 && outcome.output.isEmpty, "\(directive)")
      #expect(
        outcome.errorLines.count == 1 && outcome.errors.contains("p.profile:1"), "\(directive)")
    }
  }

  // MARK: Mounts

  @Test func `no mount can be peeled off, made or changed`() {
    let secret = box.file("peel/secret", "canary\n")
    let read = box.home + "/peel"
    let options = ["--blacklist=" + secret, "--read-only=" + read, "--whitelist=/usr/share/doc"]
    let attack =
      "umount -l \(secret); umount -l \(read); umount -l /usr/share; umount -l /proc/kallsyms;"
      + "mount -o remount,rw,bind \(read); mount --move \(secret) /mnt; mount -t tmpfs x /mnt && echo made;"
      + "mount --bind / /mnt && echo bound; cat \(secret); touch \(read)/new && echo written;"
      + "ls /usr/share | wc -l"
    for own in [[], ["--caps.keep=sys_admin,sys_chroot"]] {
      for wrapped in [attack, "unshare -Urm sh -c '\(attack)'"] {
        let output = inside(own + options, wrapped)
        #expect(!output.contains("canary") && !output.contains("written"), "\(own)")
        if own.isEmpty { #expect(!output.contains("made") && !output.contains("bound")) }
      }
    }
    #expect(inside([], "cat \(secret); touch \(read)/new && echo written").contains("written"))
  }

  @Test func `no user namespace but by choice`() {
    let script = "unshare -U echo made; unshare -Ur unshare -m echo made"
    #expect(!inside([], script).contains("made\n"))
    #expect(!inside(["--restrict-namespaces=net"], script).contains("made\n"))
    #expect(inside(["--caps.keep=sys_chroot"], "unshare -U echo made") == "made\n")
    #expect(inside(["--filter-only"], "unshare -U echo made") == "made\n")
    if Installation.isRoot {
      #expect(!inside([], script, asRoot: true).contains("made\n"))
    }
  }

  @Test func `read-only holds in what is mounted below, and set-user-ID files gain nothing`() {
    guard Installation.isRoot else { return }
    let script = """
      mount --make-rprivate /; mkdir -p \(box.home)/sub/m; mount -t tmpfs -o mode=777 x \(box.home)/sub/m
      cp /usr/bin/id \(box.home)/sub/m/id; chmod 4755 \(box.home)/sub/m/id
      \(Installation.asUser.joined(separator: " ")) \(box.launcher) --noprofile $0 sh -c \
        'touch \(box.home)/sub/m/x && echo written; \(box.home)/sub/m/id -u; mknod \(box.home)/sub/m/n c 1 3 && echo node'
      """
    let run = { (option: String) in
      box.run(
        ["unshare", "-m", "sh", "-c", script, option], asRoot: true,
        environment: ["HOME": box.home]
      ).output
    }
    #expect(run("--read-only=\(box.home)/sub") == "65534\n")
    #expect(run("--noblacklist=/x") == "written\n65534\n")
    // Nor in what the view itself mounts, where only root could make such files.
    for asRoot in [false, true] {
      let home = asRoot ? "/root" : box.home
      let mounts = inside(["--private"], "grep ' \(home) tmpfs ' /proc/self/mounts", asRoot: asRoot)
      #expect(mounts.contains("nosuid,nodev"), "\(mounts)")
    }
  }

  @Test func `mounts do not travel in either direction`() {
    guard Installation.isRoot else { return }
    let script = """
      \(box.launcher) --noprofile --caps.keep=sys_admin sh -c 'sleep 1; grep -c travel /proc/self/mounts' &
      sleep 0.4
      mkdir -p /tmp/travel-$$ && mount -t tmpfs travel /tmp/travel-$$
      wait; umount /tmp/travel-$$; rmdir /tmp/travel-$$
      """
    #expect(box.run(["sh", "-c", script], asRoot: true).output == "0\n")
    // As root the view is no other user's, and a shared tree would carry each mount to the host.
    let shared = """
      mount --make-rshared /; wc -l </proc/self/mountinfo
      \(box.launcher) --noprofile --tmpfs=/mnt sleep 1 & sleep 0.5; wc -l </proc/self/mountinfo; wait
      """
    let counts = box.run(["unshare", "-m", "sh", "-c", shared], asRoot: true).output
      .split(separator: "\n")
    #expect(counts.count == 2 && counts[0] == counts[1], "\(counts)")
    let before = box.run(["sh", "-c", "wc -l </proc/self/mountinfo"]).output
    _ = inside(["--tmpfs=\(box.home)/peel2"], "sleep 0.1")
    #expect(box.run(["sh", "-c", "wc -l </proc/self/mountinfo"]).output == before)
  }

  // MARK: Processes

  @Test func `the host's processes are not there`() {
    let outside = String(ProcessInfo.processInfo.processIdentifier)
    let seen = inside([], "ls -d /proc/[0-9]* | wc -l; test -e /proc/\(outside) && echo seen")
    // The first process, the shell, and the two that look.
    #expect(Int(seen.dropLast()).map { $0 <= 5 } == true, "\(seen)")
    #expect(!inside([], "kill -0 \(outside) && echo reached").contains("reached"))
    #expect(inside(["--filter-only"], "test -e /proc/\(outside) && echo seen") == "seen\n")
  }

  @Test func `the first process is out of reach`() {
    for options in [[], ["--caps.keep=sys_chroot"]] {
      let output = inside(
        options,
        """
        for f in root cwd exe fd environ maps mem; do
          (cat /proc/1/$f || ls /proc/1/$f/ || readlink /proc/1/$f) >/dev/null 2>&1 && echo open $f
        done; for f in cmdline comm stat statm status; do cat /proc/1/$f && echo open $f; done
        kill -9 1; kill -STOP 1; gdb -p 1 -batch; echo alive
        """)
      #expect(!output.contains("open") && output.contains("alive"), "\(output)")
    }
  }

  /// The first process reaps and waits, and has no right by which it could be misused.
  @Test(arguments: [false, true])
  func `the first process has no rights and no descriptors`(asRoot: Bool) {
    // Nobody else can look at it.
    guard Installation.isRoot else { return }
    let start = asRoot ? "" : Installation.asUser.joined(separator: " ")
    let script = """
      \(start) \(box.launcher) --noprofile sleep 2 7>/dev/null & sleep 0.5
      first=$(pgrep -P $! | tail -n 1); grep -h CapEff /proc/$first/status; ls -l /proc/$first/fd | grep -c -- '->'
      wait
      """
    let outcome = box.run(["sh", "-c", script], asRoot: true, environment: ["HOME": box.home])
    #expect(outcome.output == "CapEff:\t0000000000000000\n1\n", "\(outcome.output)")
  }

  @Test func `nothing outlives the first program`() {
    let mark = "sleep 98765"
    let alive = "pgrep -fx '\(mark)' | wc -l"
    _ = inside([], "(setsid sh -c 'trap \"\" TERM HUP INT; \(mark) & \(mark)' &) ; sleep 0.2")
    #expect(box.run(["sh", "-c", alive]).output == "0\n")
    // Killed at any moment, the launcher takes all with it.
    let script = """
      for i in 1 2 3 4 5 6 7 8 9 10; do
        \(box.launcher) --noprofile --private-dev sh -c 'setsid \(mark) & \(mark)' &
        sleep 0.0$((i % 10))
        kill -9 $!
      done
      for i in $(seq 50); do [ "$(\(alive))" = 0 ] && break; sleep 0.1; done; \(alive)
      """
    #expect(box.run(["sh", "-c", script]).output == "0\n")
    // Without a view, who watches takes the program itself along.
    let watched = """
      count() { pgrep -fx 'sleep 98764' | wc -l; }
      \(box.launcher) --noprofile --filter-only --explain sleep 98764 2>/dev/null &
      for i in $(seq 50); do [ $(count) = 1 ] && break; sleep 0.1; done; count; kill -9 $!
      for i in $(seq 50); do [ $(count) = 0 ] && break; sleep 0.1; done; count; pkill -fx 'sleep 98764'
      """
    #expect(box.run(["sh", "-c", watched]).output == "1\n0\n")
    #expect(
      box.run([
        "sh", "-c",
        "sh -c '\(mark) & exit 0'; for i in $(seq 50); do [ \"$(\(alive))\" = 1 ] && break; sleep 0.1; done; "
          + "\(alive); pkill -fx '\(mark)'",
      ]).output == "1\n")
  }

  @Test func `signals to the launcher reach the program`() {
    for (signal, status) in [("TERM", 42), ("HUP", 42), ("USR1", 42)] {
      let outcome = box.run([
        "sh", "-c",
        "\(box.launcher) --noprofile sh -c 'trap \"exit 42\" \(signal); touch ~/ready-\(signal); while :; do sleep 0.05; done' & "
          + "while ! test -e ~/ready-\(signal); do sleep 0.05; done; kill -\(signal) $!; wait $!",
      ])
      #expect(outcome.status == status, "\(signal)")
    }
    #expect(inside([], "kill -KILL $$").isEmpty)
    #expect(box.sandbox(["--noprofile", "sh", "-c", "kill -KILL $$"]).status == 137)
    #expect(box.sandbox(["--noprofile", "sh", "-c", "exit 7"]).status == 7)
  }

  /// The program keeps its place in the caller's session, so the keys of the terminal work.
  @Test func `the keys of the terminal stop, continue, resize and interrupt`() {
    let script = """
      import fcntl, os, pty, signal, struct, sys, termios, time
      launcher = sys.argv[1]
      pid, master = pty.fork()
      if pid == 0:
        os.execv("/bin/bash", ["bash", "--norc", "-i"])
      seen = b""
      def until(text, seconds=10):
        global seen
        end = time.time() + seconds
        os.set_blocking(master, False)
        while text not in seen and time.time() < end:
          try: seen += os.read(master, 65536)
          except BlockingIOError: time.sleep(0.02)
          except OSError: break
        found = text in seen
        seen = seen.split(text, 1)[1] if found else seen
        return found
      def send(text): os.write(master, text)
      until(b"$ ")
      send(b"stty -echo; PS1='READY '\\n"); until(b"READY ")
      probe = b"trap 'echo RESIZED' WINCH; echo UP; while :; do sleep 0.1; done"
      send(launcher.encode() + b' --noprofile bash -c "' + probe + b'"\\n')
      print("started", until(b"UP"))
      def resizes(columns):
        # The shell may hand the terminal over a moment later.
        for rows in range(20, 60):
          fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
          if until(b"RESIZED", 0.5): return True
        return False
      print("resized", resizes(100))
      send(b"\\x1a"); print("stopped", until(b"Stopped"))
      until(b"READY "); send(b"fg\\n")
      print("continued", resizes(90))
      def interrupts():
        # bash goes on where its sleep ended by itself at that moment.
        for attempt in range(5):
          send(b"\\x03")
          if until(b"READY ", 2): return True
        return False
      print("interrupted", interrupts())
      send(b"echo status=$?\\n"); print("status", until(b"status=130"))
      os.kill(pid, signal.SIGKILL)
      """
    let outcome = box.run(["python3", "-c", script, box.launcher])
    #expect(
      outcome.output
        == "started True\nresized True\nstopped True\ncontinued True\ninterrupted True\nstatus True\n",
      "\(outcome.output)\(outcome.errors)")
  }

  @Test func `nothing can be typed into the caller's terminal`() {
    let script = """
      import fcntl, os, pty, sys
      pid, master = pty.fork()
      if pid == 0: os.execv(sys.argv[1], sys.argv[1:])
      text = b""
      while True:
        try: data = os.read(master, 4096)
        except OSError: break
        if not data: break
        text += data
      print(sorted(set(text.decode().split())))
      """
    let probe = """
      import fcntl, os
      for fd in (0, 1, 2, os.open("/dev/tty", os.O_RDWR)):
        for request in (0x5412, 0x541c):
          try:
            fcntl.ioctl(fd, request, b"x"); print("typed")
          except OSError as error: print(error.errno)
      """
    let start = ["python3", "-c", script]
    for options in [["--filter-only"], [], ["--private-dev"]] {
      let words = [box.launcher, "--noprofile"] + options + ["python3", "-c", probe]
      #expect(box.run(start + words).output == "['1']\n", "\(options)")
    }
  }

  // MARK: Descriptors and directories

  @Test func `only declared descriptors cross`() {
    let script = """
      import os, subprocess, sys
      for number in range(3, 1000): os.dup2(os.open("/", os.O_RDONLY), number)
      out = subprocess.run([sys.argv[1], "--noprofile", "sh", "-c", "ls /proc/self/fd | tr '\\\\n' ' '"],
        capture_output=True, text=True, close_fds=False).stdout
      print(out)
      """
    #expect(box.run(["python3", "-c", script, box.launcher]).output == "0 1 2 3 \n")
  }

  @Test func `no standard stream is a directory`() {
    let start = { (options: String) in
      box.run(["sh", "-c", "\(box.launcher) --noprofile \(options) echo ran </"])
    }
    #expect(start("").status == 1 && start("").errors.contains("descriptor 0: is a directory"))
    #expect(start("--filter-only").output == "ran\n")
  }

  @Test func `a /proc that is not the kernel's is refused`() {
    guard Installation.isRoot else { return }
    let start = { (change: String) in
      box.run(
        ["unshare", "-m", "sh", "-c", "\(change); exec \"$@\"", "sh"] + Installation.asUser
          + [box.launcher, "--noprofile", "echo", "ran"], asRoot: true)
    }
    for change in [
      "mount -t tmpfs x /proc", "mount -t tmpfs x /proc/sys",
    ] {
      let outcome = start(change)
      #expect(outcome.status != 0 && outcome.output.isEmpty, "\(change)")
    }
    #expect(start("true").output == "ran\n")
  }

  @Test func `the working directory is inside`() {
    box.file("wd/hidden/x")
    let hidden = box.home + "/wd/hidden"
    let start = { (script: String) in box.run(["sh", "-c", script]).output }
    let launcher = "\(box.launcher) --noprofile --blacklist=\(hidden)"
    #expect(
      start("cd \(hidden) && \(launcher) sh -c 'pwd; ls /proc/self/cwd/x'") == box.home + "\n")
    #expect(
      start(
        "mkdir -p ~/wd/gone && cd ~/wd/gone && rmdir ~/wd/gone && \(box.launcher) --noprofile pwd")
        == box.home + "\n")
    #expect(
      start("cd \(hidden) && \(box.launcher) --noprofile --private pwd") == box.home + "\n")
    #expect(start("cd \(hidden) && \(box.launcher) --noprofile pwd") == hidden + "\n")
  }

  @Test func `a removed working directory leads nowhere`() {
    box.run(["mkdir", "-p", box.home + "/wd2/gone"])
    let script = "cd ~/wd2/gone; rmdir ~/wd2/gone; ls ..; cat ../../x; touch y && echo made"
    #expect(!inside([], script).contains("made"))
  }

  @Test func `umask does not change what the view is made of`() {
    let modes =
      "find /var/tmp /var/log /run/user /dev -maxdepth 1 -printf '%m %p ' | tr '\\n' ' '; umask"
    let outputs = ["000", "022", "077"].map { mask in
      box.run([
        "sh", "-c", "umask \(mask); \(box.launcher) --noprofile --private-dev sh -c \"\(modes)\"",
      ]).output
    }
    #expect(outputs[0].contains("1777 /var/tmp") && outputs[0].contains("1777 /dev/shm"))
    #expect(Set(outputs.map { $0.dropLast(5) }).count == 1)
    #expect(outputs.map { $0.suffix(5) } == ["0000\n", "0022\n", "0077\n"])
    // The names of /var/log stay, empty.
    let list = "find /var/log -maxdepth 1 ! -type l | sort"
    let names = box.run(["sh", "-c", list]).output
    #expect(inside([], list) == names && !names.isEmpty)
  }

  // MARK: Kernel

  @Test func `proc and sys are of the private kind`() {
    for asRoot in [false, true] where !asRoot || Installation.isRoot {
      let output = inside(
        [],
        """
        for f in kcore kallsyms kmsg timer_list sysrq-trigger sys/kernel/core_pattern; do
          head -c1 /proc/$f >/dev/null 2>&1 && echo open $f
          (echo x >/proc/$f) 2>/dev/null && echo written $f
        done
        (echo 1 >/proc/sys/kernel/hostname) 2>/dev/null && echo written
        find /sys -maxdepth 3 -type f -writable 2>/dev/null | while read f; do
          (echo x >$f) 2>/dev/null && echo written $f
        done
        find /sys/fs/cgroup -name cgroup.procs 2>/dev/null | head -n 1
        """, asRoot: asRoot)
      #expect(output.isEmpty, "\(output)")
    }
  }

  @Test func `limits, numbers and handles stay as they are`() {
    let script = """
      import ctypes, os, resource
      libc = ctypes.CDLL(None, use_errno=True)
      resource.setrlimit(resource.RLIMIT_NOFILE, (50, 50))
      try: resource.setrlimit(resource.RLIMIT_NOFILE, (50, 500)); print("raised")
      except ValueError: pass
      for name, call in {"setgroups": lambda: os.setgroups([]), "setuid": lambda: os.setuid(0),
                         "chown": lambda: os.chown("/proc/self", 0, 0)}.items():
        try: call(); print(name)
        except OSError: pass
      handle = ctypes.create_string_buffer(8 + 128)
      ctypes.memmove(handle, (128).to_bytes(4, "little"), 4)
      if libc.syscall(304, -100, handle, 0) >= 0: print("handle")
      """
    #expect(python([], script).isEmpty)
  }

  @Test func `net none is none`() {
    let script = """
      import socket, sys
      def tried(name, act):
        try: act(); print(name)
        except OSError: pass
      def connect(kind, family, address):
        s = socket.socket(family, kind); s.settimeout(1); s.connect(address); s.send(b"x")
      tried("tcp", lambda: connect(socket.SOCK_STREAM, socket.AF_INET, ("127.0.0.1", int(sys.argv[1]))))
      tried("udp", lambda: connect(socket.SOCK_DGRAM, socket.AF_INET, ("8.8.8.8", 53)))
      tried("abstract", lambda: connect(socket.SOCK_STREAM, socket.AF_UNIX, "\\0" + sys.argv[2]))
      tried("raw", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))
      print(*[name for _, name in socket.if_nameindex()])
      """
    let host = """
      import socket, subprocess, sys
      tcp = socket.create_server(("127.0.0.1", 0)); name = "sandbox-test-%d" % tcp.getsockname()[1]
      local = socket.socket(socket.AF_UNIX); local.bind("\\0" + name); local.listen()
      words = sys.argv[1:] + [str(tcp.getsockname()[1]), name]
      print(subprocess.run(words, capture_output=True, text=True).stdout.split())
      """
    let run = { (options: [String]) in
      box.run(
        ["python3", "-c", host, box.launcher, "--noprofile"] + options + ["python3", "-c", script]
      ).output
    }
    #expect(run(["--net=none"]) == "['lo']\n")
    #expect(run([]).contains("'tcp'") && run([]).contains("'abstract'"))
    // With the network left, the abstract socket is closed by Landlock.
    let x11 = run(["--x11=none"])
    #expect(x11.contains("'tcp'") && !x11.contains("'abstract'"), "\(x11)")
  }

  @Test func `what is private works all the same`() {
    let loopback = """
      import socket
      server = socket.create_server(("127.0.0.1", 0))
      socket.create_connection(server.getsockname()).sendall(b"x")
      print(server.accept()[0].recv(1))
      """
    #expect(python(["--net=none"], loopback) == "b'x'\n")
    // A terminal of its own, the first one there.
    let terminal = "import os, pty; print(os.ttyname(pty.openpty()[1]), os.listdir('/dev/pts'))"
    #expect(python(["--private-dev"], terminal) == "/dev/pts/0 ['0', 'ptmx']\n")
  }

  @Test func `shared memory and queues of the host are not there`() {
    let identifier = box.run(["sh", "-c", "ipcmk -M 4096 | grep -o '[0-9]*$'"]).output
      .trimmingCharacters(in: .newlines)
    let look = "ipcs -m | grep -c ' \(identifier) '"
    #expect(inside(["--ipc-namespace"], look) == "0\n")
    #expect(inside([], look) == "1\n")
    box.run(["ipcrm", "-m", identifier])
  }

  @Test func `two sandboxes do not meet`() {
    box.file(".config/sandbox/meet.inc", "private-tmp\nprivate-dev\nipc-namespace\n")
    let script =
      "touch /tmp/met /var/tmp/met /dev/shm/met; sleep 0.6; ls -d /proc/[0-9]* | wc -l; ls /tmp /var/tmp /dev/shm | grep -c met2"
    let outcome = box.run([
      "sh", "-c",
      "\(box.launcher) --noprofile --include=meet.inc sh -c '\(script)' & sleep 0.2; "
        + "\(box.launcher) --noprofile --include=meet.inc sh -c 'ls -d /proc/[0-9]* | wc -l; touch /tmp/met2 /var/tmp/met2; ls /tmp/met'; wait",
    ])
    let counts = outcome.output.split(separator: "\n").compactMap { Int($0) }
    #expect(counts.count == 3 && counts.allSatisfy { $0 <= 5 }, "\(outcome.output)")
  }

  /// Each sandbox gives back what it alone needed, whichever ends first.
  @Test func `sandboxes at once leave nothing behind`() {
    let home = box.home + "/shared-\(UUID().uuidString)"
    let script = """
      mkdir -p "$HOME"; S='\(box.launcher) --noprofile'
      $S --blacklist=~/q/a/b sh -c 'touch ~/long; sleep 3' & long=$!
      while ! test -e ~/long; do sleep 0.05; done; rm ~/long
      $S --blacklist=~/q/c/d --blacklist=~/z/y true
      ls -A ~ ~/q
      wait $long; find ~ | wc -l
      for i in $(seq 20); do $S --blacklist=~/q/a/b --blacklist=~/z/$((i % 3)) true & done; wait
      find ~ | wc -l
      """
    let outcome = box.run(["sh", "-c", script], environment: ["HOME": home])
    #expect(outcome.errors.isEmpty)
    #expect(
      outcome.output == "\(home):\n.config\nq\n\n\(home)/q:\na\n1\n1\n", "\(outcome.output)")
  }

  /// Each lends the host directories, which others take away where nobody holds them yet.
  @Test func `sandboxes that begin and end at once do not get in each other's way`() {
    let home = box.home + "/churn-\(UUID().uuidString)"
    let script = """
      mkdir -p "$HOME"; S='\(box.launcher) --noprofile true'
      for call in 2 3 2 3 2 3; do
        strace -f -qq -o /dev/null -e inject=mkdirat:delay_exit=300000:when=$call $S & slow=$!
        while kill -0 $slow 2>/dev/null; do $S || echo failed; done
        wait $slow || echo failed
      done
      find ~ | wc -l
      """
    let outcome = box.run(["sh", "-c", script], environment: ["HOME": home])
    #expect(outcome.output == "1\n" && outcome.errors.isEmpty, "\(outcome)")
  }

  static let takings: [(rule: String, script: String)] = [
    (
      "blacklist=~/held/none",
      "touch none; mkdir none; ln -s x none; mv ../held ../other; echo x >none/f"
    ),
    ("blacklist=~/held/a/b/c", "mkdir -p a/b/c; mv a z; mkdir -p a/b/c; touch a/b/c/f"),
    (
      "blacklist=~/held/real/deep",
      "mv real moved; mkdir -p real/deep; echo evil >real/deep/secret; rm -r real"
    ),
    ("blacklist=~/held/rc", "rm -f rc; echo evil >rc; mv rc x; mv -T dots rc; cat rc dots/rc"),
    ("read-only=~/held/rc", "rm -f rc; echo evil >rc; echo evil >dots/rc; mv rc x; ln -sf x rc"),
    (
      "read-only=~/held/real/deep/secret",
      "mv real x; mkdir -p real/deep; echo evil >real/deep/secret"
    ),
    ("blacklist=~/held/dirlink", "rm -f dirlink; mkdir dirlink; mv dirlink x; ls dirlink/"),
  ]

  /// Nothing takes a denied place: made there from inside, it is refused or not on the host.
  @Test(arguments: takings, [false, true])
  func `no other file takes a denied place`(taking: (rule: String, script: String), inFile: Bool) {
    let directory = "held-\(UUID().uuidString)"
    let rule = taking.rule.replacing("held", with: directory)
    let tree = """
      mkdir -p ~/\(directory)/dots ~/\(directory)/real/deep && cd ~/\(directory) && echo orig >dots/rc
      ln -s dots/rc rc; ln -s real/deep dirlink; echo secret >real/deep/secret
      """
    let list = "cd ~/\(directory) && find . -printf '%p %y %l %m\n' | sort; cat rc real/deep/secret"
    box.run(["sh", "-c", tree])
    let before = box.run(["sh", "-c", list]).output
    var words = ["--noprofile", "--" + rule]
    if inFile {
      let profile = box.file("effects/\(directory).profile", rule.replacing("=", with: " ") + "\n")
      words = ["--profile=" + profile]
    }
    let script = "cd ~/\(directory); " + taking.script.replacing("held", with: directory)
    let outcome = box.sandbox(words + ["sh", "-c", script + "; echo ran; touch free"])
    #expect(outcome.output.contains("ran"), "\(outcome.errors)")
    #expect(!outcome.output.contains("orig"))
    let after = box.run(["sh", "-c", list]).output
    // What the rule does not deny is done.
    #expect(after.contains("./free f"))
    #expect(after.replacing("./free f  644\n", with: "") == before)
  }

  @Test func `no profile can be planted for the next launch, where there is none yet`() {
    let home = box.home + "/planter"
    box.run(["mkdir", "-p", home])
    let start = { (options: String, script: String) in
      box.run(
        [
          "sh", "-c",
          "\(box.launcher) --noprofile \(options) sh -c '\(script)' 2>&1; find ~ | sort",
        ],
        environment: ["HOME": home]
      ).output
    }
    let plant =
      "mkdir -p ~/.config/sandbox ~/.config/firejail; mv ~/.config ~/.other; mv ~ ~2; mkdir -p ~/.config/sandbox;"
      + "for d in sandbox firejail; do echo caps >~/.config/$d/true.profile && echo planted; done"
    #expect(!start("", plant).contains("planted"))
    #expect(start("", plant).hasSuffix("\n\(home)\n"))
    #expect(start("--whitelist=~/x", plant).hasSuffix("\n\(home)\n"))
    #expect(start("--filter-only", plant).contains("planted"))
    box.run(["rm", "-rf", home])
    box.run(["mkdir", "-p", home])
    // Two at a time, and killed ones, leave nothing either.
    let script = """
      for i in 1 2 3 4 5 6; do
        \(box.launcher) --noprofile sleep 0.1 & p=$!; sleep 0.0$i; [ $((i % 2)) = 0 ] || kill -9 $p
      done 2>/dev/null; wait; sleep 2; find ~
      """
    let outcome = box.run(["bash", "-c", script], environment: ["HOME": home])
    #expect(outcome.output == home + "\n", "\(outcome.output)\(outcome.errors)")
  }

  @Test func `nothing is left on the host`() {
    let look =
      "find /tmp /var/tmp /dev/shm /run/user -maxdepth 2 2>/dev/null | grep -v '^\(box.prefix)' | grep -vE 'TemporaryDirectory|sandbox-out' | sort"
    let before = box.run(["sh", "-c", look]).output
    _ = inside(
      [
        "--private", "--private-tmp", "--private-dev", "--private-etc", "--machine-id",
        "--net=none",
      ],
      "touch /tmp/left /var/tmp/left /dev/shm/left; ln -s / /tmp/link")
    #expect(box.run(["sh", "-c", look]).output == before)
  }
}
