package import KernelTypes

/// What `/etc/firejail/firejail.config` says, for the launcher in Firejail's place: lines of a key and a
/// value. A key that switches a feature off forbids its directives. Nothing here gives a program more than
/// its profile does; a key that would take protection away, or that is not supported, is an error.
package struct FirejailConfiguration: Sendable {
  package static let file = Macros.firejailDirectory.appending("firejail.config")

  /// Directives that are switched off, and where.
  package private(set) var forbidden: [String: Origin] = [:]
  package private(set) var isQuiet = false
  /// Hides what removable media are mounted on.
  package private(set) var disablesMounts: Origin?
  package private(set) var errorAction: Setting<FilterAction>?
  /// The conditions `BROWSER_DISABLE_U2F`, `BROWSER_ALLOW_DRM` and `ALLOW_TRAY` of profiles.
  package private(set) var disablesBrowserU2F = true
  package private(set) var allowsBrowserDRM = false
  package private(set) var allowsTray = false

  package init() {}

  package init(_ bytes: [UInt8], of file: Path) throws(PolicyError) {
    for (origin, parts, _) in ConfigurationFile.lines(of: bytes, in: file) {
      let words = parts.map { String(decoding: $0, as: UTF8.self) }
      let key = words[0]
      do throws(DirectiveError) {
        try take(key, words.dropFirst().joined(separator: " "), origin)
      } catch {
        throw PolicyError(origin, displayed(Array(key.utf8)), error.message, hint: error.hint)
      }
    }
  }

  private mutating func take(
    _ key: String, _ value: String, _ origin: Origin
  ) throws(DirectiveError) {
    if Self.settled.contains(key) { return }
    if let directives = Self.features[key] {
      if try !flag(value) { for name in directives { forbidden[name] = origin } }
      return
    }
    switch key {
    case "quiet-by-default": isQuiet = try flag(value)
    case "disable-mnt": disablesMounts = try flag(value) ? origin : nil
    case "browser-disable-u2f": disablesBrowserU2F = try flag(value)
    case "browser-allow-drm": allowsBrowserDRM = try flag(value)
    case "allow-tray": allowsTray = try flag(value)
    case "seccomp-error-action":
      let action = try SyscallListParser.errorAction(Array(value.utf8)[...])
      guard action != .log else {
        throw DirectiveError("log refuses nothing", hint: "write an error, EPERM say, or kill")
      }
      errorAction = Setting(action, origin)
    case "seccomp", "whitelist", "dbus":
      guard try flag(value) else {
        throw DirectiveError("no would leave programs less confined", hint: "leave it out")
      }
    case _ where Self.unsupported.contains(key):
      guard value == "no" else { throw DirectiveError("not supported", hint: "leave it out") }
    default: throw DirectiveError("there is no such key", hint: "leave it out")
    }
  }

  private func flag(_ value: String) throws(DirectiveError) -> Bool {
    switch value {
    case "yes": true
    case "no": false
    default:
      throw DirectiveError(
        "has the value \"\(displayed(Array(value.utf8)))\"", hint: "write yes or no")
    }
  }

  /// What can be switched off, by its directives.
  private static let features: [String: [String]] = [
    "apparmor": ["apparmor"], "bind": ["bind"], "chroot": ["chroot"],
    "file-transfer": ["ls", "get", "put", "cat"],
    "join": ["join", "join-or-start", "join-network", "join-filesystem"],
    "overlayfs": ["overlay", "overlay-named", "overlay-tmpfs"], "private-bin": ["private-bin"],
    "private-cache": ["private-cache"], "private-etc": ["private-etc"],
    "private-lib": ["private-lib"], "private-opt": ["private-opt"],
    "private-srv": ["private-srv"], "x11": ["x11"],
  ]

  /// What is so here whatever a line says, or is about what is not there.
  private static let settled: Set<String> = [
    "arg-max-count", "arg-max-len", "arp-probes", "cgroup", "env-max-count", "env-max-len",
    "file-copy-limit", "firejail-prompt", "force-nonewprivs", "join-timeout", "name-change",
    "netfilter-default", "network", "private-home", "restricted-network", "seccomp-log",
    "tracelog", "userns", "warn", "xephyr-extra-params", "xephyr-window-title", "xpra-attach",
    "xpra-extra-params", "xvfb-extra-params",
  ]

  private static let unsupported: Set<String> = [
    "etc-hide-blacklisted", "private-bin-no-local", "seccomp-filter-add",
    "whitelist-disable-topdir", "xephyr-screen",
    "xvfb-screen",
  ]
}
