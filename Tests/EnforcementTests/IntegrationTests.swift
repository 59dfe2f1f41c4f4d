import Foundation
import TestSupport
import Testing

private let box = Installation.shared

@Suite struct `Desktop integration` {
  /// A home directory of its own, with an installed program, its menu entry and its service.
  private func home(_ name: String) -> [String: String] {
    box.file(
      name + "/bin/viewer", "#!/bin/sh\ngrep -c NoNewPrivs:.1 /proc/self/status\n", mode: 0o755)
    box.file(name + "/.config/sandbox/viewer.profile", "include default.profile\n")
    box.file(
      name + "/data/applications/org.example.Viewer.desktop",
      """
      [Desktop Entry]
      Name=Viewer
      Exec=viewer --open %U
      DBusActivatable=true
      [Desktop Action new]
      Exec="viewer" --new
      Exec=other viewer

      """)
    box.file(
      name + "/data/dbus-1/services/org.example.Viewer.service",
      "[D-BUS Service]\nName=org.example.Viewer\nExec=\(box.home)/\(name)/bin/viewer --service\n")
    let own = box.home + "/" + name
    return [
      "HOME": own, "XDG_DATA_DIRS": own + "/data",
      "PATH": "\(own)/.local/bin:\(own)/bin:/usr/bin:/bin",
    ]
  }

  private func files(_ environment: [String: String]) -> [String] {
    box.run(["sh", "-c", "cd; find . -path './.local*'"], environment: environment).output
      .split(separator: "\n").map(String.init).sorted()
  }

  @Test func `starts programs in their sandboxes, and is undone without a trace`() throws {
    let environment = home("integrated")
    let own = try #require(environment["HOME"])
    let dry = box.sandbox(["--dry-run", "--integrate"], environment: environment)
    #expect(dry.output.contains("made: \(own)/.local/bin/viewer\n") && files(environment).isEmpty)
    let outcome = box.sandbox(["--integrate"], environment: environment)
    #expect(
      outcome.output == dry.output && outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
    let menu = box.run(
      ["cat", own + "/.local/share/applications/org.example.Viewer.desktop"]).output
    let link = own + "/.local/bin/viewer"
    #expect(
      menu.contains("\nExec=\(link) --open %U\n") && menu.contains("\nExec=\(link) --new\n"),
      "\(menu)")
    #expect(menu.contains("\nExec=other viewer\n") && !menu.contains("DBusActivatable"))
    let service = box.run(
      ["cat", own + "/.local/share/dbus-1/services/org.example.Viewer.service"]).output
    #expect(service.hasSuffix("\nExec=\(link) --service\n"), "\(service)")
    if hasUserNamespaces {
      #expect(box.run(["viewer"], environment: environment).output == "1\n")
    }
    #expect(box.sandbox(["--integrate"], environment: environment).output.contains("is there: "))
    _ = box.sandbox(["--disintegrate"], environment: environment)
    #expect(files(environment).isEmpty)
  }

  @Test func `touches nothing of anybody else's`() throws {
    let environment = home("mixed")
    box.file("mixed/.local/bin/viewer", "mine\n")
    box.file("mixed/.local/share/applications/org.example.Viewer.desktop", "mine\n")
    let before = files(environment)
    let outcome = box.sandbox(["--integrate", "viewer"], environment: environment)
    #expect(outcome.output.components(separatedBy: "left alone: ").count == 3, "\(outcome)")
    _ = box.sandbox(["--disintegrate"], environment: environment)
    #expect(files(environment) == before)
    #expect(box.run(["cat", box.home + "/mixed/.local/bin/viewer"]).output == "mine\n")
  }

  @Test func `refuses what it can't do before it changes anything`() {
    let environment = home("refused")
    box.file("refused/bin/bare", "#!/bin/sh\n", mode: 0o755)
    for (word, reason) in [
      ("nosuch", "there is no such program"), ("bare", "there is no profile for it"),
    ] {
      let outcome = box.sandbox(["--integrate", "viewer", word], environment: environment)
      #expect(outcome.status == 1 && outcome.errors.contains(reason), "\(outcome)")
    }
    #expect(files(environment).isEmpty)
  }
}
