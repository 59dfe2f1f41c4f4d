import Foundation
import TestSupport
import Testing

private let box = Installation.shared

@Suite struct `Check and plan` {
  private func json(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test func `a profile that would start gives 0, another 1 with each error`() throws {
    let good = box.file("check/good.profile", "include disable-common.inc\nseccomp\nprivate-dev\n")
    let bad = box.file(
      "check/bad.profile", "seccom\nseccomp.keep rea\nbind /nowhere,/srv\n\nnoblacklist x\n")
    let fine = box.sandbox(["--check", good])
    #expect(fine.status == 0)
    #expect(fine.output == "1 profiles checked: 1 would start, 0 would not; 0 warnings\n")
    let outcome = box.sandbox(["--check", good, bad])
    #expect(outcome.status == 1)
    let errors = outcome.output.split(separator: "\n").filter { $0.hasPrefix("error: \(bad):") }
    #expect(errors.count == 3 && errors[0].hasSuffix("did you mean \"seccomp\"?"), "\(errors)")
    #expect(errors[1].contains(":2: seccomp.keep: no system call is called \"rea\""))
  }

  @Test func `what only the machine can tell is an error as well`() {
    let path = box.file("check/bind.profile", "bind /nowhere,/srv\n")
    #expect(box.sandbox(["--check", path]).output.hasPrefix("error: \(path):1: bind: "))
    #expect(box.sandbox(["--check", "no-such-profile"]).status == 1)
  }

  @Test func `each profile is an object of its own for programs`() throws {
    let good = box.file("check/object.profile", "ignore nothing\n")
    let bad = box.file("check/object2.profile", "seccom\n")
    let lines = box.sandbox(["--check", "--json", good, bad]).output.split(separator: "\n")
    let objects = try lines.map { try json(String($0)) }
    #expect(objects.map { $0["wouldStart"] as? Bool } == [true, false])
    let warning = try #require((objects[0]["warnings"] as? [[String: Any]])?.first)
    #expect((warning["origin"] as? [String: Any])?["line"] as? Int == 1)
  }

  @Test func `options act on what is checked`() {
    let path = box.file("check/options.profile", "seccom\n")
    #expect(box.sandbox(["--ignore=seccom", "--check", path]).status == 0)
  }

  @Test func `all profiles are checked without a name, in the same order each time`() {
    // Other tests write profiles into the test user's own home.
    let home = ["HOME": box.home + "/checked"]
    box.run(["mkdir", "-p", box.home + "/checked"])
    let first = box.sandbox(["--check"], environment: home)
    let names = first.output.split(separator: "\n").last
    #expect(first.status == 0 && names?.contains(" 0 would not;") == true, "\(first.output)")
    #expect(box.sandbox(["--check"], environment: home).output == first.output)
  }

  @Test func `a plan names each rule and each step with its place, and starts nothing`() throws {
    box.file("plan/secret")
    let path = box.file(
      "plan/p.profile",
      "blacklist ${HOME}/plan/secret\nmkdir ${HOME}/plan/new\nseccomp.drop mkdir\n")
    let words = ["--profile=" + path, "--plan", "sh", "-c", "echo started"]
    let text = box.sandbox(words)
    #expect(text.status == 0 && !text.output.contains("\nstarted"))
    #expect(text.output.contains("\n  blacklist \(box.home)/plan/secret    [\(path):1]\n"))
    #expect(text.output.contains("\n  cover \(box.home)/plan/secret (regular)    [\(path):1]\n"))
    #expect(text.output.contains("\n  seccomp.drop mkdir    [\(path):3]\n"))
    #expect(!FileManager.default.fileExists(atPath: box.home + "/plan/new"))
    let object = try json(box.sandbox(["--json"] + words).output)
    let policy = try #require(object["policy"] as? [[String: Any]])
    #expect(policy.contains { $0["directive"] as? String == "seccomp.drop" })
    let plan = try #require(object["plan"] as? [[String: Any]])
    #expect((plan.last?["operation"] as? String)?.hasPrefix("execute ") == true)
  }

  @Test func `a process's status is what the kernel says of it and its children`() {
    let outcome = box.run([
      "sh", "-c",
      """
      \(box.launcher) --noprofile --net=none --caps.drop=all --seccomp sh -c 'sleep 98763 & wait' &
      for i in $(seq 50); do pgrep -f '^sleep 98763' >/dev/null && break; sleep 0.1; done
      \(box.launcher) --status=$(pgrep -f -o '^sleep 98763')
      \(box.launcher) --status=sleep --json
      \(box.launcher) --status=$! | grep -c 'seccomp  *filter, 1 filter'
      kill $(pgrep -f -o '^sleep 98763'); wait
      """,
    ])
    for line in [
      " sleep\n", "  seccomp           filter, 1 filter\n", "  no new privileges yes\n",
      "  capabilities      none\n", "  Landlock          not told by the kernel\n",
    ] { #expect(outcome.output.contains(line), "\(line): \(outcome.output)\(outcome.errors)") }
    #expect(outcome.output.contains("new namespaces    user, mnt, pid, net"))
    #expect(outcome.output.contains("\"seccomp\":2,\"filters\":1,\"noNewPrivileges\":true"))
    #expect(outcome.output.hasSuffix("\n3\n") || outcome.output.hasSuffix("\n2\n"))
    let missing = box.sandbox(["--status=no-such-program"])
    #expect(missing.status == 1 && missing.errors.contains("no-such-program"))
    #expect(box.sandbox(["--status"]).output.contains("seccomp"))
  }

  /// What this host can do is known from the tests that do it.
  @Test func `the doctor finds what this host can do`() {
    let outcome = box.sandbox(["--doctor"])
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    for line in [
      "yes  seccomp                     kill, kill-thread, trap, errno, notify, trace, log, allow\n",
      "yes  user namespaces             an ordinary user may\n",
      "yes  mnt namespace               can be made\n",
      "yes  a /proc of its own          can be mounted\n",
      "yes  xdg-dbus-proxy              /usr/bin/xdg-dbus-proxy\n",
    ] { #expect(outcome.output.contains(line), "\(line): \(outcome.output)") }
    // Where namespaces are forbidden, it says so, and what forbids them.
    let inside = box.sandbox([
      "--noprofile", "--quiet", "--restrict-namespaces", box.launcher, "--doctor",
    ])
    #expect(inside.status == 1)
    #expect(inside.output.contains("NO   user namespaces"), "\(inside.output)\(inside.errors)")
    #expect(inside.output.contains("a container's filter or a chroot forbids them"))
    #expect(box.sandbox(["--doctor", "--json"]).output.contains("\"subject\":\"Landlock\""))
  }
}
