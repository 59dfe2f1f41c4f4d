import Foundation
import TestSupport
import Testing

private let box = Installation.shared

/// A script that starts sandboxes beside itself and asks about them. `$S` is the launcher; `start NAME
/// OPTIONS... -- COMMAND` starts one and waits until it can be joined.
private func ask(
  _ script: String, asRoot: Bool = false, environment: [String: String] = [:], limit: Int = 60
) -> Outcome {
  // A launcher knows those that run the same file: this one's are nobody else's.
  let copy = box.prefix + "/bin/sandbox-" + UUID().uuidString.prefix(8)
  _ = try? FileManager.default.copyItem(atPath: box.launcher, toPath: copy)
  let prelude = """
    S='\(copy)'
    start() {
      name=$1; shift
      setsid "$S" --quiet --noprofile --name="$name" "$@" </dev/null >/dev/null 2>&1 &
      i=0
      while ! "$S" --join="$name" true </dev/null >/dev/null 2>&1; do
        i=$((i + 1)); [ $i -lt 50 ] || { echo "$name does not start"; exit 99; }
        sleep 0.1
      done
    }
    launcher() { "$S" --list | grep ":$1:" | cut -d: -f1; }
    program() { pgrep -P "$(pgrep -P "$1" | while read p; do
      grep -q 'NSpid:.*[^0-9]1$' /proc/$p/status && echo $p; done | head -1)" | head -1; }

    """
  return box.run(
    ["sh", "-c", prelude + script], asRoot: asRoot, environment: environment, limit: limit)
}

@Suite(.serialized, .enabled(if: hasUserNamespaces)) struct `Running sandboxes` {
  @Test func `are listed by number, user, name and command`() throws {
    let outcome = ask(
      """
      start listed sh -c 'sleep 50 # a\tb'
      "$S" --list; "$S" --list --json | tail -1; "$S" --tree; "$S" --shutdown=listed; "$S" --list
      """)
    let lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false).map(
      String.init)
    let fields = try #require(lines.first).split(
      separator: ":", maxSplits: 3, omittingEmptySubsequences: false)
    try #require(fields.count == 4, "\(outcome)")
    #expect(Int(fields[0]) != nil && fields[2] == "listed")
    #expect(fields[3].hasSuffix("--name=listed sh -c sleep 50 # a\\tb "))
    #expect(lines[1].contains("\"pid\":\(fields[0]),") && lines[1].contains("\"name\":\"listed\""))
    #expect(lines[2] == lines[0])
    #expect(lines.contains { $0.hasPrefix("    ") && $0.hasSuffix("::sleep 50 ") }, "\(lines)")
    #expect(outcome.output.hasSuffix("\n\n") && outcome.status == 0)
  }

  /// What a program in the sandbox reads of itself, first and joined alike.
  @Test func `are joined with the same confinement`() {
    let facts = """
      grep -E '^(Cap|NoNewPrivs|Seccomp|Cpus_allowed_list|Umask)' /proc/self/status
      for n in user mnt pid ipc uts net; do readlink /proc/self/ns/$n; done
      ulimit -a; echo "$GREETING"; cat /proc/self/oom_score_adj
      """
    let file = box.file("facts.sh", facts)
    let outcome = ask(
      """
      umask 027
      start same --net=none --ipc-namespace --rlimit-nofile=321 --rlimit-fsize=123456 --nice=3 \
        --cpu=0 --caps.keep=chown --seccomp --protocol=unix --env=GREETING=hello --private-tmp \
        -- sh -c '. \(file) >\(box.home)/first; sleep 50'
      umask 022; ulimit -n 555; ulimit -S -s 4096
      "$S" --join=same sh -c '. \(file)' >\(box.home)/second
      cat \(box.home)/first; diff \(box.home)/first \(box.home)/second && echo same
      "$S" --shutdown=same
      """)
    #expect(outcome.output.contains("Seccomp:\t2") && outcome.output.contains("\nhello\n"))
    #expect(outcome.output.contains("321") && outcome.output.contains("NoNewPrivs:\t1"))
    #expect(outcome.output.hasSuffix("same\n"), "\(outcome)")
  }

  @Test func `give a joined program their filter, Landlock rules and files, and no more`() {
    let outcome = ask(
      """
      mkdir -p ~/seen ~/hidden; echo hidden >~/hidden/file; echo seen >~/seen/file
      start closed --blacklist=~/hidden --seccomp.drop=mkdir --landlock.enforce \
        --landlock.fs.read=/ --landlock.fs.execute=/ sleep 50
      cd ~/seen
      "$S" --join=closed cat file ../hidden/file
      "$S" --join=closed mkdir made; echo "mkdir $?"
      "$S" --join=closed touch written; echo "touch $?"
      "$S" --join=closed pwd
      "$S" --join=closed sh -c 'exit 9'; echo "status $?"
      "$S" --join=closed sh -c 'kill -TERM $$'; echo "status $?"
      "$S" --join=closed -- nosuch; echo "status $?"
      "$S" --shutdown=closed
      """)
    #expect(outcome.output.contains("seen\n") && !outcome.output.contains("hidden\n"))
    #expect(outcome.errors.contains("cat: ../hidden/file: Permission denied"), "\(outcome)")
    #expect(outcome.output.contains("mkdir 1") && outcome.output.contains("touch 1"))
    #expect(outcome.output.contains("/seen\nstatus 9\nstatus 143\nstatus 127\n"), "\(outcome)")
  }

  /// Nobody inside may take over a joining process before it is confined: it has the caller's
  /// descriptors and, for a moment, rights.
  @Test func `can't look into who joins`() {
    let outcome = ask(
      """
      rm -f ~/leaks ~/saw; echo x >~/outside.txt
      start watcher sh -c 'cd; while :; do for p in /proc/[0-9]*; do
        if [ ${p#/proc/} -gt 2 ] && read name <$p/comm; then case $name in sandbox*)
          echo seen >>saw
          if ls -l $p/fd | grep -q outside.txt; then echo leak >>leaks; fi ;;
        esac; fi; done; done'
      i=0; while [ $i -lt 2000 ] && { [ $i -lt 20 ] || [ ! -e ~/saw ]; }; do
        "$S" --join=watcher true 9<~/outside.txt; i=$((i + 1)); done
      "$S" --shutdown=watcher; sort -u ~/saw; cat ~/leaks 2>/dev/null || echo none
      """)
    #expect(outcome.output == "seen\nnone\n", "\(outcome)")
  }

  @Test func `are only those that are some`() {
    let outcome = ask(
      """
      start true sleep 50
      real=$(launcher true)
      # A process with the launcher's name and words, and one with a record of its own making.
      cp /bin/sleep ~/sandbox; ~/sandbox 50 & fake=$!
      python3 - <<'END' & forged=$!
      import os, time
      fd = os.memfd_create('sandbox-record', 2)
      os.write(fd, open('/proc/self/maps', 'rb').read())
      time.sleep(50)
      END
      copy=$(ls -l /proc/$real/fd | grep sandbox-record | sed 's/.* \\([0-9]*\\) -> .*/\\1/')
      cat /proc/$real/fd/$copy >~/record
      python3 - ~/record $real <<'END' & copied=$!
      import fcntl, os, struct, sys, time
      # The record of the real one with this process for its launcher, and its namespaces.
      record = bytearray(open(sys.argv[1], 'rb').read())
      place = 8 + struct.unpack_from('<Q', record)[0] + 8
      assert struct.unpack_from('<Q', record, place)[0] == int(sys.argv[2])
      struct.pack_into('<Q', record, place, os.getpid())
      fds = ['/proc/%s/fd/%s' % (sys.argv[2], n) for n in os.listdir('/proc/%s/fd' % sys.argv[2])]
      held = [os.open(f, os.O_RDONLY) for f in fds
              if os.readlink(f).split(':')[0] in ('user', 'mnt', 'pid', 'uts')]
      assert len(held) >= 3
      fd = os.memfd_create('sandbox-record', 2)
      os.write(fd, record)
      fcntl.fcntl(fd, 1033, 15)
      time.sleep(50)
      END
      # A launcher inside a sandbox is no sandbox of the caller's.
      "$S" --quiet --noprofile --filter-only "$S" --quiet --noprofile --name=inner sleep 51 & inner=$!
      sleep 1; pgrep -c -f '^sleep 51'
      for p in $fake $forged $copied $inner $$ 1 999999999; do
        "$S" --join=$p true; echo "$?"
      done
      "$S" --join=inner true; echo "$?"
      kill $fake $forged $copied $inner; "$S" --shutdown=$real
      "$S" --join=$real true; echo "$?"
      """)
    #expect(outcome.output == String(repeating: "1\n", count: 10), "\(outcome)")
    #expect(
      outcome.errors.contains("sandbox: cannot find sandbox 999999999; --list names those that run")
    )
  }

  @Test(.enabled(if: Installation.isRoot)) func `of another user are out of reach`() {
    let outcome = box.run(
      [
        "sh", "-c",
        """
        setpriv --reuid=65534 --regid=65534 --clear-groups setsid '\(box.launcher)' --noprofile \
          --name=theirs sleep 50 >/dev/null 2>&1 </dev/null &
        sleep 1
        '\(box.launcher)' --list | grep -c :theirs:
        '\(box.launcher)' --join=theirs true; echo $?
        for option in join cat ls shutdown; do
          setpriv --reuid=65533 --regid=65533 --clear-groups '\(box.launcher)' \
            --$option=theirs /etc/passwd; echo $?
        done
        '\(box.launcher)' --shutdown=theirs; echo $?
        """,
      ], asRoot: true)
    #expect(outcome.output == "1\n1\n1\n1\n1\n1\n0\n", "\(outcome)")
    #expect(outcome.errors.contains("belongs to another user"))
  }

  @Test func `keep their names apart, or are joined under them`() {
    let outcome = ask(
      """
      start one --hostname=first sleep 50
      "$S" --noprofile --name=one sleep 1 2>~/errors &
      sleep 0.5; "$S" --list | grep -c ':one-[0-9]*:'; wait $!; cat ~/errors
      "$S" --noprofile --join-or-start=one uname -n
      "$S" --noprofile --join-or-start=one --plan touch ~/planned >/dev/null; ls ~/planned 2>/dev/null
      "$S" --noprofile --join-or-start=two uname -n | grep -c first
      "$S" --shutdown=one
      """)
    #expect(outcome.output.hasPrefix("1\nsandbox: warning: --name: "), "\(outcome)")
    #expect(outcome.output.contains("\"one\" is the name of a running sandbox; this one is one-"))
    #expect(outcome.output.hasSuffix("\nfirst\n0\n"), "\(outcome)")
  }

  @Test func `are joined in parts`() {
    let outcome = ask(
      """
      echo outside >~/part
      start parts --net=none --private --seccomp sleep 50
      "$S" --join-network=parts sh -c 'ls /sys/class/net; cat ~/part; grep Seccomp: /proc/self/status'
      "$S" --join-filesystem=parts sh -c 'readlink /proc/self/ns/net; ls ~; grep Seccomp: /proc/self/status'
      readlink /proc/self/ns/net
      "$S" --shutdown=parts
      start hosts sleep 50
      "$S" --join-network=hosts true; echo $?; "$S" --shutdown=hosts
      """)
    let lines = outcome.output.split(separator: "\n").map(String.init)
    #expect(
      lines.contains("outside") && lines.filter { $0 == "Seccomp:\t2" }.count == 2, "\(outcome)")
    #expect(
      lines.filter { $0.hasPrefix("net:") }.count == 2
        && Set(lines.filter { $0.hasPrefix("net:") }).count == 1)
    #expect(lines.last == "1" && outcome.errors.contains("has the host's network"))
  }

  @Test func `last as long as a program that joined, unless they are to end`() {
    let outcome = ask(
      """
      start lasting sh -c 'sleep 1; exit 5'
      "$S" --join=lasting sh -c 'sleep 2; echo survived'
      sleep 0.5; "$S" --list | grep -c lasting
      start ended sleep 50
      "$S" --join=ended sleep 50 & sleep 0.5
      "$S" --shutdown=ended; wait $!; echo $?
      """)
    #expect(outcome.output == "survived\n0\n137\n", "\(outcome)")
  }

  @Test func `show and take files, and lead nobody out`() {
    let outcome = ask(
      """
      mkdir -p ~/out; cd ~/out; rm -f *; echo outside >secret
      start files --private --private-tmp sh -c 'cd; echo inside >note; chmod 640 note
        ln -s /proc/self/fd/9 leak; mkfifo pipe; printf "a\\033b" >"$(printf "x\\ny")"; sleep 50'
      "$S" --ls=files ~ | sed 's/ .* / /'
      "$S" --json --ls=files ~ | grep '"note"'
      "$S" --cat=files ~/note
      "$S" --get=files ~/note; cat note; stat -c %a note
      echo put >source; "$S" --put=files source ~/target; "$S" --cat=files ~/target
      "$S" --cat=files ~/leak 9<secret; echo $?
      "$S" --cat=files ~/pipe; echo $?
      "$S" --get=files ~/nosuch; echo $?; ls nosuch
      "$S" --cat=files ../note; echo $?
      ls ~/note ~/target
      "$S" --shutdown=files
      """)
    let output = outcome.output
    #expect(output.contains("drwx------ .\n"), "\(outcome)")
    #expect(output.contains("-rw-r----- note\n") && output.contains(" x?y\n"), "\(outcome)")
    #expect(
      output.contains(
        "{\"name\":\"note\",\"mode\":\"-rw-r-----\",\"user\":"), "\(outcome)")
    #expect(output.contains("inside\ninside\n600\nput\n1\n1\n1\n1\n"), "\(outcome)")
    #expect(!output.contains("outside"))
    #expect(outcome.errors.contains("nosuch': No such file"))
    #expect(
      outcome.errors.contains("/note': No such file") && outcome.errors.contains("/target': No"))
  }

  @Test func `print how they are confined`() {
    let outcome = ask(
      """
      mkdir -p ~/fs; start state --caps.keep=chown --cpu=0 --protocol=unix,inet --seccomp.drop=mkdir --tmpfs=~/fs \
        --blacklist=/etc/hostname sleep 50
      "$S" --caps.print=state; "$S" --cpu.print=state; "$S" --protocol.print=state
      "$S" --fs.print=state; "$S" --seccomp.print=state; "$S" --dns.print=state
      "$S" --apparmor.print=state; "$S" --profile.print=state; echo "status $?"
      "$S" --seccomp.print=state --json | head -c 20
      "$S" --shutdown=state
      """)
    for part in [
      "chown               - enabled\n", "net_raw             - disabled\n",
      "  Cpus_allowed_list:\t0\n", "\nunix,inet\n", "\nblacklist /etc/hostname\n",
      "\ntmpfs \(box.home)/fs\n", " 0000: 20 00 00 00000004   ld  data.architecture\n",
      "ret ERRNO(1)\n", "\n  AppArmor: ", "status 1\n{\"instructions\":[\"",
    ] { #expect(outcome.output.contains(part), "\(part): \(outcome)") }
    #expect(outcome.errors == "sandbox: read no profile\n")
  }

  @Test func `take no other options, and no program where none is started`() {
    for words in [["--join=x", "--private", "ls"], ["--private", "--list"]] {
      let outcome = box.sandbox(words)
      #expect(outcome.status == 1)
      #expect(outcome.errors.contains("other options say nothing about a sandbox that runs"))
    }
    #expect(box.sandbox(["--list", "ls"]).errors.contains("ls: nothing is started by this option"))
  }

  @Test func `refuse to be joined between two filters`() {
    let outcome = ask(
      """
      setsid "$S" --quiet --noprofile --name=phases --seccomp.keep.after=SIGUSR1\\ @default \
        sleep 50 >/dev/null 2>&1 </dev/null &
      sleep 1; "$S" --join=phases true; echo $?; "$S" --shutdown=phases
      """)
    #expect(
      outcome.output == "1\n" && outcome.errors.contains("its filter has two phases"), "\(outcome)")
  }

  @Test func `end together, a hundred at once, and leave nothing`() {
    let outcome = ask(
      """
      mkdir -p ~/.config; before=$(ls -a ~ ~/.config | cksum)
      i=0; while [ $i -lt 100 ]; do
        setsid "$S" --quiet --noprofile --name=many-$i sleep 500 </dev/null >/dev/null 2>&1 &
        i=$((i + 1))
      done
      i=0; while [ "$("$S" --list | grep -c :many-)" -lt 100 ] && [ $i -lt 100 ]; do
        sleep 0.2; i=$((i + 1)); done
      "$S" --list | grep -c :many-; "$S" --tree | grep -c '::sleep 500 $'
      "$S" --shutdown='*'; echo $?
      [ "$(ls -a ~ ~/.config | cksum)" = "$before" ] && echo clean
      "$S" --list | grep -c :many-; pgrep -c -f '^sleep 500'
      """, limit: 120)
    #expect(outcome.output == "100\n100\n0\nclean\n0\n0\n", "\(outcome)")
  }

  @Test func `that ignore SIGTERM are killed`() {
    let outcome = ask(
      """
      start stubborn sh -c 'trap "" TERM; while :; do sleep 1; done'
      a=$(date +%s); "$S" --shutdown=stubborn; echo $?; b=$(date +%s)
      [ $((b - a)) -ge 9 ] && [ $((b - a)) -le 20 ] && echo patient
      "$S" --list | grep -c stubborn
      """)
    #expect(outcome.output == "0\npatient\n0\n", "\(outcome)")
  }

  @Test func `vanish from the list with a launcher that is killed`() {
    let outcome = ask(
      """
      start killed sleep 50
      kill -KILL $(launcher killed); sleep 0.3
      "$S" --list | grep -c :killed:; "$S" --join=killed true; echo $?
      """)
    #expect(outcome.output == "0\n1\n", "\(outcome)")
  }

  @Test func `are watched on a terminal until a key comes`() {
    let outcome = ask(
      """
      start busy sh -c 'while :; do :; done'
      (sleep 1; printf q) | script -qec 'stty rows 20 cols 200; "$S" --top' /dev/null |
        tr -d '\\033\\r' | grep -m1 '[0-9]  *[0-9.]* .*busy' | cut -c1-200
      "$S" --top --json | grep -c '"name":"busy"'
      start apart --net=none sleep 50
      "$S" --netstats | grep -c '0\\.000      0\\.000 .*apart'; "$S" --netstats | grep -c busy
      "$S" --shutdown='*'
      """, environment: ["S": ""])
    #expect(outcome.output.contains("busy") && outcome.output.hasSuffix("1\n1\n0\n"), "\(outcome)")
  }
}
