/// Namespaces to make (`clone(2)`, CLONE_NEW*).
package struct Namespaces: OptionSet, Hashable, Sendable {
  package let rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }

  package static let mount = Namespaces(rawValue: 0x0002_0000)
  package static let hostName = Namespaces(rawValue: 0x0400_0000)
  package static let communication = Namespaces(rawValue: 0x0800_0000)
  package static let user = Namespaces(rawValue: 0x1000_0000)
  package static let process = Namespaces(rawValue: 0x2000_0000)
  package static let network = Namespaces(rawValue: 0x4000_0000)

  /// As profiles and /proc/PID/ns call them.
  package var names: [String] {
    [
      (Namespaces.user, "user"), (.mount, "mnt"), (.process, "pid"), (.hostName, "uts"),
      (.communication, "ipc"), (.network, "net"),
    ]
    .compactMap { contains($0.0) ? $0.1 : nil }
  }
}
