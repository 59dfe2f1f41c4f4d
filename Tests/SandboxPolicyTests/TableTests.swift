import Foundation
import KernelTypes
import SandboxPolicy
import TestSupport
import Testing

@Suite struct `The directive table` {
  @Test func `names are unique and summaries fit`() {
    #expect(Set(DirectiveTable.all.map(\.name)).count == DirectiveTable.all.count)
    for directive in DirectiveTable.all {
      #expect(directive.summary.count <= 70, "\(directive.name)")
      #expect(!directive.summary.isEmpty && !directive.summary.hasSuffix("."), "\(directive.name)")
    }
  }

  /// Firejail's words, profile and command line, with those of our own left out.
  static let firejail = """
    allow-bwrap allow-debuggers allusers apparmor apparmor-replace apparmor-stack bind blacklist
    blacklist-nolog caps caps.drop caps.keep cpu dbus-system dbus-system.broadcast dbus-system.call
    dbus-system.own dbus-system.see dbus-system.talk dbus-user dbus-user.broadcast dbus-user.call
    dbus-user.own dbus-user.see dbus-user.talk defaultgw deterministic-exit-code
    deterministic-shutdown disable-mnt dns env hostname hostname-randomize hosts-file ignore include
    ip ip6 ipc-namespace iprange join-or-start keep-config-pulse keep-dev-ntsync keep-dev-shm
    keep-dev-tpm keep-fd keep-hostname keep-shell-rc keep-var-tmp landlock.enforce
    landlock.fs.execute landlock.fs.makedev landlock.fs.makeipc landlock.fs.read landlock.fs.write
    mac machine-id memory-deny-write-execute mkdir mkfile mtu name net netfilter netfilter6 netlock
    netmask netns nice no3d noautopulse noblacklist nodbus nodvd noexec nogroups noinput nonewprivs
    noprinters noroot nosound notpm notv nou2f novideo nowhitelist private private-bin private-cache
    private-cwd private-dev private-etc private-home private-lib private-opt private-srv private-tmp
    protocol quiet read-only read-write restrict-namespaces rlimit-as rlimit-cpu rlimit-fsize
    rlimit-nofile rlimit-nproc rlimit-sigpending rmenv seccomp seccomp-error-action seccomp.32
    seccomp.32.drop seccomp.32.keep seccomp.block-secondary seccomp.drop seccomp.keep shell tab
    timeout tmpfs tracelog veth-name warn whitelist whitelist-ro writable-etc writable-run-user
    writable-var writable-var-log x11 xephyr-screen apparmor.print appimage bandwidth build
    caps.print cat chroot cpu.print dbus-log dbus-system.log dbus-user.log debug debug-blacklists
    debug-caps debug-errnos debug-private-lib debug-protocols debug-syscall-groups debug-syscalls
    debug-syscalls32 debug-whitelists dns.print dnstrace fs.print get help icmptrace ids-check
    ids-init interface join join-filesystem join-network list ls net.print netfilter.print
    netfilter6.print netstats nettrace noprofile oom output output-stderr overlay overlay-clean
    overlay-named overlay-tmpfs profile profile.print protocol.print put scan seccomp.print shutdown
    snitrace top trace tree tunnel unhide-pid1 version xephyr-extra-params
    """.split(whereSeparator: \.isWhitespace).map(String.init)

  @Test(arguments: firejail)
  func `knows every word of Firejail`(name: String) {
    #expect(DirectiveTable.named(name) != nil)
  }

  @Test func `what is accepted has an example and what is refused says so by name`() {
    for directive in DirectiveTable.all where directive.availability != .commandLineOnly {
      let value =
        switch directive.argument {
        case .none: ""
        case .required, .optional: " x"
        }
      if directive.support.isAccepted {
        #expect(!directive.example.isEmpty, "\(directive.name)")
      } else {
        let line = refusal(directive.name + value)
        #expect(
          line?.hasPrefix("/p/test.profile:1: \(directive.name): not ") == true, "\(line ?? "")")
      }
    }
  }

  static let examples = DirectiveTable.all.filter { $0.support.isAccepted && !$0.example.isEmpty }
    .map(\.example)

  @Test(arguments: examples)
  func `every example is accepted and changes what is meant`(example: String) throws {
    let files = ["/p/disable-common.inc": "name included", "/p/transmission-gtk.profile": "caps"]
    if example.hasPrefix("--") {
      let option = String(example.dropFirst(2))
      let plain = try read("", files: files).recorder
      let changed = try read("", files: files, options: [option]).recorder
      #expect(changed.policy != plain.policy || changed.options != plain.options)
    } else if example.hasPrefix("ignore ") {
      let ignored = example.dropFirst("ignore ".count)
      #expect(try read("\(example)\n\(ignored)", files: files).recorder.policy == Policy())
    } else {
      #expect(try read(example, files: files).recorder.policy != Policy())
    }
  }

  @Test func `an option that nobody knows gets the nearest known one`() {
    #expect(
      refusal("", options: ["seccom.keep=read"])?.contains("did you mean \"seccomp.keep\"?") == true
    )
    #expect(refusal("", options: ["warn=x"])?.hasPrefix("--warn: no option is called that") == true)
  }

  @Test func `the help shows each accepted option`() {
    for directive in DirectiveTable.all
    where directive.support.isAccepted && directive.availability != .profileOnly {
      #expect(Help.all.contains("\n  --\(directive.name)\(directive.argument.suffix)"))
    }
    #expect(Help.text.split(separator: "\n").allSatisfy { $0.count <= 110 })
  }
}

@Suite struct `Guarantees` {
  /// Each stands beside a test that exists, or beside the reason why it does not apply.
  @Test func `have a test each, or a reason`() throws {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent()
    var sources = ""
    let files = FileManager.default.enumerator(at: tests, includingPropertiesForKeys: nil)
    for case let file as URL in try #require(files) where file.pathExtension == "swift" {
      sources += try String(contentsOf: file, encoding: .utf8)
    }
    let table = try String(
      contentsOf: tests.appending(path: "guarantees.tsv"), encoding: .utf8)
    let rows = table.split(separator: "\n").filter { !$0.hasPrefix("#") }.map {
      $0.split(separator: "\t").map(String.init)
    }
    #expect(rows.compactMap { Int($0[0]) } == Array(1...110))
    for row in rows {
      #expect(row.count >= 3, "\(row)")
      if row[2] == "-" {
        #expect(row.count == 4 && row[3].count > 20, "\(row)")
      } else {
        for test in row[2...] { #expect(sources.contains("func `\(test)`"), "\(row[0]): \(test)") }
      }
    }
  }
}
