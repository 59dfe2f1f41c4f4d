import Foundation
import SandboxPolicy
import TestSupport
import Testing

@Suite struct `Manual pages` {
  static let pages = [("sandbox.1", ManualPage.command), ("sandbox-profile.5", ManualPage.profile)]

  @Test(arguments: Completions.files.map { ($0.name, $0.text) })
  func `and completions are those of the table`(name: String, text: String) throws {
    let committed = try String(
      contentsOfFile: Installation.root + "/man/share/" + name, encoding: .utf8)
    #expect(committed == text, "run `make reference`")
  }

  @Test func `and the help fit on one screen`() {
    let lines = Help.text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    #expect(lines.count <= 24 && lines.allSatisfy { $0.count <= 80 }, "\(Help.text)")
    for name in ["seccomp.keep", "private-bin", "shutdown", "shell", "include"] {
      let outcome = Installation.shared.sandbox(["--help=" + name])
      #expect(outcome.output.contains(name) && outcome.output.contains("Example: "), "\(outcome)")
    }
  }

  @Test(arguments: pages)
  func `are those of the table`(name: String, text: String) throws {
    let committed = try String(contentsOfFile: Installation.root + "/man/" + name, encoding: .utf8)
    #expect(committed == text, "run `make reference`")
  }

  @Test(arguments: pages)
  func `render without a warning`(name: String, text: String) {
    let outcome = Installation.shared.run([
      "sh", "-c", "groff -ww -man -Tutf8 -z \"$1\" 2>&1", "sh",
      Installation.shared.file("man/" + name, text),
    ])
    #expect(outcome.status == 0 && outcome.output.isEmpty, "\(outcome.output)")
  }

  @Test func `name every directive`() {
    for directive in DirectiveTable.all where directive.availability != .commandLineOnly {
      let name = directive.name.replacing("-", with: "\\-")
      #expect(ManualPage.profile.contains(name), "\(directive.name)")
    }
  }

  /// Whether each example of sandbox(1) that needs no network and no display does what it says.
  @Test(arguments: [
    (["--debug-syscalls"], "201\t- time"),
    (["--noprofile", "--blacklist=~/.ssh", "ssh-keygen", "-?"], ""),
    (
      [
        "--noprofile", "--filter-only", "--seccomp.drop=mkdir", "sh", "-c", "mkdir x; echo refused",
      ], "refused"
    ),
  ])
  func `have examples that work`(words: [String], part: String) {
    let outcome = Installation.shared.sandbox(words)
    #expect(part.isEmpty || outcome.output.contains(part))
    #expect(!outcome.errors.contains("sandbox:"))
  }
}
