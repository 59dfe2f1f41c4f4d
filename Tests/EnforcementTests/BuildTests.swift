import Foundation
import TestSupport
import Testing

private let box = Installation.shared

/// A profile from one run, under which the program works.
@Suite(.enabled(if: hasUserNamespaces, "this host refuses user namespaces"))
struct `Building profiles` {
  private func profile(_ name: String) -> String { box.home + "/built-\(name).profile" }

  private func lines(of file: String) -> [String] {
    box.run(["cat", file]).output.split(separator: "\n").map(String.init)
  }

  private func list(in lines: [String], _ directive: String = "seccomp.keep") -> Set<String> {
    let line = lines.first { $0.hasPrefix(directive + " ") } ?? ""
    return Set(line.dropFirst(directive.count + 1).split(separator: ",").map(String.init))
  }

  private func recorded(_ lines: [String]) -> Set<String> {
    Set(
      lines.filter { $0.hasPrefix("#: call ") }.compactMap {
        $0.split(separator: " ").dropFirst(2).first.map(String.init)
      })
  }

  @Test func `one short run of git gives a profile for a long one`() {
    let directory = box.home + "/repository"
    let file = profile("git")
    box.run(["rm", "-rf", directory, file])
    box.run(["mkdir", directory])
    box.file(".gitconfig", "[user]\nname = A\nemail = a@example.org\n")
    let start = { (options: [String], words: [String]) in
      box.run(
        [
          "sh", "-c", "cd \(directory) && exec \"$@\"", "sh", box.launcher,
        ] + options + words)
    }
    box.file("repository/a", "a\n")
    let commit = "git init -q . && git add a && git commit -qm one && git log --oneline | cat"
    let built = start(["--build=" + file], ["sh", "-c", commit])
    #expect(built.output.contains(" one\n"), "\(built.errors)")
    #expect(built.errors.contains("is written"))
    // The proof finds the repository as it is: an empty commit is git's own error.
    #expect(!built.errors.contains("seccomp.keep:"), "\(built.errors)")
    let text = lines(of: file)
    let listed = list(in: text)
    let made = recorded(text)
    #expect(made.contains("execve") && made.contains("openat"))
    #expect(Double(listed.count) <= 1.5 * Double(made.count), "\(listed.count) of \(made.count)")
    #expect(
      text.contains("private-bin cat,git,sh") || list(in: text, "private-bin").contains("git"))
    #expect(text.contains("net none") && text.contains("caps.drop all"))
    let long = """
      for i in 1 2 3; do echo $i >>a; git commit -qam change-$i; done; git checkout -qb other HEAD~1
      echo b >b; git add b; git commit -qm branch; git checkout -q master 2>/dev/null || git checkout -q main
      git merge -q other -m merged && git gc -q && git status --short && git log --oneline | cat
      """
    let used = start(
      ["--profile=" + file, "--explain"], ["sh", "-c", long + "; git fsck --full 2>&1 | cat"])
    #expect(used.output.components(separatedBy: "\n").count >= 7, "\(used.output)\(used.errors)")
    #expect(!used.errors.contains("seccomp.keep:"), "\(used.errors)")
    #expect(!used.errors.contains("before a process failed"), "\(used.errors)")
    // Without its list of calls and files it would not have been a test.
    #expect(start(["--profile=" + file], ["sh", "-c", "cat ~/.bashrc /etc/shells"]).output.isEmpty)
    let outside = start(["--profile=" + file], ["python3", "-c", "print(1)"])
    #expect(outside.output.isEmpty && outside.status != 0)
  }

  @Test func `a second run extends the file and goes on counting`() {
    let file = profile("twice")
    box.run(["rm", "-f", file])
    let build = { (script: String, options: [String]) in
      box.sandbox(["--build=" + file, "--build-unproven"] + options + ["sh", "-c", script])
    }
    _ = build("mkdir -p ~/.config/twice; echo >~/.config/twice/x", ["--build-exact"])
    let first = lines(of: file)
    #expect(first.contains("#: runs 1") && first.contains("net none"))
    #expect(first.contains("mkdir ${HOME}/.config/twice"))
    #expect(first.contains { $0.hasPrefix("whitelist ${HOME}/.config/twice  # ") })
    // As it was made, but for what the kernel always lets through.
    #expect(
      list(in: first) == recorded(first).subtracting(["rt_sigreturn", "restart_syscall"]))
    box.run(["sed", "-i", "s/^noroot$/noroot\\nenv OWN=1/", file])
    _ = build("python3 -c 'import socket; socket.socket()'", [])
    let second = lines(of: file)
    #expect(second.contains("#: runs 2") && second.contains("env OWN=1"))
    #expect(!second.contains("net none") && list(in: second, "protocol").contains("inet"))
    #expect(list(in: second).isSuperset(of: list(in: first)))
    #expect(list(in: second, "private-bin").isSuperset(of: ["python3", "sh", "mkdir"]))
    #expect(second.contains { $0.hasPrefix("whitelist ${HOME}/.config/twice") })
    let check = box.sandbox(["--check", file])
    #expect(check.status == 0, "\(check.output)")
  }

  @Test func `an old list is extended, and what it lacked is said`() {
    let old = box.file(
      "old.profile", "include disable-common.inc\nseccomp.keep read,write,exit_group\n")
    let file = profile("old")
    let outcome = box.sandbox(["--build=" + file, "--profile=" + old, "cat", "/etc/hostname"])
    #expect(outcome.errors.contains("the list that there was lacked "), "\(outcome.errors)")
    #expect(!outcome.errors.contains("seccomp.keep:"), "\(outcome.errors)")
    let text = lines(of: file)
    #expect(text.contains("include disable-common.inc"))
    #expect(list(in: text).isSuperset(of: ["read", "write", "exit_group", "mmap", "brk"]))
    let late = box.sandbox(["--profile=" + old, "--build=" + file, "true"])
    #expect(late.status == 1 && late.errors.contains("write it before --profile"))
  }

  @Test func `an interrupted run is written, and without a file it is printed`() {
    let file = profile("interrupted")
    let script = """
      import os, signal, subprocess, sys, time
      up = os.path.expanduser("~/up")
      run = subprocess.Popen(sys.argv[1:] + ["--build-unproven", "sh", "-c", "echo >~/up; exec sleep 60"],
                             start_new_session=True,
                             preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
      while not os.path.exists(up): time.sleep(0.05)
      os.remove(up)
      # As a terminal does: to all of them.
      os.killpg(run.pid, signal.SIGINT)
      print(run.wait())
      """
    box.run(["rm", "-f", file, box.home + "/up"])
    let outcome = box.run(["python3", "-c", script, box.launcher, "--build=" + file])
    #expect(outcome.output == "130\n", "\(outcome.errors)")
    #expect(recorded(lines(of: file)).count > 10)
    let printed = box.sandbox(["--build", "--build-unproven", "sh", "-c", "true"])
    #expect(printed.output.contains("\nseccomp.keep ") && !printed.output.contains("sandbox:"))
    let proven = box.sandbox(["--build", "echo", "again"])
    #expect(proven.output.components(separatedBy: "again\n").count == 3)
  }

  @Test func `what a list lacks is said without running anything`() {
    let list = "read,write,close,openat,mmap,munmap,mprotect,brk,execve,exit_group"
    let lacking = box.file("lacking.profile", "seccomp.keep \(list)\nprotocol unix\n")
    let outcome = box.sandbox(["--check-list", lacking, "python3"])
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("may be called by the programs themselves"))
    // By its name in the program, and not by one that is listed or that guards are about.
    #expect(outcome.output.contains("\n  rename  python3"), "\(outcome.output.prefix(500))")
    #expect(outcome.output.contains("\n  chroot  python3"))
    #expect(!outcome.output.contains("\n  openat  ") && !outcome.output.contains("\n  ioperm  "))
    let all = box.file("all.profile", "seccomp.drop mount\n")
    let other = box.sandbox(["--check-list", all, "python3"])
    #expect(other.status == 1 && other.errors.contains("has no seccomp.keep line"))
    // A program of a few calls, made by itself.
    let probe = box.program("few")
    #expect(box.sandbox(["--check-list", lacking, probe]).output.contains("lack"))
    // What --build writes lacks little that its program imports, and what it needs it has.
    let file = profile("true")
    box.run(["rm", "-f", file])
    _ = box.sandbox(["--build=" + file, "--build-unproven", "ls", "/"])
    #expect(!box.sandbox(["--check-list", file, "ls"]).output.contains("\n  getdents64  "))
  }

  @Test func `what was seen is named`() {
    let file = profile("seen")
    let script = """
      import ctypes, mmap, os, socket
      socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
      mmap.mmap(-1, 4096, prot=7)
      ctypes.CDLL(None).unshare(0x10000000)
      """
    _ = box.sandbox(["--build=" + file, "--build-unproven", "python3", "-c", script])
    let text = lines(of: file)
    #expect(text.contains("#: write-execute 1") && !text.contains("memory-deny-write-execute"))
    #expect(text.contains("#: namespace user 1"))
    #expect(text.contains("restrict-namespaces cgroup,ipc,mnt,net,pid,time,uts"))
    #expect(
      list(in: text, "protocol").contains("netlink") && text.contains("include allow-python3.inc"))
    #expect(
      text.contains {
        $0.hasPrefix("#: call socket 1 libc.so") || $0.hasPrefix("#: call socket 1 python")
      })
  }

  @Test func `two runs at once add up, and others' files in tmp stay reachable`() throws {
    let file = box.home + "/at-once.profile"
    box.run(["rm", "-f", file])
    let script = """
      build() { \(box.launcher) --quiet --build=\(file) --build-unproven "$@" 2>/dev/null; }
      build sh -c 'umask 22; while ! test -e ~/at-once; do sleep 0.1; done' &
      echo x >/tmp/ssh-others-file
      build cat /tmp/ssh-others-file
      touch ~/at-once; wait; rm ~/at-once /tmp/ssh-others-file
      """
    #expect(box.run(["sh", "-c", script]).output == "x\n")
    let text = String(
      decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self)
    #expect(text.contains("#: runs 2") && text.contains("#: call umask"), "\(text)")
    #expect(text.contains("#: call fadvise64") && text.contains("include allow-ssh.inc"))
    #expect(!text.contains("\nprivate-tmp\n"))
  }

  @Test func `a call that a list allows with some arguments is not lacking`() {
    let list = { (items: String) in
      let profile = box.file("listed.profile", "seccomp.keep \(items)\n")
      return box.sandbox(["--check-list", profile, "cat"]).output
    }
    #expect(list("read").contains("  openat  "))
    #expect(!list("read,openat(flags=O_RDWR)").contains("  openat  "))
  }
}
