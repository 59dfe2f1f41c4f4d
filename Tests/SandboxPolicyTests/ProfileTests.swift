import KernelTypes
import SandboxPolicy
import TestSupport
import Testing

@Suite struct `Profile lines` {
  private func texts(_ text: String) throws -> [String] {
    var parser = ProfileParser(Array(text.utf8), of: "/p")
    var texts: [String] = []
    while let statement = try parser.next() {
      texts.append(String(decoding: statement.text, as: UTF8.self))
    }
    return texts
  }

  @Test func `blanks are folded, comments and empty lines dropped`() throws {
    #expect(
      try texts("  caps.drop \t all  \n\n# x\nblacklist /a  b # c\nquiet") == [
        "caps.drop all", "blacklist /a b", "quiet",
      ])
  }

  @Test(arguments: [
    ("caps\0", "/p/test.profile:1: line holds a NUL byte"),
    ("caps\r\n", "/p/test.profile:1: line holds a carriage return"),
    ("\n\ncapps", "/p/test.profile:3: no directive is called \"capps\"; did you mean \"caps\"?"),
    ("CAPS", "/p/test.profile:1: no directive is called \"CAPS\""),
    ("noroot x", "/p/test.profile:1: noroot: takes no value"),
    ("blacklist", "/p/test.profile:1: blacklist: needs a value: PATH"),
    ("blacklist $HOME/x", "/p/test.profile:1: blacklist: "),
    ("blacklist ${HOEM}/x", "did you mean \"HOME\"?"),
    ("blacklist /a/../b", "holds \"..\""),
    ("blacklist a/b", "is a relative path; begin it with / or ${HOME}"),
    ("blacklist /a;b", "which no path of a profile may"),
    ("caps.drop net_raww", "no capability is called \"net_raww\"; did you mean \"net_raw\"?"),
    ("caps.keep ", "needs a value"),
    ("protocol unix,inett", "no protocol is called \"inett\"; did you mean \"inet\"?"),
    ("protocol ,", "the list is empty"),
    ("seccomp.keep reed", "no system call is called \"reed\"; did you mean \"read\"?"),
    ("seccomp.drop @clok", "no group is called \"@clok\"; did you mean \"@clock\"?"),
    ("seccomp.drop read:EPREM", "no error is called \"EPREM\"; did you mean \"EPERM\"?"),
    ("seccomp.drop read,,write", "the list has an empty item"),
    ("seccomp.drop !@clock", "works on single calls"),
    ("seccomp.drop read, write", "is no system call"),
    ("seccomp-error-action EWHAT", "no error is called"),
    ("restrict-namespaces users", "did you mean \"user\"?"),
    ("rlimit-as 0", "is no size"),
    ("rlimit-nofile -1", "is no number"),
    ("timeout 00:00:00", "the time is zero"),
    ("timeout 5", "write hh:mm:ss"),
    ("env NAME", "is not NAME=VALUE"),
    ("name 123", "is no name"),
    ("name -a", "is no name"),
    ("keep-fd 2", "is no descriptor above 2"),
    ("shell bash", "programs are never started by a shell"),
    ("private-home a", "private-home: not possible: Firejail dropped it"),
    ("ip 10.1.1.1", "ip: not supported yet; leave it out by: ignore ip"),
    ("netns x", "not possible"),
    ("include missing.inc", "there is no file \"missing.inc\"; looked in /u, /p"),
    ("include test.profile", "includes itself"),
    ("include a/b.inc", "is a relative path"),
    ("?HAS_X12: caps", "no condition is called \"HAS_X12\"; did you mean \"HAS_X11\"?"),
    ("?HAS_X11 caps", "a conditional is written ?NAME: line"),
    ("?HAS_X11:", "nothing follows the colon"),
    ("?BROWSER_DISABLE_U2F: quiet", "can't depend on a condition"),
    ("profile x", "no directive is called"),
  ])
  func `a line that is wrong is refused with its place`(text: String, part: String) {
    let line = refusal(text)
    #expect(line?.contains(part) == true, "\(text): \(line ?? "accepted")")
    #expect(line?.contains("/p/test.profile:") == true)
    #expect(line?.contains("\n") == false)
  }

  @Test(arguments: [
    ("/", "/"), ("//", "/"), ("/a", "/a"), ("//a", "/a"), ("/a/", "/a"), ("/a//b", "/a/b"),
    ("/./a", "/a"), ("/a/.", "/a"), ("/.a/...", "/.a/..."), ("/a/./b", "/a/b"), ("~", "/home/ann"),
    ("~/", "/home/ann"), ("~/a", "/home/ann/a"), ("~//a/.", "/home/ann/a"),
    ("${HOME}", "/home/ann"),
    ("${HOME}/a/", "/home/ann/a"), ("${HOME}/./a", "/home/ann/a"), ("${HOME}/.a", "/home/ann/.a"),
    ("${CFG}//a", "/etc/firejail/a"), ("${RUNUSER}/", "/run/user/1000"), ("/a/*/", "/a/*"),
  ])
  func `surplus slashes and dots of paths are left out`(text: String, path: String) throws {
    let rules = try read("blacklist " + text).recorder.policy.files.rules
    #expect(rules.map(\.pattern) == [Path(path)])
  }

  @Test func `bytes that are not UTF-8 are refused`() throws {
    #expect(throws: PolicyError.self) {
      try read(bytes: ["/p/test.profile": Array("blacklist /a".utf8) + [0xff]])
    }
  }

  @Test func `long lines and long files are refused at their place`() {
    let long = String(repeating: "x", count: 8192)
    #expect(refusal("caps\n" + long)?.hasPrefix("/p/test.profile:2: line is longer") == true)
    let many = String(repeating: "\n", count: 70_000)
    #expect(refusal(many)?.hasPrefix("/p/test.profile:65536: a profile has at most") == true)
  }
}

@Suite struct `Includes, ignore and conditionals` {
  @Test func `a bare name is taken from the first directory that has it`() throws {
    let reader = try read(
      "include a.inc", files: ["/u/a.inc": "name first", "/p/a.inc": "name second"])
    #expect(reader.recorder.policy.name?.value == "first")
    #expect(reader.recorder.policy.name?.origin == .file("/u/a.inc", line: 1))
  }

  @Test func `a missing .local is skipped`() throws {
    #expect(refusal("include x.local\ninclude /etc/firejail/y.local") == nil)
  }

  @Test func `a file of Firejail's directory that is missing is found by its name`() throws {
    let reader = try read("include /etc/firejail/a.inc", files: ["/p/a.inc": "name here"])
    #expect(reader.recorder.policy.name?.value == "here")
    #expect(refusal("include /etc/other/a.inc", files: ["/p/a.inc": ""]) != nil)
  }

  @Test func `a loop ends with an error, and so do too many levels`() {
    #expect(
      refusal("include a.inc", files: ["/p/a.inc": "include test.profile"])?
        .contains("includes itself") == true)
    let chain = Dictionary(
      uniqueKeysWithValues: (0..<30).map { ("/p/\($0).inc", "include \($0 + 1).inc") })
    #expect(refusal("include 0.inc", files: chain)?.contains("nest deeper than 16") == true)
  }

  @Test func `ignore works on whole words of later lines`() throws {
    let text = """
      ignore seccomp
      seccomp
      seccomp !chroot
      seccomp.drop mkdir
      ignore blacklist ${HOME}/a
      blacklist ${HOME}/a
      blacklist ${HOME}/ab
      """
    let policy = try read(text).recorder.policy
    #expect(policy.syscalls.native?.value.form == .drop)
    #expect(policy.files.rules.map(\.pattern) == ["/home/ann/ab"])
  }

  @Test func `ignore on the command line acts on the profile`() throws {
    let policy = try read("caps.drop all\nnoroot", options: ["ignore=noroot"]).recorder.policy
    #expect(policy.noRoot == nil)
    #expect(policy.capabilities?.value == .dropAll)
  }

  @Test func `the 33rd ignore is refused`() {
    let lines = (0..<33).map { "ignore x\($0)" }.joined(separator: "\n")
    #expect(refusal(lines)?.contains(":33: ignore: at most 32") == true)
  }

  @Test(arguments: [
    ("net none", "HAS_NET"), ("nosound", "HAS_NOSOUND"), ("private", "HAS_PRIVATE"),
    ("x11 none", "HAS_X11"),
  ])
  func `a condition holds from the line on that makes it true`(line: String, name: String) throws {
    let reader = try read("?\(name): name early\n\(line)\n?\(name): hostname late")
    #expect(reader.recorder.policy.name == nil)
    #expect(reader.recorder.policy.files.hostName?.value == Array("late".utf8))
  }

  @Test func `a line under a condition counts when the condition holds`() throws {
    let policy = try read(
      "?BROWSER_DISABLE_U2F: name yes\n?ALLOW_TRAY: caps\n?HAS_APPIMAGE : nonsense"
    ).recorder.policy
    #expect(policy.name?.value == "yes")
    #expect(policy.capabilities == nil)
  }
}

@Suite struct `What wins` {
  @Test func `a value of the command line wins over the profile's`() throws {
    let text = """
      seccomp.keep read
      seccomp-error-action kill
      name profile
      caps.drop all
      protocol unix,inet
      rlimit-nofile 5
      """
    let options = [
      "seccomp.drop=mkdir", "seccomp-error-action=log", "name=hand", "caps.keep=net_raw",
      "protocol=inet6", "rlimit-nofile=9",
    ]
    let policy = try read(text, options: options).recorder.policy
    #expect(policy.syscalls.native?.value.form == .drop)
    #expect(policy.syscalls.errorAction?.value == .log)
    #expect(policy.name?.value == "hand")
    #expect(policy.capabilities?.value.kept.map(\.name) == ["net_raw"])
    #expect(policy.syscalls.protocols.items == ["inet6"])
    #expect(policy.limits.resources[.openFiles]?.value == 9)
  }

  @Test func `signed items of the command line edit the profile's list`() throws {
    let policy = try read("protocol unix,inet,inet6", options: ["protocol=-inet6,+netlink"])
    #expect(policy.recorder.policy.syscalls.protocols.items == ["unix", "inet", "netlink"])
  }

  @Test func `lists of several profiles add up`() throws {
    let reader = try read(
      "protocol unix\ninclude a.inc", files: ["/p/a.inc": "protocol inet,-unix"])
    #expect(reader.recorder.policy.syscalls.protocols.items == ["inet"])
  }

  @Test func `keep is stronger than drop, drop than LIST, LIST than the default`() throws {
    let lines = ["seccomp", "seccomp mkdir", "seccomp.drop mkdir", "seccomp.keep read"]
    for (index, line) in lines.enumerated() {
      let text = (lines[..<index] + [line] + lines[..<index]).joined(separator: "\n")
      let form = try read(text).recorder.policy.syscalls.native?.value.form
      #expect(form?.rawValue == index)
    }
  }

  @Test func `caps.drop all is stronger than the other forms`() throws {
    let policy = try read("caps\ncaps.drop all\ncaps.keep net_raw\ncaps.drop chown").recorder.policy
    #expect(policy.capabilities?.value == .dropAll)
  }

  @Test func `environment lines act in order and those by hand come last`() throws {
    let policy = try read("env A=1\nrmenv B\nenv C=3", options: ["env=C=4"]).recorder.policy
    let variables = policy.environment.applied(to: ["A=0", "B=2"].map { Array($0.utf8) })
    #expect(variables.map { String(decoding: $0, as: UTF8.self) } == ["A=1", "C=4"])
  }
}

@Suite struct `Patterns` {
  @Test(arguments: [
    ("/a/*.txt", "/a/b.txt", true), ("/a/*", "/a/b/c", false), ("/a/?", "/a/b", true),
    ("/a/[a-c]x", "/a/bx", true), ("/a/[!a-c]x", "/a/bx", false), ("*", ".hidden", true),
    ("a*b*c", "aXbXbXc", true), ("a[", "a[", true), ("", "", true), ("*", "", true),
  ])
  func `match as fnmatch does with FNM_PATHNAME`(pattern: String, text: String, matches: Bool) {
    #expect(Glob.matches(Array(pattern.utf8), Array(text.utf8)) == matches)
  }
}
