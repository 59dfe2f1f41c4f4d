import Foundation
import TestSupport
import Testing

private let box = Installation.shared

/// An audit says what holds, whatever refuses it.
@Suite(.enabled(if: hasUserNamespaces, "this host refuses user namespaces"))
struct `Auditing` {
  private struct Area: Decodable {
    let area: String
    let grade: String
    let open: [String]
    let remedies: [String]
  }

  private func audit(_ options: [String], asRoot: Bool = false) throws -> [String: Area] {
    let outcome = box.sandbox(
      ["--noprofile"] + options + ["--audit", "--json", "true"], asRoot: asRoot)
    let areas = try JSONDecoder().decode([Area].self, from: Data(outcome.output.utf8))
    return Dictionary(uniqueKeysWithValues: areas.map { ($0.area, $0) })
  }

  @Test(arguments: [
    ("EPERM", true), ("ENOSYS", true), ("EACCES", true), ("kill", true), ("trap", true),
    ("log", false),
  ])
  func `a dropped call is closed by both entries, under each error action`(
    action: String, isClosed: Bool
  ) throws {
    let calls = try #require(
      try audit(["--seccomp.drop=add_key,kcmp", "--seccomp-error-action=" + action])["system calls"]
    )
    for call in ["add_key", "kcmp"] {
      #expect(calls.open.contains { $0.hasPrefix(call) } == !isClosed, "\(calls.open)")
    }
    #expect(calls.open.contains("bpf"))
    // By one entry alone, the other one is open.
    let half = try #require(try audit(["--seccomp.32.drop=kcmp"])["system calls"])
    #expect(half.open.contains("kcmp (natively)"), "\(half.open)")
    #expect(try audit([])["system calls"]?.open.contains("kcmp") == true)
  }

  @Test func `each area is open without its rule and closed with it`() throws {
    box.file(".netrc", "machine x\n")
    box.file(".bashrc", "x\n")
    let open = try audit([])
    let closed = try audit([
      "--seccomp=kcmp", "--seccomp.block-secondary", "--net=none", "--protocol=unix",
      "--memory-deny-write-execute", "--restrict-namespaces", "--private", "--private-dev",
      "--include=disable-exec.inc", "--blacklist=/proc/kallsyms", "--blacklist=/boot",
      "--blacklist=/sys/kernel/debug", "--nosound", "--no3d", "--novideo", "--noinput", "--nou2f",
      "--nodvd", "--notv", "--noexec=/dev/shm", "--noexec=/var/tmp",
    ])
    for name in [
      "system calls", "network", "memory", "secrets", "start-up and system files", "own programs",
    ] {
      #expect(open[name]?.grade != "A" && open[name]?.remedies.isEmpty == false, "\(name)")
      #expect(closed[name]?.grade == "A", "\(name): \(closed[name]?.open ?? [])")
    }
    #expect(closed.values.filter { $0.grade != "A" }.map(\.area).allSatisfy { $0 == "devices" })
    #expect(open["secrets"]?.open.contains(box.home + "/.netrc") == true)
    #expect(open["start-up and system files"]?.open.contains(box.home + "/.bashrc") == true)
    let plain = try audit(["--filter-only"])
    #expect(plain["processes"]?.grade != "A" && open["processes"]?.grade == "A")
    #expect(plain["namespaces"]?.open == ["user"])
    // Nothing was written, and the program did not run.
    #expect(box.run(["cat", box.home + "/.bashrc"]).output == "x\n")
    let text = box.sandbox(["--noprofile", "--audit", "echo", "ran"]).output
    #expect(text.hasPrefix("C  system calls ") && !text.contains("ran"), "\(text)")
    #expect(text.contains("better by: memory-deny-write-execute"))
  }
}
