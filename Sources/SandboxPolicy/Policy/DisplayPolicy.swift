/// Where the program's windows go, where not to the present display.
package enum DisplayServer: String, Sendable {
  /// A server without a screen, and one in a window of the present display.
  case xvfb, xephyr
  /// The present one, by an untrusted cookie (`Xsecurity(7)`).
  case xorg
}

/// What was said about displays, but for `x11 none`.
package struct DisplayPolicy: Hashable, Sendable {
  package var server: Setting<DisplayServer>?
  /// WIDTHxHEIGHT.
  package var screen: Setting<String>?
  package var moreWords: Setting<[[UInt8]]>?
}
