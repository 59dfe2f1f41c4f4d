internal import CLibcap
internal import CKernel
internal import CGlibc
package import KernelTypes

/// Capability sets of this process, by libcap.
package enum Capabilities {
  /// Takes every capability but `kept` out of the bounding set (`prctl(2)`, PR_CAPBSET_DROP). libcap
  /// would ask for each whether it is there.
  package static func limitBoundingSet(to kept: [Capability]) throws(SystemCallError) {
    var number: Int32 = 0
    while true {
      let isKept = kept.contains(Capability(number: number))
      let result = ck_prctl(isKept ? PR_CAPBSET_READ : PR_CAPBSET_DROP, UInt(number), 0, 0, 0)
      // The first number that this kernel does not have; each has those up to Linux 3.16's.
      if result == -Int(EINVAL), number > Capability.lastOfAll { return }
      try check(isKept ? "PR_CAPBSET_READ" : "PR_CAPBSET_DROP", "", result)
      number += 1
    }
  }

  /// Sets permitted and effective to those of `kept` that are permitted now, inheritable and ambient
  /// to nothing.
  package static func set(to kept: [Capability]) throws(SystemCallError) {
    try check(
      "PR_CAP_AMBIENT", "", ck_prctl(PR_CAP_AMBIENT, UInt(PR_CAP_AMBIENT_CLEAR_ALL), 0, 0, 0))
    guard let state = unsafe cap_init() else { throw SystemCallError("cap_init", lastErrno()) }
    defer { unsafe _ = cap_free(UnsafeMutableRawPointer(state)) }
    for capability in kept where try has(capability, CAP_PERMITTED) {
      var values = [cap_value_t(capability.number)]
      for flag in [CAP_PERMITTED, CAP_EFFECTIVE] {
        try checkErrno(
          "cap_set_flag", "", Int(unsafe cap_set_flag(state, flag, 1, &values, CAP_SET)))
      }
    }
    try checkErrno("cap_set_proc", "", Int(unsafe cap_set_proc(state)))
  }

  /// Whether the effective set holds a capability.
  package static func has(_ capability: Capability) throws(SystemCallError) -> Bool {
    try has(capability, CAP_EFFECTIVE)
  }

  private static func has(
    _ capability: Capability, _ set: cap_flag_t
  ) throws(SystemCallError) -> Bool {
    guard let state = unsafe cap_get_proc() else {
      throw SystemCallError("cap_get_proc", lastErrno())
    }
    defer { unsafe _ = cap_free(UnsafeMutableRawPointer(state)) }
    var value = CAP_CLEAR
    try checkErrno(
      "cap_get_flag", "",
      Int(unsafe cap_get_flag(state, cap_value_t(capability.number), set, &value)))
    return value == CAP_SET
  }
}
