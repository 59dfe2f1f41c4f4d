import Foundation
import TestSupport
import Testing

private let box = Installation.shared

/// The profiles of Debian's firejail-profiles, as they stand.
@Suite(.enabled(if: hasUserNamespaces, "this host refuses user namespaces"))
struct `Profiles of Firejail` {
  private static let hasProfiles = FileManager.default.fileExists(
    atPath: "/etc/firejail/default.profile")

  @Test(.enabled(if: hasProfiles, "firejail-profiles is not installed"))
  func `each starts true, without bus, display and directories of the user's`() throws {
    let script = """
      export HOME="$1/fresh"; mkdir -p "$HOME"; cd "$HOME"
      for p in /etc/firejail/*.profile; do echo "$p"; done |
        xargs -P 2 -n 1 sh -c '
          r=$("$0" --quiet --profile="$1" true 2>&1 </dev/null) && echo ok || echo "$1: $r"' "$2"
      """
    let outcome = box.run(["sh", "-c", script, "sh", box.home, box.launcher], limit: 600)
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count > 1000)
    #expect(lines.filter { $0 != "ok" }.isEmpty)
  }

  /// Every twelfth: `make test-equivalence` takes all.
  @Test(
    .enabled(
      if: Installation.isRoot && hasProfiles
        && FileManager.default.fileExists(atPath: "/usr/bin/firejail"),
      "Firejail is not installed, or the suite does not run as root"))
  func `a probe sees what it sees under Firejail, but for what the manual names`() throws {
    let probe = box.prefix + "/bin/view"
    let compiler = box.run(
      [
        "cc", "-O1", "-static", "-o", probe,
        Installation.root + "/Tests/EnforcementTests/Fixtures/view.c",
      ], asRoot: true)
    #expect(compiler.status == 0, "\(compiler.errors)")
    let outcome = box.run(
      [Installation.root + "/Tests/Scripts/compare-firejail", box.launcher, probe, "12"],
      asRoot: true, limit: 600)
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    // A comparison of nothing would find no difference.
    let compared = outcome.output.firstMatch(of: /(\d+) paths; (\d+) ran under both/)
    let found = try #require(compared)
    #expect(Int(found.1) ?? 0 > 300 && Int(found.2) ?? 0 > 80, "\(outcome.output)")
  }

  /// The include files that we ship stand in for those of newer collections.
  @Test func `shipped include files lift what others hide`() {
    let run = { (lines: String, command: [String]) in
      let profile = box.file("effects/\(UUID().uuidString).profile", lines + "\n")
      return box.sandbox(["--quiet", "--profile=" + profile] + command).status
    }
    let hidden = "include disable-interpreters.inc\ninclude disable-shell.inc"
    #expect(run(hidden, ["env", "perl", "-e", "1"]) != 0)
    #expect(run("include allow-perl.inc\n" + hidden, ["env", "perl", "-e", "1"]) == 0)
    #expect(
      run("include allow-python3.inc\n" + hidden, ["env", "/usr/bin/python3", "-c", "1"]) == 0)
    #expect(run("include allow-python3.inc\n" + hidden, ["env", "sh", "-c", "true"]) != 0)
    #expect(run("include allow-bin-sh.inc\n" + hidden, ["env", "sh", "-c", "true"]) == 0)
    #expect(
      run(
        "landlock.enforce\ninclude landlock-common.inc",
        ["sh", "-c", "cat /etc/passwd >/tmp/l$$ && rm /tmp/l$$"]) == 0)
  }

  @Test func `each shipped file can be included`() throws {
    for name in try FileManager.default.contentsOfDirectory(atPath: box.shipped) {
      guard name.hasSuffix(".inc") else { continue }
      let profile = box.file("effects/include-\(name).profile", "include \(name)\n")
      #expect(box.sandbox(["--check", profile]).status == 0, "\(name)")
    }
  }
}
