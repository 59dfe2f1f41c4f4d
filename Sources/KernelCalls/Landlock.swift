internal import CKernel
package import KernelTypes

/// Landlock (`landlock(7)`): restrictions that a process puts on itself for good. Each is a layer:
/// what one of them refuses, no other allows.
package enum Landlock {
  /// The version of this kernel's interface; 0 where it has none or it is switched off.
  package static func version() throws(SystemCallError) -> Int {
    let version = ck_landlock_ruleset(0, 0, 1)
    // ENOSYS: not built in; EOPNOTSUPP: not switched on.
    if version == -38 || version == -95 { return 0 }
    return try check("landlock_create_ruleset", "", version)
  }

  /// Of `rights`, refuses all that no rule allows; and where asked for, to connect to an abstract
  /// socket of a process outside (version 6). Rights that this version does not know are not
  /// handled, and so allowed: version 2 added moving between directories, version 3 truncating.
  package static func restrict(
    _ rights: FileRights, but rules: [FileRule], scopesSockets: Bool
  ) throws(SystemCallError) {
    let version = try version()
    let known: UInt64 = version >= 3 ? 0x7fff : version == 2 ? 0x3fff : 0x1fff
    let handled = known & rights.rawValue
    let ruleset = FileDescriptor(
      owning: Int32(
        try check(
          "landlock_create_ruleset", "", ck_landlock_ruleset(handled, scopesSockets ? 1 : 0, 0))))
    for rule in rules {
      let place = try FileDescriptor.handle(on: rule.path, .noSymbolicLinks)
      var allowed = handled & rule.rights.rawValue
      guard allowed != 0 else { continue }
      var result = ck_landlock_allow(ruleset.number, allowed, place.number)
      // EINVAL: rights of directories, and this is none.
      if result == -22 {
        allowed &= FileRights.ofFiles.rawValue
        guard allowed != 0 else { continue }
        result = ck_landlock_allow(ruleset.number, allowed, place.number)
      }
      try check("landlock_add_rule", rule.path.description, result)
    }
    try check("landlock_restrict_self", "", ck_landlock_restrict(ruleset.number))
  }
}
