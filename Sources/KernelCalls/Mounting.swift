internal import CKernel
internal import Glibc
package import KernelTypes

/// Mounts. Targets are descriptors, so what was checked is what is covered.
package enum Mounting {
  /// Stops mounts from travelling to the parent namespace: mount(2) with MS_PRIVATE on `/`.
  package static func makeAllPrivate() throws(SystemCallError) {
    try mountFileSystem("/", on: "/", flags: UInt(MS_PRIVATE | MS_REC), type: nil, data: nil)
  }

  /// mount(2) of a new tmpfs. `data` holds its options.
  package static func mountTemporary(
    on target: Path, data: String
  ) throws(SystemCallError) {
    let flags = UInt(MS_NOSUID | MS_NODEV)
    try mountFileSystem("tmpfs", on: target, flags: flags, type: "tmpfs", data: data)
  }

  /// mount(2) with MS_BIND: `source` appears at `target`, with the flags of its own mount.
  package static func bind(_ source: Path, on target: Path) throws(SystemCallError) {
    try unsafe source.withCString { (source) throws(SystemCallError) in
      try unsafe target.withCString { (target) throws(SystemCallError) in
        _ = try checkErrno("mount", "", Int(unsafe mount(source, target, nil, UInt(MS_BIND), nil)))
      }
    }
  }

  /// umount2(2) with MNT_DETACH.
  package static func detach(_ target: Path) throws(SystemCallError) {
    try unsafe target.withCString { (target) throws(SystemCallError) in
      _ = try checkErrno("umount2", "", Int(unsafe umount2(target, Int32(MNT_DETACH))))
    }
  }

  /// Sets and clears flags of all mounts at and below a path: a copy of the tree is changed and
  /// put in its place (`open_tree(2)`, `mount_setattr(2)`, `move_mount(2)`).
  package static func setFlags(
    of target: borrowing FileDescriptor, set: MountFlags, clear: MountFlags
  ) throws(SystemCallError) {
    let flags = UInt32(1 | O_CLOEXEC | 0x1000 | 0x8000)  // CLONE, CLOEXEC, EMPTY_PATH, RECURSIVE
    let tree = FileDescriptor(
      owning: Int32(
        try check("open_tree", "", unsafe ck_open_tree(target.number, "", flags))))
    try check(
      "mount_setattr", "",
      unsafe ck_mount_setattr(tree.number, "", 0x1000 | 0x8000, set.rawValue, clear.rawValue))
    // MOVE_MOUNT_F_EMPTY_PATH and MOVE_MOUNT_T_EMPTY_PATH: both sides are descriptors.
    try check(
      "move_mount", "", unsafe ck_move_mount(tree.number, "", target.number, "", 0x04 | 0x40))
  }

  /// Refuses a /proc that is not the kernel's (`statfs(2)`, PROC_SUPER_MAGIC).
  package static func checkIsProcess(_ handle: borrowing FileDescriptor) throws(SystemCallError) {
    guard try check("fstatfs", "/proc", ck_filesystem_type(handle.number)) == 0x9fa0 else {
      throw SystemCallError("fstatfs", .invalid, subject: "/proc, which is not the kernel's,")
    }
  }

  private static func mountFileSystem(
    _ source: String, on target: Path, flags: UInt, type: String?, data: String?
  ) throws(SystemCallError) {
    try unsafe target.withCString { (path) throws(SystemCallError) in
      let result = unsafe mount(source, path, type, flags, data)
      _ = try checkErrno("mount", "", Int(result))
    }
  }
}
