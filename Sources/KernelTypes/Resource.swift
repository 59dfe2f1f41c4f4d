/// A limit of `setrlimit(2)` that profiles can set.
package enum Resource: String, Sendable, CaseIterable {
  case addressSpace = "as"
  case processorTime = "cpu"
  case fileSize = "fsize"
  case openFiles = "nofile"
  case processes = "nproc"
  case pendingSignals = "sigpending"

  /// The kernel's number, the same on x86 and Arm (`asm-generic/resource.h`).
  package var number: Int32 {
    switch self {
    case .processorTime: 0
    case .fileSize: 1
    case .processes: 6
    case .openFiles: 7
    case .addressSpace: 9
    case .pendingSignals: 11
    }
  }
}

/// What a path leads to, as far as mounting cares.
package enum FileKind: String, Hashable, Sendable {
  case directory, regular, other
}

/// Flags of a mount that a plan sets or clears (`mount_setattr(2)`, MOUNT_ATTR_*).
package struct MountFlags: OptionSet, Hashable, Sendable {
  package let rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }

  package static let readOnly = MountFlags(rawValue: 1)
  package static let noSetuid = MountFlags(rawValue: 2)
  package static let noDevices = MountFlags(rawValue: 4)
  package static let noExecute = MountFlags(rawValue: 8)

  package var names: [String] {
    [
      (MountFlags.readOnly, "ro"), (.noSetuid, "nosuid"), (.noDevices, "nodev"),
      (.noExecute, "noexec"),
    ]
    .compactMap { contains($0.0) ? $0.1 : nil }
  }
}
