package import KernelTypes

/// Calls that fail without a capability, as far as their arguments tell (`capabilities(7)`).
package enum CapabilityNeeds {
  package static func capability(
    for call: String, _ arguments: [UInt64], address: SocketAddress?
  ) -> Capability? {
    if let name = always[call] { return Capability(named: name) }
    switch (call, address) {
    case ("socket", _):
      let family = arguments[0] & 0xffff_ffff
      let type = arguments[1] & 0xf
      return family == 17 || (type == 3 && [2, 10].contains(family))
        ? Capability(named: "net_raw") : nil
    case ("bind", .network(_, _, let port, _)?):
      return (1..<1024).contains(port) ? Capability(named: "net_bind_service") : nil
    case ("mknod", _): return isDevice(arguments[1]) ? Capability(named: "mknod") : nil
    case ("mknodat", _): return isDevice(arguments[2]) ? Capability(named: "mknod") : nil
    default: return nil
    }
  }

  /// S_IFCHR and S_IFBLK.
  private static func isDevice(_ mode: UInt64) -> Bool {
    [0o020000, 0o060000].contains(mode & 0o170000)
  }

  private static let always: [String: String] = [
    "chroot": "sys_chroot", "mount": "sys_admin", "umount2": "sys_admin", "pivot_root": "sys_admin",
    "sethostname": "sys_admin", "setdomainname": "sys_admin", "swapon": "sys_admin",
    "swapoff": "sys_admin", "fsopen": "sys_admin", "fsmount": "sys_admin",
    "move_mount": "sys_admin", "open_tree": "sys_admin", "mount_setattr": "sys_admin",
    "reboot": "sys_boot", "init_module": "sys_module",
    "finit_module": "sys_module", "delete_module": "sys_module", "settimeofday": "sys_time",
    "clock_settime": "sys_time", "iopl": "sys_rawio", "ioperm": "sys_rawio",
    "acct": "sys_pacct", "vhangup": "sys_tty_config", "setgroups": "setgid",
    "open_by_handle_at": "dac_read_search", "kexec_load": "sys_boot",
  ]

  /// The calls to look at for them.
  package static let calls: Set<String> = Set(always.keys).union([
    "socket", "bind", "mknod", "mknodat",
  ])
}
