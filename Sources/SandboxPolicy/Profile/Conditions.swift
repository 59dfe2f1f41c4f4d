/// What the conditions of profiles are true of in this version.
package struct Conditions: Sendable {
  package static let names = [
    "HAS_APPIMAGE", "HAS_NET", "HAS_NODBUS", "HAS_NOSOUND", "HAS_PRIVATE", "HAS_X11",
    "BROWSER_DISABLE_U2F", "BROWSER_ALLOW_DRM", "ALLOW_TRAY",
  ]

  /// Whether the launcher runs inside a nested X server of its own (`FIREJAIL_X11`).
  private let hasX11: Bool
  private let configuration: FirejailConfiguration

  package init(
    hasX11: Bool = false, _ configuration: FirejailConfiguration = FirejailConfiguration()
  ) {
    self.hasX11 = hasX11
    self.configuration = configuration
  }

  /// By what was read so far; nil for an unknown name. Those that depend on a directive which is
  /// still refused are false, because a policy that has it does not exist.
  func holds(_ name: String, in policy: Policy) -> Bool? {
    switch name {
    case "HAS_APPIMAGE": policy.appImage != nil
    case "BROWSER_DISABLE_U2F": configuration.disablesBrowserU2F
    case "BROWSER_ALLOW_DRM": configuration.allowsBrowserDRM
    case "ALLOW_TRAY": configuration.allowsTray
    case "HAS_NET": policy.files.has(.netNone)
    case "HAS_NODBUS": policy.buses.isRestricted
    case "HAS_NOSOUND": policy.files.has(.noSound)
    case "HAS_PRIVATE": policy.files.home != nil
    case "HAS_X11": hasX11 || policy.files.has(.x11None) || policy.display.server != nil
    default: Self.names.contains(name) ? false : nil
    }
  }
}
