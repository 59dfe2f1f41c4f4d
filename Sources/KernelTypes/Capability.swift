/// A capability of the kernel (`capabilities(7)`) by its number.
package struct Capability: Hashable, Sendable, Comparable {
  package let number: Int32

  package init(number: Int32) { self.number = number }

  /// The capability called `name`, in lower case and without `cap_`.
  package init?(named name: String) {
    guard let number = Self.names.firstIndex(of: name) else { return nil }
    self.number = Int32(number)
  }

  package var name: String { Self.names[Int(number)] }

  /// As C has it: `CAP_CHOWN`.
  package var constant: String { "CAP_" + name.uppercased() }

  package static func < (left: Self, right: Self) -> Bool { left.number < right.number }

  /// The last number that each kernel of today has: audit_read, since Linux 3.16.
  package static let lastOfAll: Int32 = 37

  package static let all: [Capability] = names.indices.map { Capability(number: Int32($0)) }

  /// The names in a mask, as `/proc/PID/status` has it.
  package static func names(in mask: UInt64) -> [String] {
    all.filter { mask >> UInt64($0.number) & 1 != 0 }.map { $0.name }
  }

  /// By number, from `linux/capability.h`.
  package static let names = [
    "chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid",
    "setpcap", "linux_immutable", "net_bind_service", "net_broadcast", "net_admin", "net_raw",
    "ipc_lock", "ipc_owner", "sys_module", "sys_rawio", "sys_chroot", "sys_ptrace", "sys_pacct",
    "sys_admin", "sys_boot", "sys_nice", "sys_resource", "sys_time", "sys_tty_config", "mknod",
    "lease", "audit_write", "audit_control", "setfcap", "mac_override", "mac_admin", "syslog",
    "wake_alarm", "block_suspend", "audit_read", "perfmon", "bpf", "checkpoint_restore",
  ]
}
