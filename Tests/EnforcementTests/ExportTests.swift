import CSeccomp
import Foundation
import KernelCalls
import KernelTypes
import TestSupport
import Testing

private let box = Installation.shared

/// What other engines make of an export says what our own filter says.
@Suite struct Exports {
  static let policies = [
    ["--seccomp"], ["--seccomp.drop=mkdir,ptrace:ENOSYS,chroot:kill"],
    ["--seccomp.keep=read,write(fd<=2),execve,exit_group,ioctl(request=TCGETS|TIOCGWINSZ):EACCES"],
    ["--seccomp.drop=socket(domain=AF_INET):kill,lseek(offset>=0x100000000),ptrace(pid!=0):EACCES"],
    ["--protocol=unix,inet", "--memory-deny-write-execute", "--restrict-namespaces"],
    ["--seccomp.keep=socket(type&0xf=SOCK_STREAM||domain=AF_UNIX),execve,mmap", "--protocol=unix"],
    ["--seccomp-error-action=kill", "--seccomp.keep=@system-service,execve,prctl(option<9)"],
    ["--profile=memcached", "--seccomp.allow=execve"], ["--profile=transmission-gtk"],
  ]

  private static func program(_ bytes: [UInt8]) -> FilterProgram {
    FilterProgram(
      stride(from: 0, to: bytes.count, by: 8).map { start in
        let word = bytes[start..<(start + 8)].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return FilterInstruction(
          UInt16(truncatingIfNeeded: word), UInt32(truncatingIfNeeded: word >> 32),
          ifTrue: UInt8(truncatingIfNeeded: word >> 16),
          ifFalse: UInt8(truncatingIfNeeded: word >> 24))
      })
  }

  /// - Returns: the file that the bytes are in.
  private func export(_ options: [String]) -> String {
    let file = "\(box.home)/export-\(UUID().uuidString)"
    let outcome = box.run(
      ["bash", "-c", "file=$1; shift; \"$@\" >\"$file\"", "bash", file, box.launcher]
        + (options.contains { $0.hasPrefix("--profile") } ? [] : ["--noprofile"]) + options
        + ["--export=bpf", "true"])
    #expect(outcome.status == 0, "\(outcome)")
    return file
  }

  private static let actions: [String: UInt32] = [
    "SCMP_ACT_ALLOW": 0x7fff_0000, "SCMP_ACT_ERRNO": 0x0005_0000,
    "SCMP_ACT_KILL_PROCESS": 0x8000_0000, "SCMP_ACT_KILL_THREAD": 0,
    "SCMP_ACT_TRAP": 0x0003_0000, "SCMP_ACT_LOG": 0x7ffc_0000,
  ]

  private static func action(
    _ rule: [String: Any], _ name: String, _ errno: String
  ) throws -> UInt32 {
    let word = try #require(rule[name] as? String)
    return try #require(actions[word]) | UInt32(rule[errno] as? Int ?? 0)
  }

  /// As runc and crun read it: each rule of a call is one more case; unknown names are left out.
  private func compiled(_ document: [String: Any]) throws -> FilterProgram {
    let context = try #require(
      seccomp_init(try Self.action(document, "defaultAction", "defaultErrnoRet")))
    defer { seccomp_release(context) }
    for rule in try #require(document["syscalls"] as? [[String: Any]]) {
      let action = try Self.action(rule, "action", "errnoRet")
      let arguments = (rule["args"] as? [[String: Any]] ?? []).map { test in
        scmp_arg_cmp(
          arg: UInt32(test["index"] as? Int ?? 9), op: SCMP_CMP_MASKED_EQ,
          datum_a: (test["value"] as? NSNumber)?.uint64Value ?? 0,
          datum_b: (test["valueTwo"] as? NSNumber)?.uint64Value ?? 0)
      }
      for name in try #require(rule["names"] as? [String]) {
        let number = seccomp_syscall_resolve_name(name)
        guard number != __NR_SCMP_ERROR else { continue }
        let result = seccomp_rule_add_array(
          context, action, number, UInt32(arguments.count), arguments)
        #expect(result == 0, "\(name): \(result)")
      }
    }
    let file = box.prefix + "/oci-" + UUID().uuidString
    let descriptor = open(file, O_RDWR | O_CREAT, 0o600)
    defer { close(descriptor) }
    #expect(seccomp_export_bpf(context, descriptor) == 0)
    return Self.program(Array(try #require(FileManager.default.contents(atPath: file))))
  }

  private static let edges: [UInt64] = [
    0, 1, 2, 3, 4, 6, 8, 9, 15, 16, 17, 0x10000, 0x5401, 0x5412, 0x5413, 0x1000_0000, 0x7fff_ffff,
    0xffff_ffff, 1 << 32, .max, 0xdead_0000_0002,
  ]

  @Test(arguments: policies)
  func `libseccomp makes the same verdicts of the OCI document`(options: [String]) throws {
    let noProfile = options.contains { $0.hasPrefix("--profile") } ? [] : ["--noprofile"]
    let outcome = box.sandbox(noProfile + options + ["--export=oci", "true"])
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    let theirs = try compiled(document)
    let bytes = try #require(FileManager.default.contents(atPath: export(options)))
    let ours = Self.program(Array(bytes))
    let audit = Architecture.native.auditValue
    var random = Seeded(11)
    for number in 0...700 {
      let name = SystemCall(number: number, on: .native)?.name
      // Newer than the installed libseccomp.
      if let name, seccomp_syscall_resolve_name(name) == __NR_SCMP_ERROR { continue }
      for _ in 0..<64 {
        let arguments = (0..<6).map { _ in Self.edges.randomElement(using: &random) ?? 0 }
        let (one, other) = (
          ours.verdict(audit, UInt32(number), arguments),
          theirs.verdict(audit, UInt32(number), arguments)
        )
        #expect(one == other, "\(options) \(name ?? "\(number)") \(arguments)")
      }
    }
  }

  @Test(.enabled(if: hasUserNamespaces, "bwrap needs user namespaces"))
  func `bubblewrap's reading of the bytes gives the same errors`() {
    let options = ["--seccomp.keep=@default-keep,exit_group,read,write(fd<=2),getpid,mkdir:ENOSYS"]
    let file = export(options)
    let calls = box.prefix + "/bin/calls"
    for (number, argument, error): (Int, String, Int32) in [
      (39, "0", 0), (83, "0", 38), (2, "0", 1), (1, "7", 1), (1, "2", 14), (41, "1", 1),
    ] {
      let words = [calls, "native", "\(number)", argument]
      let under = { (prefix: [String]) in box.run(prefix + words).status }
      let ours = under([box.launcher, "--quiet", "--noprofile"] + options + ["--"])
      let theirs = under(
        ["bash", "-c", "exec 9<\(file); exec \"$@\"", "bash", "bwrap", "--bind", "/", "/"]
          + ["--seccomp", "9", "--"])
      #expect(ours == error && theirs == error, "\(number) \(argument): \(ours), \(theirs)")
      #expect(number == 39 || number == 1 || under([]) != error, "\(number) without a filter")
    }
  }

  @Test func `systemd reads its lines, and what it can't be told is said`() throws {
    let lines = box.sandbox(
      [
        "--noprofile", "--seccomp.keep=execve,read,write(fd<=2),exit_group,mkdir:ENOSYS",
        "--protocol=unix", "--memory-deny-write-execute", "--restrict-namespaces=user,net",
        "--caps.keep=chown", "--rlimit-nofile=64", "--nice=3", "--env=A=b \"%\"",
        "--blacklist=/srv", "--export=systemd", "true",
      ]
    ).output.split(separator: "\n").map(String.init)
    for line in [
      "[Service]", "NoNewPrivileges=yes",
      "SystemCallFilter=execve exit_group read restart_syscall"
        + " rt_sigreturn", "SystemCallErrorNumber=EPERM", "SystemCallArchitectures=native",
      "RestrictAddressFamilies=AF_UNIX", "MemoryDenyWriteExecute=yes",
      "RestrictNamespaces=~net user", "CapabilityBoundingSet=CAP_CHOWN", "LimitNOFILE=64", "Nice=3",
      "Environment=\"A=b \\\"%%\\\"\"", "# not carried over: blacklist (--blacklist)",
      "# not carried over: conditions on arguments of write: it is refused as a whole",
    ] {
      #expect(lines.contains(line), "\(line): \(lines)")
    }
    let refused = try #require(lines.first { $0.hasPrefix("SystemCallFilter=~") })
    #expect(refused.contains(" mkdir:ENOSYS ") && refused.contains(" write:EPERM"))
    #expect(refused.contains(" clone3:ENOSYS ") && !refused.contains(" read:"))
  }

  @Test func `a profile is exported by its name, its file or its program`() {
    for word in ["memcached", "memcached.profile", box.shipped + "/memcached.profile"] {
      let outcome = box.sandbox(["--export=oci", word])
      #expect(outcome.output.contains("accept4") && outcome.status == 0, "\(outcome)")
      #expect(outcome.output.contains("seccomp.keep.after epoll_wait(timeout!=-1)"))
    }
    for (words, message) in [
      (["--export=xml", "true"], "\"xml\" is no format; write oci, systemd or bpf"),
      (["--export=oci"], "takes one program or profile"),
      (["--export=oci", "missing.profile"], "there is no such profile"),
      (["--noprofile", "--export=oci", "true"], ""),
    ] {
      let outcome = box.sandbox(words)
      #expect(outcome.status == (message.isEmpty ? 0 : 1), "\(outcome)")
      #expect(message.isEmpty || outcome.errors.contains(message), "\(outcome)")
    }
  }
}
