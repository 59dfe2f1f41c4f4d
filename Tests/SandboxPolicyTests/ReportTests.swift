import KernelTypes
import SandboxPolicy
import TestSupport
import Testing

@Suite struct `Reports on profiles` {
  private func warnings(_ text: String, files: [String: String] = [:]) throws -> [String] {
    Lint.warnings(of: try read(text, files: files)).map(\.line)
  }

  static let idle: [(text: String, warning: String)] = [
    (
      "blacklist ${HOME}/.x\nnoblacklist ${HOME}/.x",
      "/p/test.profile:2: noblacklist: comes after the blacklist line that it is about, at /p/test.profile:1; move it before that"
    ),
    (
      "blacklist /srv/a\nwhitelist /srv/a/b",
      "/p/test.profile:2: whitelist: \"/srv/a/b\" stays hidden by blacklist, at /p/test.profile:1; add before that: noblacklist /srv/a"
    ),
    (
      "blacklist /srv/a\nignore blacklist /srv/a",
      "/p/test.profile:2: ignore: skips nothing: no later line begins with \"blacklist /srv/a\"; write it before the include that has the line, as it stands there"
    ),
  ]

  @Test(arguments: idle)
  func `a rule that can never act is named`(text: String, warning: String) throws {
    #expect(try warnings(text) == [warning])
  }

  @Test(arguments: [
    "noblacklist ${HOME}/.x\nblacklist ${HOME}/.x",
    "blacklist ${HOME}/.x\nnoblacklist ${HOME}/.x\nblacklist ${HOME}/.x",
    "noblacklist ${HOME}/.other", "whitelist /srv/a/b\nblacklist /srv/a/b/c",
    "noblacklist /srv/a\nblacklist /srv/a\nwhitelist /srv/a/b",
    "ignore blacklist\nblacklist /srv/a",
  ])
  func `a rule that acts, or could elsewhere, is not`(text: String) throws {
    #expect(try warnings(text).isEmpty)
  }

  @Test func `reading can go on after an error`() throws {
    var reader = try read("quiet")
    reader.stopsAtError = false
    _ = try? reader.readFile("/p/none.profile")
    let source = ProfileSource(directories: ["/p"]) { _ in Array("seccom\nquiet\ncaps.kep x\n".utf8)
    }
    let macros = Macros(home: "/home/ann", uid: 1000, searchPath: []) { _ in nil }
    var lenient = ProfileReader(macros: macros, source: source)
    lenient.stopsAtError = false
    #expect(try lenient.readFile("/p/a.profile"))
    #expect(
      lenient.problems.compactMap(\.origin?.description) == ["/p/a.profile:1", "/p/a.profile:3"])
    #expect(lenient.recorder.policy.isQuiet)
  }

  /// Each accepted line of a profile is in the listing under its own name, with its place.
  @Test(
    arguments: DirectiveTable.all.filter {
      $0.support == .enforced && $0.availability != .commandLineOnly && !$0.example.isEmpty
    }.map(\.example))
  func `the listing of a policy has each rule`(example: String) throws {
    let name = String(example.prefix { $0 != " " })
    // What the reader itself carries out, and what says nothing about the program.
    let others = [
      "include", "ignore", "quiet", "warn", "view-optional", "nonewprivs", "notpm", "keep-hostname",
    ]
    guard !others.contains(name) else { return }
    let text = (name == "apparmor-stack" ? "apparmor-replace\n" : "\n") + example
    let lines = try read(text).recorder.policy.listing.filter {
      $0.origin == .file("/p/test.profile", line: 2)
    }
    let renamed = [
      "blacklist-nolog": "blacklist", "whitelist-ro": "whitelist", "nodbus": "dbus-user",
      "noautopulse": "keep-config-pulse", "join-or-start": "name", "caps": "caps.drop",
    ]
    #expect(lines.first?.directive == renamed[name] ?? name, "\(lines)")
  }

  @Test func `a collection's files include their neighbours first`() throws {
    let files = ["/u/a.inc", "/one/a.inc", "/two/a.inc", "/one/b.inc", "/two/b.inc"]
    let source = ProfileSource(directories: ["/u", "/one", "/two"], collections: ["/one", "/two"]) {
      (path) throws(ProfileReadError) in
      if path.lastComponent.elementsEqual("x.profile".utf8) {
        return Array("include a.inc\ninclude b.inc\n".utf8)
      }
      guard files.contains(path.description) else { throw .missing }
      return []
    }
    let macros = Macros(home: "/home/ann", uid: 1000, searchPath: []) { _ in nil }
    for (directory, wanted) in [
      ("/u", "/one/b.inc"), ("/one", "/one/b.inc"), ("/two", "/two/b.inc"),
    ] {
      var reader = ProfileReader(macros: macros, source: source)
      _ = try reader.readFile(Path(directory + "/x.profile"))
      #expect(reader.files.map(\.description) == [directory + "/x.profile", "/u/a.inc", wanted])
    }
  }
}
