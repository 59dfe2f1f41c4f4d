internal import CKernel
internal import CGlibc
internal import KernelTypes

/// Who the caller is.
package enum Identity {
  package static var uid: UInt32 { ck_uid() }
  package static var effectiveUid: UInt32 { ck_effective_uid() }
  package static var gid: UInt32 { ck_gid() }
  package static var effectiveGid: UInt32 { ck_effective_gid() }

  /// getauxval(3) AT_SECURE: the kernel gave this program more rights than its caller has.
  package static var hasGainedPrivileges: Bool { ck_is_privileged_start() != 0 }

  /// The supplementary groups: getgroups(2).
  package static func groups() throws(SystemCallError) -> [UInt32] {
    let count = try checkErrno("getgroups", "", Int(getgroups(0, nil)))
    var groups = [gid_t](repeating: 0, count: count)
    let found = try checkErrno("getgroups", "", Int(unsafe getgroups(Int32(count), &groups)))
    return Array(groups.prefix(found))
  }

  /// Maps one user and one group of the parent namespace onto themselves. setgroups is denied
  /// first, as the kernel demands (`user_namespaces(7)`).
  package static func mapOnto(uid: UInt32, gid: UInt32) throws(SystemCallError) {
    try write("deny", to: "/proc/self/setgroups")
    try write("\(uid) \(uid) 1", to: "/proc/self/uid_map")
    try write("\(gid) \(gid) 1", to: "/proc/self/gid_map")
  }

  private static func write(_ text: String, to path: Path) throws(SystemCallError) {
    let file = try FileDescriptor.open(path, O_WRONLY)
    do throws(SystemCallError) {
      try file.writeAll(Array(text.utf8))
    } catch {
      throw SystemCallError(error.call, error.errno, subject: path.description)
    }
  }
}
