import Foundation
import KernelTypes
import TestSupport
import Testing

private let box = Installation.shared

/// A program tries the same in both phases; and so does who has taken over a server.
@Suite struct Phases {
  private static let client = """
    import os, socket, sys, threading
    def able(name, call):
        try: call()
        except OSError as error: return "no-" + name if error.errno == 1 else str(error)
        return name
    def look():
        print(able("socket", socket.socket), able("mkdir", lambda: os.mkdir(str(os.getpid()))),
              able("read", lambda: open("/etc/passwd").close()), flush=True)
    os.chdir(sys.argv[2]); listener = socket.socket(); listener.bind(("127.0.0.1", 0)); look()
    if os.path.exists(str(os.getpid())): os.rename(str(os.getpid()), "first")
    event = sys.argv[1]
    if event == "listen": listener.listen(1)
    if event == "thread":
        thread = threading.Thread(target=lambda: listener.listen(1)); thread.start(); thread.join()
    if event == "child":
        if os.fork() == 0: listener.listen(1); os._exit(0)
        os.wait()
    if event == "file": open("event", "w").close()
    if event == "signal": os.mkfifo("queue"); open("queue").read()
    look()
    """

  /// What the client needs after the event, and not what it tries.
  private static let list =
    "@basic-io,@file-system,@io-event,@memlock,@process,@signal,@sync,brk,futex,getpid,getrandom,"
    + "ioctl,mmap,mprotect,munmap,!mkdir,!mkdirat"

  private static let both = "socket mkdir read\nno-socket no-mkdir read\n"

  /// - Parameter beside: what goes on outside meanwhile; $launcher is the launcher.
  private func run(
    _ event: String, _ how: String, _ options: [String], beside script: String = ""
  ) -> Outcome {
    let directory = "\(box.home)/phases-\(UUID().uuidString)"
    box.file("phases.py", Self.client)
    box.run(["sh", "-c", "rm -rf '\(directory)'; mkdir '\(directory)'"])
    let event = event.replacing("DIRECTORY", with: directory)
    let words =
      [box.launcher, "--noprofile"] + options + ["--seccomp.keep.after=\(event) \(Self.list)"]
      + ["python3", box.home + "/phases.py", how, directory]
    return box.run(
      [
        "bash", "-c", "cd \"$1\"; shift; \"$@\" & launcher=$!; \(script)\nwait $launcher", "bash",
        directory,
      ] + words)
  }

  @Test(
    arguments: [
      ("listen", "listen"), ("bpf,listen(backlog=1)", "listen"), ("listen", "thread"),
      ("listen", "child"), ("DIRECTORY/event", "file"),
    ], [[], ["--filter-only"]])
  func `the second list holds from the event on, in all processes`(
    event: (text: String, how: String), options: [String]
  ) {
    let outcome = run(event.text, event.how, options)
    #expect(outcome.output == Self.both && outcome.status == 0, "\(outcome)")
    #expect(outcome.errors.isEmpty, "\(outcome)")
  }

  @Test(arguments: [[], ["--filter-only"]])
  func `a signal is an event, and the program does not get it`(options: [String]) {
    let outcome = run(
      "SIGUSR1", "signal", options,
      beside: """
        while ! [ -p queue ]; do sleep 0.05; done; kill -USR1 $launcher; sleep 0.3; echo >queue
        """)
    #expect(outcome.output == Self.both && outcome.status == 0, "\(outcome)")
  }

  @Test func `without the event the first list holds, and a warning says so`() {
    let outcome = run("listen(backlog=2)", "listen", [])
    #expect(outcome.output == "socket mkdir read\nsocket mkdir read\n", "\(outcome)")
    #expect(outcome.errors.contains("seccomp.keep.after: listen(backlog=2) never came"))
    #expect(!run("listen(backlog=2)", "listen", ["--quiet"]).errors.contains("never"))
  }

  @Test func `a first list holds until then, and both name their line`() {
    let keep =
      "--seccomp.keep=\(Self.list),socket,bind,listen,prlimit64,arch_prctl,rseq,set_robust_list,set_tid_address,sysinfo,uname"
    let outcome = run("listen", "listen", [keep, "--explain"])
    #expect(outcome.output == "socket no-mkdir read\nno-socket no-mkdir read\n", "\(outcome)")
    for (call, directive) in [("mkdir", "seccomp.keep"), ("socket", "seccomp.keep.after")] {
      #expect(
        outcome.errorLines.contains {
          $0.hasPrefix("sandbox: --\(directive): ") && $0.contains(" \(call)(")
        }, "\(call): \(outcome.errors)")
    }
  }

  @Test func `a call that ends the program is named with the phase's line`() {
    let outcome = run("listen", "listen", ["--seccomp-error-action=kill"])
    #expect(outcome.status == 159 && outcome.output == "socket mkdir read\n", "\(outcome)")
    #expect(outcome.errors.contains("--seccomp.keep.after: "), "\(outcome)")
    #expect(outcome.errors.contains(" is ended for socket (41)"), "\(outcome)")
  }

  @Test func `when the launcher dies, nothing that it would answer is let through`() {
    let script = """
      while ! [ -p queue ]; do sleep 0.05; done; kill -KILL $launcher; sleep 0.3
      echo >queue & sleep 0.5; kill $! 2>/dev/null
      """
    let outcome = run("SIGUSR1", "signal", ["--filter-only"], beside: script)
    #expect(!outcome.output.contains("\nsocket"), "\(outcome)")
  }

  @Test(arguments: [
    (["--seccomp.keep.after=listen"], "takes an event and a list"),
    (["--seccomp.keep.after=lisen read"], "did you mean \"listen\"?"),
    (["--seccomp.keep.after=SIGTERM read"], "\"SIGTERM\" is no event; the signals are SIGUSR1"),
    (["--seccomp.keep.after=listen:kill read"], "is no event; name system calls"),
    (["--seccomp.keep.after=listen raed"], "no system call is called \"raed\""),
    (["--seccomp.keep.after=listen read", "--seccomp-error-action=trap"], "trap is no answer"),
    (["--build", "--seccomp.keep.after=listen read"], "--build learns one list"),
  ])
  func `what can't be is refused`(options: [String], message: String) {
    let outcome = box.sandbox(["--noprofile"] + options + ["true"])
    #expect(outcome.status == 1 && outcome.errors.contains(message), "\(outcome)")
    #expect(outcome.errorLines.count == 1)
  }

  // MARK: A server

  private static let started =
    "starting socket bind listen connect openat mkdir kill code process memory accept thread"
  private static let intruded =
    "serving no-socket no-bind no-listen no-connect no-openat no-mkdir no-kill no-code no-process"
    + " memory accept thread"

  @Test(arguments: [true, false])
  func `who has taken over memcached has its serving phase alone`(isPhased: Bool) {
    let directory = "\(box.home)/intruder-\(isPhased)"
    let script = """
      rm -rf '\(directory)'; mkdir '\(directory)'; cd '\(directory)'
      port=$((20000 + $$ % 10000))
      '\(box.launcher)' --quiet '--ignore=noexec' \(isPhased ? "" : "--ignore=seccomp.keep.after") '--whitelist=\(directory)' '--whitelist=\(box.prefix)/bin' \
        --env=LD_PRELOAD='\(box.prefix)/bin/intruder.so' --env=INTRUDER='\(directory)/log' \
        memcached -U 0 -l 127.0.0.1 -p $port &
      server=$!
      for i in $(seq 100); do sleep 0.1; (exec 3<>/dev/tcp/127.0.0.1/$port) 2>/dev/null && break; done
      exec 3<>/dev/tcp/127.0.0.1/$port
      printf 'set k 0 0 7\\r\\nintrude\\r\\nget k\\r\\nget k\\r\\nquit\\r\\n' >&3
      timeout 5 cat <&3 | grep -c intrude
      kill $server; wait $server
      cat log
      """
    let outcome = box.run(["bash", "-c", script])
    let lines = outcome.output.split(separator: "\n").map(String.init)
    #expect(lines.first == "2", "\(outcome)")
    #expect(lines.dropFirst().first == Self.started, "\(outcome)")
    let serving = isPhased ? Self.intruded : Self.started.replacing("starting", with: "serving")
    #expect(lines.count > 2 && lines.dropFirst(2).allSatisfy { $0 == serving }, "\(outcome)")
  }
}
