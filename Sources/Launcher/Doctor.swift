internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// `--doctor`: what this kernel, container and host allow, each by trying it, with the remedy.
struct Doctor {
  private struct Finding {
    let subject: String
    let result: String
    let isThere: Bool
    /// Without it, most profiles don't start.
    var isNeeded = false
    var remedy = ""
  }

  private let host: LiveHost

  init(_ host: LiveHost) { self.host = host }

  /// - Returns: the status: 1 where something that profiles need is missing.
  func report(isJSON: Bool) throws(SystemCallError) -> Int32 {
    let findings =
      [try seccomp(), try userNamespaces()] + (try namespaces())
      + [try landlock(), try overlay(), try controlGroup()] + helpers
    for finding in findings {
      Console.print(isJSON ? json(finding).text + "\n" : text(finding))
    }
    return findings.contains { $0.isNeeded && !$0.isThere } ? 1 : 0
  }

  private func text(_ finding: Finding) -> String {
    let mark = finding.isThere ? "yes" : finding.isNeeded ? "NO " : "no "
    let gap = String(repeating: " ", count: max(1, 28 - finding.subject.count))
    let remedy = finding.isThere || finding.remedy.isEmpty ? "" : "; " + finding.remedy
    return "\(mark)  \(finding.subject)\(gap)\(finding.result)\(remedy)\n"
  }

  private func json(_ finding: Finding) -> JSON {
    .object([
      ("subject", .string(finding.subject)), ("present", .bool(finding.isThere)),
      ("needed", .bool(finding.isNeeded)), ("result", .string(finding.result)),
      ("remedy", .string(finding.isThere ? "" : finding.remedy)),
    ])
  }

  // MARK: The kernel

  private func seccomp() throws(SystemCallError) -> Finding {
    let actions: [(String, FilterAction)] = [
      ("kill", .killProcess), ("kill-thread", .killThread), ("trap", .trap),
      ("errno", .errno(.notPermitted)), ("notify", .notify), ("trace", .trace(0)), ("log", .log),
      ("allow", .allow),
    ]
    let known = actions.filter { KernelFeatures.knows($0.1) }.map { $0.0 }
    return Finding(
      subject: "seccomp", result: known.isEmpty ? "no action" : known.joined(separator: ", "),
      isThere: known.count == actions.count, isNeeded: true,
      remedy: "a kernel from 5.0 on has all of them, built with CONFIG_SECCOMP_FILTER")
  }

  private func userNamespaces() throws(SystemCallError) -> Finding {
    let failure = try KernelFeatures.tryNamespaces([.user], uid: host.uid, gid: Identity.gid)
    return Finding(
      subject: "user namespaces",
      result: failure.map { $0.errno.sentence } ?? "an ordinary user may",
      isThere: failure == nil, isNeeded: host.uid != 0, remedy: userNamespaceRemedy)
  }

  /// Which switch it is.
  private var userNamespaceRemedy: String {
    if number(in: "/proc/sys/kernel/unprivileged_userns_clone") == 0 {
      return "as root: sysctl kernel.unprivileged_userns_clone=1"
    }
    if number(in: "/proc/sys/user/max_user_namespaces") == 0 {
      return "as root: sysctl user.max_user_namespaces=10000"
    }
    if number(in: "/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == 1 {
      return
        "as root: sysctl kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile "
        + "for sandbox with the rule userns"
    }
    return "a container's filter or a chroot forbids them: let it allow unshare and clone, or use "
      + "--filter-only"
  }

  private func number(in file: Path) -> Int? {
    do throws(SystemCallError) {
      let text = try FileDescriptor.open(file, 0).readAll(limit: 32)
      return Int(String(decoding: text, as: UTF8.self).filter { $0 != "\n" })
    } catch { return nil }
  }

  private func namespaces() throws(SystemCallError) -> [Finding] {
    let own: Namespaces = host.uid == 0 ? [] : [.user]
    var findings: [Finding] = []
    for kind in [Namespaces.mount, .process, .network, .communication, .hostName] {
      let failure = try KernelFeatures.tryNamespaces(
        own.union(kind), uid: host.uid, gid: Identity.gid)
      findings.append(
        Finding(
          subject: "\(kind.names.joined()) namespace",
          result: failure.map { $0.errno.sentence } ?? "can be made", isThere: failure == nil,
          isNeeded: kind == .mount || kind == .process, remedy: "it needs user namespaces, or root")
      )
    }
    let failure = try KernelFeatures.tryProcess(uid: host.uid, gid: Identity.gid)
    findings.append(
      Finding(
        subject: "a /proc of its own",
        result: failure.map { $0.errno.sentence } ?? "can be mounted",
        isThere: failure == nil, isNeeded: true,
        remedy: "a container covers parts of /proc: let it see a whole one "
          + "(--security-opt systempaths=unconfined), or use --filter-only"))
    return findings
  }

  private func landlock() throws(SystemCallError) -> Finding {
    let version = try Landlock.version()
    return Finding(
      subject: "Landlock", result: version == 0 ? "none" : "version \(version)",
      isThere: version > 0,
      remedy: "a kernel from 5.13 on, with landlock among the modules of lsm= (boot options)")
  }

  private func overlay() throws(SystemCallError) -> Finding {
    let failure = try KernelFeatures.tryOverlay(uid: host.uid, gid: Identity.gid)
    return Finding(
      subject: "overlay", result: failure.map { $0.errno.sentence } ?? "an ordinary user may",
      isThere: failure == nil, remedy: "a kernel from 5.11 on, with CONFIG_OVERLAY_FS")
  }

  // MARK: The host

  private func controlGroup() throws(SystemCallError) -> Finding {
    let text = try FileDescriptor.open("/proc/self/cgroup", 0).readAll(limit: 1 << 16)
    let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
    let own = lines.first { $0.hasPrefix("0::") }.map { String($0.dropFirst(3)) }
    let file = Path("/sys/fs/cgroup" + (own ?? "") + "/cgroup.procs")
    let isDelegated = own != nil && Attempts.canWrite(file)
    return Finding(
      subject: "control group",
      result: own == nil ? "no unified hierarchy" : isDelegated ? "delegated" : "not the user's",
      isThere: isDelegated,
      remedy: "run inside of: systemd-run --user --scope -p Delegate=yes")
  }

  private var helpers: [Finding] {
    [
      ("xdg-dbus-proxy", "dbus-user filter", "xdg-dbus-proxy"), ("Xvfb", "x11 xvfb", "xvfb"),
      ("Xephyr", "x11 xephyr", "xserver-xephyr"), ("xauth", "x11 xorg", "xauth"),
    ].map { program, directive, package in
      let place = ["/usr/bin", "/usr/local/bin", "/bin"].first { directory in
        Attempts.identity(of: Path(directory + "/" + program)) != nil
      }
      return Finding(
        subject: program, result: place.map { "\($0)/\(program)" } ?? "not there",
        isThere: place != nil, remedy: "\(directive) needs it: install the package \(package)")
    }
  }
}
