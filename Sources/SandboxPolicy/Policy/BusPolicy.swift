package import KernelTypes

/// The two message buses of D-Bus.
package enum Bus: String, Sendable, CaseIterable {
  case user, system

  /// The variable that says where the bus is (`dbus-daemon(1)`).
  package var variable: String {
    self == .user ? "DBUS_SESSION_BUS_ADDRESS" : "DBUS_SYSTEM_BUS_ADDRESS"
  }
}

/// What was said about the message buses.
package struct BusPolicy: Hashable, Sendable {
  package enum Access: Hashable, Sendable {
    /// Through a proxy that lets pass what rules name (`xdg-dbus-proxy(1)`).
    case filtered
    case none
  }

  /// One rule of a filtered bus.
  package struct Rule: Hashable, Sendable {
    package enum Verb: String, Sendable, CaseIterable {
      case talk, own, see, call, broadcast
    }
    package let bus: Bus
    package let verb: Verb
    /// NAME, or NAME=RULE for `call` and `broadcast`.
    package let value: [UInt8]
    package let origin: Origin
  }

  /// A bus without an entry is open.
  package var access: [Bus: Setting<Access>] = [:]
  package var rules: [Rule] = []
  /// Buses of which the proxy writes down what passes.
  package var logged: [Bus: Origin] = [:]
  package var log: Setting<Path>?

  package var isRestricted: Bool { !access.isEmpty }

  /// Takes what a line says of a bus. A command line counts over a profile; else `none` stays, so
  /// that no later line opens a bus again.
  ///
  /// - Returns: whether it counts.
  mutating func choose(_ access: Access, for bus: Bus, _ origin: Origin) -> Bool {
    if let current = self.access[bus] {
      if current.origin.isCommandLine, !origin.isCommandLine { return true }
      if current.value == .none, access != .none { return false }
    }
    self.access[bus] = Setting(access, origin)
    return true
  }
}
