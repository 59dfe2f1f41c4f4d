internal import CKernel
package import KernelTypes

/// Landlock (`landlock(7)`): restrictions that a process puts on itself for good.
package enum Landlock {
  /// The version of this kernel's interface; 0 where it has none or it is switched off.
  package static func version() throws(SystemCallError) -> Int {
    let version = ck_landlock_ruleset(0, 0, 1)
    // ENOSYS: not built in; EOPNOTSUPP: not switched on.
    if version == -38 || version == -95 { return 0 }
    return try check("landlock_create_ruleset", "", version)
  }

  /// Refuses every change of files but beneath `writable`, and where asked for, to connect to an
  /// abstract socket of a process outside (version 6).
  package static func restrict(
    writable: [Path], scopesSockets: Bool
  ) throws(SystemCallError) {
    // Version 2 added moving between directories, version 3 truncating. Reading and running, and
    // what later versions added, is not handled, and so allowed.
    let version = try version()
    let known: UInt64 = version >= 3 ? 0x7fff : version == 2 ? 0x3fff : 0x1fff
    let handled = known & ~0b1101
    let ruleset = FileDescriptor(
      owning: Int32(
        try check(
          "landlock_create_ruleset", "", ck_landlock_ruleset(handled, scopesSockets ? 1 : 0, 0))))
    for path in writable {
      let place = try FileDescriptor.handle(on: path, .noSymbolicLinks)
      // A file knows writing and truncating only.
      let rights = try place.status().kind == .directory ? handled : handled & 0x4002
      try check(
        "landlock_add_rule", path.description,
        ck_landlock_allow(ruleset.number, rights, place.number))
    }
    try check("landlock_restrict_self", "", ck_landlock_restrict(ruleset.number))
  }
}
