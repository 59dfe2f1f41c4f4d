import Foundation
import TestSupport
import Testing

private let box = Installation.shared

@Suite struct `Copies of the output` {
  private func path(_ name: String) -> String { box.home + "/output-" + name }

  private func log(_ name: String) throws -> String {
    try String(contentsOfFile: path(name), encoding: .utf8)
  }

  /// Also where the launcher itself becomes the program.
  @Test(arguments: hasUserNamespaces ? [["--filter-only"], []] : [["--filter-only"]])
  func `hold what was written, and the status is the program's`(words: [String]) throws {
    let program = ["--noprofile", "sh", "-c", "echo out; echo error >&2; exit 7"]
    let outcome = box.sandbox(words + ["--output=" + path("copy\(words.count)")] + program)
    #expect(outcome.status == 7 && outcome.output == "out\n" && outcome.errors == "error\n")
    let copy = try log("copy\(words.count)")
    #expect(copy == "out\n")
    let both = box.sandbox(words + ["--output-stderr=" + path("both\(words.count)")] + program)
    #expect(both.status == 7 && both.output == "out\nerror\n" && both.errors.isEmpty)
    let copyOfBoth = try log("both\(words.count)")
    #expect(copyOfBoth == "out\nerror\n")
    let killed = box.sandbox(
      words + ["--output=" + path("copy\(words.count)"), "--noprofile", "sh", "-c", "kill -9 $$"])
    let rest = try log("copy\(words.count)")
    #expect(killed.status == 137 && rest.isEmpty)
  }

  @Test func `are renamed when they are full, and nothing is lost`() throws {
    let outcome = box.sandbox([
      "--filter-only", "--noprofile", "--output=" + path("long"), "seq", "250000",
    ])
    #expect(outcome.output.count == 1_638_895)
    let parts = try ["long.3", "long.2", "long.1", "long"].map(log)
    #expect(parts.joined() == outcome.output)
    #expect(parts.allSatisfy { $0.utf8.count <= 500 * 1024 })
  }

  @Test func `are no links, and the program does not start where there is none`() throws {
    box.file("output-target", "kept")
    box.run(["ln", "-sf", "output-target", path("link")])
    for file in ["link", "no/such"] {
      let outcome = box.sandbox([
        "--filter-only", "--noprofile", "--output=" + path(file), "echo", "ran",
      ])
      #expect(outcome.status == 1 && outcome.output.isEmpty)
      #expect(outcome.errors.hasPrefix("sandbox: --output: "), "\(outcome)")
    }
    let target = try log("target")
    #expect(target == "kept")
  }

  @Test func `end with the sandbox when their process is killed`() {
    let script = """
      "$0" --noprofile --filter-only --output="$1" sleep 321 & launcher=$!
      for i in $(seq 100); do pgrep -P $launcher -x sleep && break; sleep 0.05; done
      kill -KILL $launcher; wait $launcher
      for i in $(seq 100); do pgrep -f '^sleep 321' || break; sleep 0.05; done
      pgrep -f '^sleep 321' >/dev/null || echo gone
      """
    #expect(box.run(["sh", "-c", script, box.launcher, path("abrupt")]).output.hasSuffix("gone\n"))
  }
}
