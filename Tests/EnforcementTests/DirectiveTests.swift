import Foundation
import TestSupport
import Testing

private let box = Installation.shared

/// A probe under a directive and without it: what the directive takes away is there without it, and
/// what it must leave is there with it.
struct Contrast: Sendable, CustomTestStringConvertible {
  let options: [String]
  let script: String
  let with: String
  let without: String

  init(_ options: String, _ script: String, with: String, without: String) {
    self.options = options.split(separator: " ").map(String.init)
    self.script = script
    self.with = with
    self.without = without
  }

  var testDescription: String { options.joined(separator: " ") }
}

/// The shell's way to say whether something works.
private func yes(_ command: String, _ word: String) -> String {
  "if (\(command)) >/dev/null 2>&1; then echo \(word); else echo no-\(word); fi"
}

@Suite(.enabled(if: hasUserNamespaces, "this host refuses user namespaces"))
struct `Directives of the view` {
  static let contrasts: [Contrast] = [
    Contrast(
      "--whitelist=~/w/shown", "cd ~/w; cat shown/f; cat other; echo x >~/gone; ls ~ | wc -l",
      with: "in cat: other: No such file or directory 2", without: ""),
    Contrast(
      "--whitelist=~/w/missing", yes("test -e ~/w/other", "other"), with: "no-other",
      without: "other"),
    Contrast(
      "--nowhitelist=~/w/shown --whitelist=~/w/shown", yes("test -e ~/w/shown", "shown"),
      with: "no-shown", without: "shown"),
    Contrast(
      "--whitelist=~/w/link", "cat ~/w/link ~/w/target; \(yes("test -e ~/w/other", "other"))",
      with: "pointed pointed no-other", without: "pointed pointed other"),
    Contrast(
      "--whitelist=~/w/sh*",
      yes("test -e ~/w/shown/f", "shown") + ";" + yes("test -e ~/w/other", "o"),
      with: "shown no-o", without: "shown o"),
    Contrast(
      "--whitelist=~/w/shown --blacklist=~/w/shown/f", yes("cat ~/w/shown/f", "f"), with: "no-f",
      without: "f"),
    Contrast(
      "--whitelist=/usr/share/doc",
      "ls /usr/share | wc -l; " + yes("test -d /usr/share/doc", "doc"),
      with: "1 doc", without: ""),
    Contrast(
      "--private", "pwd >/dev/null; " + yes("test -e ~/w", "w") + ";" + yes("touch ~/new", "new"),
      with: "no-w new", without: "w new"),
    Contrast(
      "--private=~/w", yes("test -e ~/other", "other") + ";" + yes("test -e ~/w", "w"),
      with: "other no-w", without: "no-other w"),
    Contrast(
      "--private-tmp",
      yes("ls /tmp | grep -q ^marker-", "marker") + ";"
        + yes("f=/tmp/t-$$; touch $f && rm $f", "t"),
      with: "no-marker t", without: "marker t"),
    Contrast(
      "--private-cache", yes("test -e ~/.cache/old", "old") + ";" + yes("touch ~/.cache/n", "new"),
      with: "no-old new", without: "old new"),
    Contrast(
      "--private-dev",
      "ls /dev | grep -vE '^(dri|snd|video.*|input|hidraw.*|sr.*|usb|dvb|nvidia.*|kfd)$' | tr '\\n' ' ';"
        + yes("head -c1 /dev/urandom", "random") + ";" + yes("echo x >/dev/shm/f", "shm"),
      with: "fd full null ptmx pts random shm stderr stdin stdout tty urandom zero random shm",
      without: ""),
    Contrast(
      "--private-dev --keep-dev-shm", yes("ls /dev/shm/marker-shm", "marker"), with: "marker",
      without: "marker"),
    Contrast(
      "--private-dev", yes("ls /dev/shm/marker-shm", "marker"), with: "no-marker",
      without: "marker"),
    Contrast(
      "--private-bin=sh,ls,grep,env", yes("cat /dev/null", "cat") + ";" + yes("ls /", "ls"),
      with: "no-cat ls", without: "cat ls"),
    Contrast(
      "--private-etc=hostname",
      yes("test -e /etc/shells", "shells") + ";" + yes("cat /etc/passwd", "passwd"),
      with: "no-shells passwd", without: "shells passwd"),
    Contrast(
      "--private-lib=git-core --private-bin=sh,find,grep,test",
      yes("find /usr/lib -name 'libseccomp.so*' | grep .", "seccomp") + ";"
        + yes("test -d /usr/lib/git-core", "git"),
      with: "no-seccomp git", without: "seccomp git"),
    Contrast(
      "--private-opt=none", "ls /opt | wc -l", with: "0", without: ""),
    Contrast(
      "--private-srv=marker-srv", "ls /srv | tr '\\n' ' '", with: "marker-srv", without: ""),
    Contrast("--private-cwd=/usr/share", "pwd", with: "/usr/share", without: "/"),
    Contrast("--private-cwd", "test $(pwd) = $HOME && echo home", with: "home", without: ""),
    Contrast(
      "--tmpfs=~/w", yes("test -e ~/w/other", "other"), with: "no-other", without: "other"),
    Contrast(
      "--bind=$HOME/w/shown,$HOME/w/empty", yes("test -e ~/w/empty/f", "bound"), with: "bound",
      without: "no-bound"),
    Contrast("--disable-mnt", yes("ls /mnt", "mnt"), with: "no-mnt", without: "mnt"),
    Contrast(
      "--machine-id",
      "test \"$(cat /etc/machine-id)\" = \"$ID\" && echo same; wc -c </etc/machine-id",
      with: "33", without: "same 33"),
    Contrast(
      "--hostname=kiosk", "hostname; cat /etc/hostname; grep -c kiosk /etc/hosts",
      with: "kiosk kiosk 1", without: ""),
    Contrast(
      "--hosts-file=$HOME/w/hosts", yes("grep marker /etc/hosts", "marker"), with: "marker",
      without: "no-marker"),
    Contrast(
      "--dns=192.0.2.53 --dns=2001:db8::53",
      "grep -c '^nameserver 192.0.2.53$' /etc/resolv.conf; grep -c 2001:db8::53 /etc/resolv.conf",
      with: "1 1", without: "0 0"),
    Contrast(
      "--net=none", "ls /proc/sys/net/ipv4/conf | grep -vE '^(all|default)$'; ls /sys/class/net",
      with: "lo lo", without: ""),
    Contrast(
      "--ipc-namespace", "test \"$(readlink /proc/self/ns/ipc)\" = \"$IPC\" && echo host",
      with: "", without: "host"),
    Contrast(
      "--x11=none", yes("ls /tmp/.X11-unix", "x11") + "; echo D$DISPLAY", with: "no-x11 D",
      without: "x11 D:0"),
    Contrast(
      "--keep-var-tmp", yes("ls /var/tmp/marker-var", "marker"), with: "marker",
      without: "no-marker"),
    Contrast(
      "--writable-var", yes("grep ' /var ' /proc/self/mounts", "mount"), with: "no-mount",
      without: "mount"),
    Contrast(
      "--writable-etc", yes("grep ' /etc ' /proc/self/mounts", "mount"), with: "no-mount",
      without: "mount"),
    Contrast(
      "--writable-var-log", yes("test -s /var/log/dpkg.log", "log"), with: "log", without: "no-log"),
    Contrast(
      "--allusers", "ls /home | grep -c marker-home; grep -c ^marker-user /etc/passwd",
      with: "1 1", without: "0 0"),
    Contrast("--nosound", yes("ls ~/.config/pulse", "pulse"), with: "no-pulse", without: "pulse"),
    Contrast(
      "--hostname-randomize",
      "hostname >~/h1; hostname | grep -cE '^([b-z][aeiou]){3}$'; cmp -s ~/h1 /etc/hostname && echo same",
      with: "1 same", without: ""),
    Contrast(
      "--unhide-pid1", yes("cat /proc/1/comm", "comm"), with: "comm", without: "no-comm"),
    Contrast(
      "--allow-debuggers", yes("ls /usr/src/linux-marker", "symbols"), with: "symbols",
      without: "no-symbols"),
    Contrast(
      "--allow-bwrap", yes("unshare -U true", "nested"), with: "nested", without: "no-nested"),
    Contrast(
      "--caps.keep=sys_admin", yes("unshare -Urm mount -t tmpfs tmpfs /mnt", "mounted"),
      with: "mounted", without: "no-mounted"),
    Contrast(
      "--landlock.enforce --landlock.fs.read=/ --landlock.fs.execute=/ --landlock.fs.write=/dev/null",
      yes("cat ~/w/other", "read") + ";" + yes("touch ~/w/n", "write"), with: "read no-write",
      without: "read write"),
    Contrast(
      "--landlock.enforce --landlock.fs.read=/usr --landlock.fs.read=~/w --landlock.fs.read=/etc"
        + " --landlock.fs.execute=/usr --landlock.fs.write=~/w --landlock.fs.write=/dev/null",
      yes("ls /var/lib", "list") + ";" + yes("cat ~/w/other", "read") + ";"
        + yes("touch ~/w/n", "write") + ";" + yes("mkfifo ~/w/p$$", "fifo"),
      with: "no-list read write no-fifo", without: "list read write fifo"),
    Contrast(
      "--landlock.enforce --landlock.fs.read=/ --landlock.fs.execute=/ --landlock.fs.write=/"
        + " --landlock.fs.makeipc=~/w",
      yes("mkfifo ~/w/q$$", "fifo") + ";" + yes("mkfifo /tmp/q$$", "fifo"), with: "fifo no-fifo",
      without: ""),
    Contrast(
      "--landlock.enforce --landlock.fs.read=/ --landlock.fs.execute=/usr/bin"
        + " --landlock.fs.execute=/usr/lib --landlock.fs.execute=/lib64 --landlock.fs.write=/",
      "cp /usr/bin/true ~/w/t; " + yes("~/w/t", "run") + ";" + yes("ls /", "ls"),
      with: "no-run ls", without: "run ls"),
  ]

  /// The sound server's clients are told not to share memory, unless that is lifted.
  @Test func `the configuration of PulseAudio says no shared memory`() {
    box.file(".config/pulse/client.conf", Self.pulse)
    let plain = box.sandbox(["--noprofile", "cat", box.home + "/.config/pulse/client.conf"])
    #expect(plain.output == Self.pulse, "\(plain)")
    box.file("empty.profile", "include empty.local\n")
    let withProfile = box.sandbox([
      "--profile=~/empty.profile", "cat", box.home + "/.config/pulse/client.conf",
    ])
    #expect(withProfile.output == Self.pulse + "\nenable-shm = no\n", "\(withProfile)")
    for line in ["keep-config-pulse", "noautopulse"] {
      box.file("kept.profile", line + "\n")
      let kept = box.sandbox([
        "--profile=~/kept.profile", "cat", box.home + "/.config/pulse/client.conf",
      ])
      #expect(kept.output == Self.pulse, "\(kept)")
      #expect(kept.errors.contains("old spelling") == (line == "noautopulse"))
    }
  }

  @Test func `a listing names the hidden and the shown paths with their rules`() {
    box.file("listed/a")
    let hidden = box.sandbox([
      "--noprofile", "--debug-blacklists", "--blacklist=~/listed/a", "true",
    ])
    #expect(hidden.errors.contains("cover \(box.home)/listed/a (regular)    [--blacklist]"))
    #expect(!hidden.errors.contains("execute"))
    let shown = box.sandbox(["--noprofile", "--debug-whitelists", "--whitelist=~/listed", "true"])
    #expect(shown.errors.contains("show \(box.home)/listed    [--whitelist]"))
  }

  @Test func `a debugger works with allow-debuggers, and a later disable-devel is skipped`() {
    let probe = ["strace", "-e", "trace=none", "true"]
    box.file("debug.profile", "seccomp\ninclude disable-devel.inc\n")
    let run = { (options: [String]) in
      box.sandbox(options + ["--profile=~/debug.profile"] + probe).status
    }
    #expect(run([]) != 0)
    #expect(run(["--allow-debuggers"]) == 0)
  }

  @Test func `AppArmor is missing by name where its profile is not loaded`() {
    for options in [["--apparmor"], ["--apparmor=no-such-profile", "--apparmor-replace"]] {
      let outcome = box.sandbox(["--noprofile", "--debug"] + options + ["echo", "ran"])
      #expect(outcome.output == "ran\n")
      #expect(outcome.errors.contains("--apparmor: no profile called "))
    }
  }

  /// Whether a case is about the test user's home, which is not root's.
  private func isAboutHome(_ contrast: Contrast) -> Bool {
    contrast.options.contains { option in
      ["~", "HOME", "private", "nosound", "landlock", "hostname-r", "caps"].contains {
        option.contains($0)
      }
    }
  }

  @Test(arguments: contrasts, [false, true])
  func `take away and leave what they say`(contrast: Contrast, asRoot: Bool) {
    // As root, IPC is private with and without asking.
    let isLeftOut = isAboutHome(contrast) || contrast.options == ["--ipc-namespace"]
    guard !asRoot || (Installation.isRoot && !isLeftOut) else { return }
    guard Installation.isRoot || !contrast.script.contains("marker") else { return }
    prepare()
    #expect(run(contrast.options, contrast.script, asRoot) == contrast.with)
    if !contrast.without.isEmpty {
      #expect(run([], contrast.script, asRoot) == contrast.without)
    }
  }

  /// Of all tests that want the file: they run at the same time.
  private static let pulse = "autospawn = no\n"

  private func prepare() {
    for (name, text) in [
      ("w/shown/f", "in\n"), ("w/other", "x\n"), ("w/target", "pointed\n"), ("w/empty/.k", ""),
      (".cache/old", ""), (".config/pulse/client.conf", Self.pulse),
      ("w/hosts", "1.2.3.4 marker\n"),
    ] {
      box.file(name, text)
    }
    box.run(["ln", "-sfn", "target", box.home + "/w/link"])
  }

  /// Places of the system get their markers in a mount namespace of the test's own, which only root
  /// can make; without root, the cases about them are not decided.
  private static let markers = """
    mount --make-rprivate /
    for d in /home /srv /var/tmp /dev/shm /usr/src; do mount -t tmpfs -o mode=1777 tmpfs $d; done
    touch /var/tmp/marker-var /dev/shm/marker-shm
    mkdir /usr/src/linux-marker /home/marker-home /srv/marker-srv /srv/marker-other
    mount -t tmpfs -o mode=755 tmpfs /mnt
    cp /etc/passwd /mnt/passwd
    echo marker-user:x:4711:4711::/nonexistent:/bin/false >>/mnt/passwd
    mount --bind /mnt/passwd /etc/passwd
    touch /tmp/marker-tmp-$$
    trap 'rm -f /tmp/marker-tmp-$$' EXIT
    "$@"
    """

  private func run(_ options: [String], _ script: String, _ asRoot: Bool) -> String {
    let identifier = FileManager.default.contents(atPath: "/etc/machine-id") ?? Data()
    let variables = [
      "ID": String(decoding: identifier.prefix { $0 != 10 }, as: UTF8.self), "DISPLAY": ":0",
      "HOME": box.home,
      "IPC": box.run(["readlink", "/proc/self/ns/ipc"]).output.trimmingCharacters(in: .newlines),
    ]
    let words =
      [box.launcher, "--noprofile"]
      + options.map { $0.replacingOccurrences(of: "$HOME", with: box.home) }
      + ["sh", "-c", "exec 2>&1; " + script]
    let outcome =
      !Installation.isRoot
      ? box.run(words, environment: variables)
      : box.run(
        ["unshare", "-m", "sh", "-c", Self.markers, "sh"] + (asRoot ? [] : Installation.asUser)
          + words, asRoot: true, environment: variables)
    return outcome.output.split(separator: "\n").joined(separator: " ")
      .trimmingCharacters(in: .whitespaces)
  }

  @Test func `a layer over the home takes the changes`() {
    box.file("layer/kept")
    box.file("layer/changed")
    let script =
      "cd ~/layer && echo new >changed && rm kept && touch made && cat changed && ls | tr '\\n' ' '"
    let inside = { (options: [String]) in
      box.sandbox(["--noprofile"] + options + ["sh", "-c", script]).output
    }
    #expect(inside(["--overlay-tmpfs"]) == "new\nchanged made ")
    #expect(
      box.run(["sh", "-c", "cd ~/layer; cat changed kept; ls"]).output
        == "content\ncontent\nchanged\nkept\n")
    #expect(inside([]) == "new\nchanged made ")
    #expect(box.run(["ls", box.home + "/layer"]).output == "changed\nmade\n")
  }

  @Test func `a kept layer has the changes at the next start, for one sandbox at a time`() throws {
    let home = box.home + "/layered"
    box.file("layered/kept/f")
    box.file("layered/kept/g")
    let inside = { (options: [String], script: String) in
      box.sandbox(
        ["--noprofile"] + options + ["sh", "-c", "cd ~/kept && " + script],
        environment: ["HOME": home])
    }
    let first = inside(
      ["--overlay-named=one"],
      "echo new >f && rm g && touch made && ls ~/.local/share/sandbox/layers")
    // The layers themselves are out of reach.
    #expect(first.status != 0 && first.errors.contains("Permission denied"))
    #expect(inside(["--overlay-named=one"], "cat f && ls").output == "new\nf\nmade\n")
    #expect(inside([], "cat f && ls").output == "content\nf\ng\n")
    #expect(inside(["--overlay-named=two"], "cat f && ls").output == "content\nf\ng\n")
    #expect(inside(["--overlay", "--quiet"], "echo x >f; cat f").output == "x\n")
    let names = {
      try FileManager.default.contentsOfDirectory(atPath: home + "/.local/share/sandbox/layers")
    }
    #expect(try names().count == 3)
    let busy = box.run(
      [
        "sh", "-c",
        """
        '\(box.launcher)' --noprofile --overlay-named=one sh -c 'touch /tmp/held-layer; sleep 4' &
        while ! test -e /tmp/held-layer; do sleep 0.05; done; rm /tmp/held-layer
        '\(box.launcher)' --noprofile --overlay-named=one echo ran; wait
        """,
      ], environment: ["HOME": home])
    #expect(!busy.output.contains("ran") && busy.errors.contains("which another sandbox uses"))
    let clean = box.sandbox(["--overlay-clean"], environment: ["HOME": home])
    #expect(clean.status == 0 && clean.errors.isEmpty)
    #expect(!FileManager.default.fileExists(atPath: home + "/.local/share/sandbox/layers"))
    #expect(box.run(["cat", home + "/kept/f", home + "/kept/g"]).output == "content\ncontent\n")
    #expect(box.sandbox(["--overlay-clean"], environment: ["HOME": home]).status == 0)
  }

  @Test func `another root shows itself alone`() {
    let root = box.home + "/root"
    box.run([
      "sh", "-c",
      """
      mkdir -p ~/root/bin ~/root/dev ~/root/proc ~/root/sys ~/root/etc ~/root/tmp && cd ~/root
      for p in sh cat ls; do
        cp -L $(command -v $p) bin/
        for l in $(ldd $(command -v $p) | grep -o '/[^ ]*'); do cp --parents $l .; done
      done
      echo inside >etc/hostname; ln -sf /etc link; ln -sfn ../../../../etc escape
      """,
    ])
    let inside = { (options: [String], script: String) in
      box.sandbox(
        ["--noprofile", "--chroot=" + root] + options + ["sh", "-c", "exec 2>&1; " + script]
      ).output
    }
    #expect(
      inside([], "cat /link/hostname /escape/hostname; pwd; ls /.. ; ls /usr")
        == "inside\ninside\n/\nbin\ndev\nescape\netc\nlib\nlib64\nlink\nproc\nsys\ntmp\n"
        + "ls: cannot access '/usr': No such file or directory\n")
    #expect(inside(["--blacklist=/link"], "cat /etc/hostname").contains("denied"))
    #expect(inside(["--private-dev", "--net=none"], "ls /dev /sys/class/net").contains("urandom"))
    box.file("not-a-root/file")
    let bad = box.sandbox(["--noprofile", "--chroot=\(box.home)/not-a-root", "true"])
    #expect(bad.status == 1 && bad.errors.contains("has no directory"))
  }

  static let devices: [(flag: String, node: String)] = [
    ("nosound", "snd"), ("no3d", "dri"), ("nodvd", "sr0"), ("notv", "dvb"), ("nou2f", "hidraw0"),
    ("novideo", "video0"), ("noinput", "input"), ("noprinters", "lp0"),
  ]

  /// A /dev with one of each kind, in a mount namespace of the test's own.
  private func devices(_ options: [String]) -> Set<String> {
    let markers = """
      mount --make-rprivate /; mkdir -p /tmp/devices-$$; mount --rbind /dev /tmp/devices-$$
      mount -t tmpfs -o mode=755 tmpfs /dev
      for n in null zero full random urandom tty; do touch /dev/$n; mount --bind /tmp/devices-$$/$n /dev/$n; done
      mkdir /dev/snd /dev/dri /dev/dvb /dev/input /dev/shm
      touch /dev/sr0 /dev/hidraw0 /dev/video0 /dev/lp0 /dev/tpm0 /dev/ntsync
      "$@"; umount -l /tmp/devices-$$; rmdir /tmp/devices-$$
      """
    let probe =
      "for n in snd dri dvb input sr0 hidraw0 video0 lp0 tpm0 ntsync; do { test -d /dev/$n && ls /dev/$n || cat /dev/$n; } >/dev/null 2>&1 && echo $n; done"
    let outcome = box.run(
      ["unshare", "-m", "sh", "-c", markers, "sh"] + Installation.asUser
        + [box.launcher, "--noprofile"] + options + ["sh", "-c", probe], asRoot: true,
      environment: ["HOME": box.home])
    return Set(outcome.output.split(separator: "\n").map(String.init))
  }

  @Test(.enabled(if: Installation.isRoot, "devices are made by root"))
  func `each device goes by its word, with and without a private dev`() {
    let all = Set(Self.devices.map(\.node))
    #expect(devices([]) == all)
    #expect(devices(["--keep-dev-tpm", "--keep-dev-ntsync"]) == all.union(["tpm0", "ntsync"]))
    #expect(devices(["--private-dev"]) == all.subtracting(["lp0"]))
    #expect(
      devices(["--private-dev", "--keep-dev-tpm", "--keep-dev-ntsync"])
        == all.union(["tpm0", "ntsync"]).subtracting(["lp0"]))
    for (flag, node) in Self.devices {
      #expect(devices(["--" + flag]) == all.subtracting([node]), "\(flag)")
      #expect(
        devices(["--private-dev", "--" + flag]) == all.subtracting(["lp0", node]), "\(flag)")
    }
  }

  @Test func `mkdir and mkfile make what is missing, where they may`() {
    let script = "stat -c '%a %n' ~/md ~/md/new ~/md/file; echo x >~/md/new/kept"
    let options = ["--mkdir=~/md/new", "--mkfile=~/md/file", "--whitelist=~/md/new"]
    let outcome = box.sandbox(["--noprofile"] + options + ["sh", "-c", "exec 2>&1; " + script])
    #expect(outcome.output.contains("700 \(box.home)/md/new"))
    #expect(box.run(["cat", box.home + "/md/new/kept"]).output == "x\n")
    #expect(box.run(["stat", "-c", "%a", box.home + "/md/file"]).output == "600\n")
    for path in ["/srv/x", "/etc/x"] {
      let outcome = box.sandbox(["--noprofile", "--mkdir=" + path, "echo", "ran"])
      #expect(outcome.status == 1 && outcome.errors.contains("lies elsewhere"))
    }
  }

  @Test(.enabled(if: Installation.isRoot, "groups are given by root"))
  func `groups are dropped by root and named for others`() {
    let start = { (user: [String]) in
      box.run(
        user + [box.launcher, "--noprofile", "--nogroups", "--debug", "sh", "-c", "id -G"],
        asRoot: true, environment: ["HOME": box.home])
    }
    let asUser = start(["setpriv", "--reuid=65534", "--regid=65534", "--groups=4,24", "--"])
    #expect(asUser.errors.contains("groups 4,24 stay: only root can drop them"))
    let asRoot = start(["setpriv", "--groups=4,24", "--"])
    #expect(asRoot.output == "0\n" && !asRoot.errors.contains("only root can drop"))
  }

  @Test(.enabled(if: Installation.isRoot, "a runtime directory is made by root"))
  func `the runtime directory hides what others put there, unless it is lifted`() {
    let markers = """
      mount -t tmpfs -o mode=755 tmpfs /run/user
      for u in 65534 4711; do mkdir -p /run/user/$u/gnupg /run/user/$u/systemd /run/user/$u/own; done
      chown -R 65534:65534 /run/user/65534
      "$@"
      """
    let inside = { (options: [String]) in
      box.run(
        ["unshare", "-m", "sh", "-c", markers, "sh"] + Installation.asUser
          + [box.launcher, "--noprofile"] + options
          + [
            "sh", "-c",
            "cd /run/user; for d in *; do for e in $d/*; do ls $e >/dev/null 2>&1 && echo $e; done; done",
          ],
        asRoot: true, environment: ["HOME": box.home]
      ).output.split(separator: "\n").map(String.init)
    }
    #expect(inside([]) == ["65534/own"])
    #expect(inside(["--writable-run-user"]) == ["65534/gnupg", "65534/own", "65534/systemd"])
    #expect(inside(["--allusers"]).contains("4711/own"))
    #expect(inside(["--whitelist=/run/user/65534/own"]) == ["65534/own"])
  }
}
