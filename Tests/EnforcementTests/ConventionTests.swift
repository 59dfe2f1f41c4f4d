import Foundation
import TestSupport
import Testing

private let box = Installation.shared

/// The launcher under the name `firejail`, by a link as `make install FIREJAIL_NAME=yes` makes it.
@Suite(.enabled(if: hasUserNamespaces)) struct `In Firejail's place` {
  private static let directory: String = {
    let directory = box.home + "/firejail-bin"
    box.run(["mkdir", "-p", directory])
    box.run(["ln", "-sf", box.launcher, directory + "/firejail"])
    return directory
  }()

  private func firejail(_ words: [String], environment: [String: String] = [:]) -> Outcome {
    var variables = [
      "PATH": Self.directory + ":/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
    ]
    variables.merge(environment) { $1 }
    return box.run(["firejail"] + words, environment: variables)
  }

  @Test func `says what scripts read, and nothing where it is to be quiet`() {
    let outcome = firejail(["--noprofile", "sh", "-c", "echo out; exit 3"])
    #expect(outcome.status == 3 && outcome.output == "out\n")
    #expect(
      outcome.errors.wholeMatch(
        of:
          /Parent pid \d+, child pid \d+\nChild process initialized in \d+\.\d\d ms\n\nParent is shutting down, bye\.\.\.\n/
      ) != nil, "\(outcome)")
    #expect(firejail(["--quiet", "--noprofile", "true"]).errors.isEmpty)
    #expect(
      firejail(["--noprofile", "true"], environment: ["FIREJAIL_QUIET": "yes"]).errors.isEmpty)
    #expect(box.sandbox(["--noprofile", "true"]).errors.isEmpty)
  }

  /// The line comes when the terminal can be read, and before the program's own.
  @Test func `names the profiles that it read, Firejail's own first`() {
    box.file(".config/sandbox/chosen.profile", "env WHO=sandbox\n")
    box.file(".config/firejail/chosen.profile", "env WHO=firejail\ninclude chosen-more.inc\n")
    box.file(".config/firejail/chosen-more.inc", "\n")
    box.file("chosen", "#!/bin/sh\necho $WHO $container\n", mode: 0o755)
    let outcome = firejail([box.home + "/chosen"])
    #expect(outcome.output == "firejail firejail\n", "\(outcome)")
    #expect(
      outcome.errors.hasPrefix(
        "Reading profile \(box.home)/.config/firejail/chosen.profile\n"
          + "Reading profile \(box.home)/.config/firejail/chosen-more.inc\nParent pid "))
    #expect(box.sandbox([box.home + "/chosen"]).output == "sandbox\n")
  }

  @Test(arguments: [
    (["nosuch"], "Error: no suitable nosuch executable found\n"),
    (["--nosuch", "true"], "Error: invalid --nosuch command line option\n"),
    (["--umask=077", "true"], "Error: invalid --umask=077 command line option\n"),
    (["--caps.print=4000000"], "Error: cannot find process with pid 4000000\n"),
    (["--join=nosuch"], "Error: cannot find sandbox nosuch; --list names those that run\n"),
  ])
  func `fails with status 1 and a line that begins with Error`(words: [String], line: String) {
    let outcome = firejail(["--quiet"] + words)
    #expect(outcome.status == 1 && outcome.errors == line, "\(outcome)")
  }

  @Test func `warns in its form`() {
    let outcome = firejail(["--noprofile", "--tracelog", "true"])
    #expect(outcome.errors.contains("Warning: --tracelog: is superseded"), "\(outcome)")
    #expect(firejail(["--version"]).output.hasPrefix("firejail version 0.9."))
  }

  @Test func `inside a sandbox starts the program as it is`() {
    let outcome = firejail(["--quiet", "--noprofile", "firejail", "--private", "--", "echo", "in"])
    #expect(outcome.status == 0 && outcome.output == "in\n", "\(outcome)")
    #expect(outcome.errors.contains("Warning: an existing sandbox was detected. echo will run"))
    // Outside of one, no variable can talk it into that.
    let outside = firejail(
      ["--quiet", "--noprofile", "grep", "NoNewPrivs", "/proc/self/status"],
      environment: ["container": "firejail"])
    #expect(outside.output == "NoNewPrivs:\t1\n")
  }

  /// Programs that load images of strangers do it by bwrap.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/bwrap")))
  func `a stand-in for bwrap starts its program in the sandbox that is there`() {
    let script = """
      bwrap --unshare-all --die-with-parent --ro-bind / / --dev /dev --clearenv --setenv A 'b c' \
        --setenv PATH /usr/bin --chdir /usr -- sh -c 'echo "$A $PWD" "$@"; grep -c . /proc/self/uid_map' sh one two
      printf -- '--setenv\\0D\\0e\\0--chdir\\0/etc\\0' >"$HOME/words"
      bwrap --args 8 --argv0 other sh -c 'echo $D $PWD $0' 8<"$HOME/words"
      bwrap --args 8 --version 8</dev/null
      bwrap --nosuch x true; echo $?
      cat "$HOME/kept/secret" >/dev/null 2>&1 || bwrap --bind "$HOME/kept/secret" /tmp/shown cat "$HOME/kept/secret" || echo hidden
      """
    box.file("kept/secret")
    let outcome = box.sandbox(["--noprofile", "--blacklist=~/kept/secret", "bash", "-c", script])
    #expect(
      outcome.output == "b c /usr one two\n1\ne /etc other\nbubblewrap 0.11.0\n1\nhidden\n",
      "\(outcome)")
    #expect(
      outcome.errors.contains(
        "sandbox: bwrap: --nosuch is not known inside a sandbox; allow-bwrap lets bwrap itself run\n"
      ))
    let itself = box.sandbox(["--noprofile", "--allow-bwrap", "bwrap", "--version"])
    #expect(itself.output.hasPrefix("bubblewrap "), "\(itself)")
  }

  @Test func `reads options and lines in one order, the profile last`() {
    box.file("order.profile", "hostname profile\nrlimit-nofile 77\nenv A=profile\n")
    let options = ["--quiet", "--hostname=line", "--rlimit-nofile=55", "--env=A=line"]
    let script = ["sh", "-c", "hostname; ulimit -n; echo $A $FIREJAIL_QUIET"]
    let profile = ["--profile=\(box.home)/order.profile"]
    #expect(firejail(options + profile + script).output == "profile\n77\nprofile yes\n")
    #expect(firejail(profile + options + script).output == "line\n55\nline yes\n")
    #expect(box.sandbox(options + profile + script).output == "line\n55\nline\n")
  }

  @Test(.enabled(if: Installation.isRoot, "the file is root's"))
  func `reads firejail.config, and what it switches off is forbidden`() {
    // In a mount namespace of the test's own.
    let launch = { (text: String, words: [String]) in
      box.run(
        [
          "unshare", "-m", "sh", "-c",
          """
          mount --make-rprivate /; printf '\(text)' >/run/firejail.config-$$
          mount --bind /run/firejail.config-$$ /etc/firejail/firejail.config; rm /run/firejail.config-$$
          exec "$@"
          """, "sh",
        ] + Installation.asUser + [Self.directory + "/firejail", "--noprofile"] + words,
        asRoot: true, environment: ["HOME": box.home])
    }
    #expect(launch("bind yes\\n", ["--quiet", "--private-cache", "echo", "ran"]).output == "ran\n")
    #expect(
      launch("# ours\\nprivate-cache no\\n", ["--private-cache", "true"]).errors
        == "Error: --private-cache: is forbidden on this machine "
        + "(/etc/firejail/firejail.config:2); leave it out\n")
    #expect(launch("quiet-by-default yes\\n", ["true"]).errors.isEmpty)
    let refused = launch(
      "seccomp-error-action EACCES\\nquiet-by-default yes\\n",
      ["--seccomp=mkdir", "mkdir", "\(box.home)/by-config"])
    #expect(refused.errors.contains("Permission denied"), "\(refused)")
    for (text, part) in [
      ("seccomp no\\n", ":1: seccomp: no would leave programs less confined"),
      ("nosuch yes\\n", ":1: nosuch: there is no such key"),
    ] {
      let outcome = launch(text, ["echo", "ran"])
      #expect(outcome.status == 1 && outcome.errors.contains(part), "\(outcome)")
    }
  }

  @Test func `firemon shows what runs`() {
    let outcome = box.run(
      [
        "sh", "-c",
        """
        D=\(box.home)/firemon-own; mkdir -p $D; cp \(box.launcher) $D/sandbox; ln -sf sandbox $D/firemon
        setsid $D/sandbox --noprofile --name=monitored --cpu=0 sleep 50 >/dev/null 2>&1 </dev/null &
        sleep 1; for view in list tree caps cpu seccomp apparmor x11 route arp; do
          echo "$view:"; $D/firemon --$view; done
        $D/firemon --name=monitored | grep -c :monitored:; $D/firemon --name=other; $D/firemon --bogus
        $D/firemon --version; $D/firemon; $D/sandbox --shutdown=monitored
        """,
      ])
    let shown = outcome.output
    #expect(shown.contains("list:\n") && shown.split(separator: "\n").count > 18, "\(outcome)")
    for line in [
      "  CapBnd:\t0000000000000000\n", "  Cpus_allowed_list:\t0\n", "  Seccomp:\t2\n",
      "  AppArmor: ", "\n1\nfiremon version ",
    ] {
      #expect(shown.contains(line), "\(line): \(outcome)")
    }
    #expect(
      outcome.errors == "Error: cannot find sandbox other; --list names those that run\n"
        + "Error: invalid --bogus command line option; see firemon --help\n", "\(outcome)")
  }

  @Test func `can be a login shell`() {
    #expect(firejail(["-c", "echo $container"]).output == "firejail\n")
    let outcome = box.run(
      [
        "bash", "-c",
        "echo 'echo $container $(grep -c NoNewPrivs:.1 /proc/self/status)' | exec -a -firejail \(Self.directory)/firejail",
      ])
    #expect(outcome.output == "firejail 1\n", "\(outcome)")
  }

  @Test func `names who it switches to, and whom it signals`() {
    let outcome = box.run(
      [
        "sh", "-c",
        """
        F=\(box.home)/firejail-own; cp \(box.launcher) $F-file; mkdir -p $F; ln -sf $F-file $F/firejail
        setsid $F/firejail --quiet --noprofile --name=switch sleep 50 >/dev/null 2>&1 </dev/null &
        sleep 1; $F/firejail --list; $F/firejail --join=switch echo joined; $F/firejail --shutdown=switch
        """,
      ])
    #expect(
      outcome.output.contains(":switch:") && outcome.output.hasSuffix("\njoined\n"), "\(outcome)")
    #expect(
      outcome.errors.wholeMatch(
        of:
          /Switching to pid \d+, the first child process inside the sandbox\nSending signal 15 to pid \d+\n/
      ) != nil, "\(outcome)")
  }
}

@Suite(.enabled(if: Installation.isRoot)) struct `The system's policy` {
  /// In an installation of its own: other tests use the shared one.
  @Test func `forbids words by their place, and nothing can lift that`() {
    let prefix = box.home + "/governed"
    let config = prefix + "/etc/sandbox/sandbox.config"
    box.run(
      [
        "sh", "-c",
        """
        mkdir -p \(prefix)/bin \(prefix)/etc/sandbox \(prefix)/share; cp \(box.launcher) \(prefix)/bin/
        cp -r \(box.prefix)/share/sandbox \(prefix)/share/
        printf '# ours\\nno env\\nno join # here\\n' >\(config); chmod -R a+rX \(prefix)
        """,
      ], asRoot: true)
    let launch = { (words: [String]) in box.run([prefix + "/bin/sandbox"] + words) }
    #expect(launch(["--filter-only", "true"]).status == 0)
    #expect(
      launch(["--filter-only", "--env=A=b", "true"]).errors
        == "sandbox: --env: is forbidden on this machine (\(config):2); leave it out\n")
    box.file(".config/sandbox/governed.profile", "filter-only\nenv A=b\n")
    let outcome = launch(["--profile=governed", "true"])
    #expect(outcome.status == 1 && outcome.errors.contains("governed.profile:2: env: is forbidden"))
    #expect(launch(["--ignore=env", "--profile=governed", "true"]).status == 0)
    #expect(launch(["--join=x"]).errors.contains("is forbidden on this machine"))
    for (text, part) in [
      ("no nosuch", ":1: no: no directive is called"),
      ("env A=b", ":1: \"env A=b\" says nothing here"),
    ] {
      box.run(["sh", "-c", "printf '%s\\n' '\(text)' >\(config)"], asRoot: true)
      let outcome = launch(["--filter-only", "true"])
      #expect(outcome.status == 1 && outcome.errors.contains(part), "\(outcome)")
    }
    box.run(["sh", "-c", "echo >\(config); chmod o+w \(config)"], asRoot: true)
    #expect(launch(["--filter-only", "true"]).errors.contains("can be written by everyone"))
  }
}

@Suite(.enabled(if: hasUserNamespaces)) struct `Links that are called like a program` {
  @Test func `start it in its sandbox, and never themselves`() {
    let directory = box.home + "/links"
    box.run(["mkdir", "-p", directory])
    for name in ["id", "nosuch"] { box.run(["ln", "-sf", box.launcher, directory + "/" + name]) }
    let path = ["PATH": directory + ":/usr/bin:/bin"]
    #expect(box.run(["id", "-u", "--real"], environment: path).status == 0)
    box.file(
      ".config/sandbox/id.profile", "seccomp.drop getuid,geteuid\nseccomp-error-action kill\n")
    let outcome = box.run(["id", "-u"], environment: path)
    #expect(outcome.status != 0, "\(outcome)")
    box.run(["rm", box.home + "/.config/sandbox/id.profile"])
    #expect(
      box.run(["nosuch"], environment: path).errors
        == "sandbox: nosuch: there is no such program in PATH; nothing was started\n")
    // From inside a sandbox it is started as it is.
    let inside = box.sandbox(
      ["--noprofile", "sh", "-c", "id --version | head -c 2"], environment: path)
    #expect(
      inside.output == "id" && inside.errors.contains("an existing sandbox was detected"),
      "\(inside)")
  }
}
