internal import CKernel
internal import CGlibc
package import KernelTypes

/// Mounts. Targets are descriptors, so what was checked is what is covered.
package enum Mounting {
  /// Stops mounts from travelling to the parent namespace: mount(2) with MS_PRIVATE on `/`.
  package static func makeAllPrivate() throws(SystemCallError) {
    try mountFileSystem("/", on: "/", flags: UInt(MS_PRIVATE | MS_REC), type: nil, data: nil)
  }

  /// A new file system that is attached nowhere yet: fsopen(2), fsconfig(2), fsmount(2).
  package static func makeFileSystem(
    _ type: String, options: [(String, String)], flags: MountFlags
  ) throws(SystemCallError) -> FileDescriptor {
    let context = try FileSystemContext.make(type, options: options)
    return try context.mount(flags: flags)
  }

  /// Attaches a file system that was just made, or a tree that was cloned: move_mount(2), both
  /// sides being descriptors (MOVE_MOUNT_F_EMPTY_PATH, MOVE_MOUNT_T_EMPTY_PATH).
  package static func attach(
    _ mount: borrowing FileDescriptor, on target: borrowing FileDescriptor
  ) throws(SystemCallError) {
    try check(
      "move_mount", "", unsafe ck_move_mount(mount.number, "", target.number, "", 0x04 | 0x40))
  }

  /// mount(2) with MS_BIND and MS_REC: what lies at and below `source` appears at `target`.
  package static func bindTree(
    _ source: borrowing FileDescriptor, on target: borrowing FileDescriptor
  ) throws(SystemCallError) {
    try bind(source.link, on: target.link, flags: UInt(MS_BIND | MS_REC))
  }

  /// Sets flags of the one mount that a descriptor stands for the root of (mount_setattr(2)).
  package static func setFlags(
    ofMount mount: borrowing FileDescriptor, _ flags: MountFlags
  ) throws(SystemCallError) {
    try check(
      "mount_setattr", "", unsafe ck_mount_setattr(mount.number, "", 0x1000, flags.rawValue, 0))
  }

  /// mount(2) with MS_BIND: `source` appears at `target`, with the flags of its own mount.
  package static func bind(
    _ source: Path, on target: Path, flags: UInt = UInt(MS_BIND)
  ) throws(SystemCallError) {
    try unsafe source.withCString { (source) throws(SystemCallError) in
      try unsafe target.withCString { (target) throws(SystemCallError) in
        _ = try checkErrno("mount", "", Int(unsafe mount(source, target, nil, flags, nil)))
      }
    }
  }

  /// pivot_root(2) of a mount's root onto itself, and the old root off.
  package static func changeRoot(to root: borrowing FileDescriptor) throws(SystemCallError) {
    try checkErrno("fchdir", "", Int(fchdir(root.number)))
    try check("pivot_root", "", unsafe ck_pivot_root(".", "."))
    try detach(".")
    try Files.changeDirectory(to: "/")
  }

  /// umount2(2) with MNT_DETACH.
  package static func detach(_ target: Path) throws(SystemCallError) {
    try unsafe target.withCString { (target) throws(SystemCallError) in
      _ = try checkErrno("umount2", "", Int(unsafe umount2(target, Int32(MNT_DETACH))))
    }
  }

  /// A copy of the mounts at and below a path, attached nowhere yet (open_tree(2)).
  package static func cloneTree(
    _ source: borrowing FileDescriptor
  ) throws(SystemCallError) -> FileDescriptor {
    let flags = UInt32(1 | O_CLOEXEC | 0x1000 | 0x8000)  // CLONE, CLOEXEC, EMPTY_PATH, RECURSIVE
    return FileDescriptor(
      owning: Int32(
        try check("open_tree", "", unsafe ck_open_tree(source.number, "", flags))))
  }

  /// A mount of one directory of a mount, attached nowhere yet (open_tree(2)).
  package static func cloneDirectory(
    _ name: Path, in mount: borrowing FileDescriptor
  ) throws(SystemCallError) -> FileDescriptor {
    let number = try unsafe name.withCString { (text) throws(SystemCallError) in
      try check("open_tree", "", unsafe ck_open_tree(mount.number, text, UInt32(1 | O_CLOEXEC)))
    }
    return FileDescriptor(owning: Int32(number))
  }

  /// Sets and clears flags of all mounts at and below a path: a copy of the tree is changed and
  /// put in its place (`open_tree(2)`, `mount_setattr(2)`, `move_mount(2)`).
  package static func setFlags(
    of target: borrowing FileDescriptor, set: MountFlags, clear: MountFlags
  ) throws(SystemCallError) {
    let tree = try cloneTree(target)
    try check(
      "mount_setattr", "",
      unsafe ck_mount_setattr(tree.number, "", 0x1000 | 0x8000, set.rawValue, clear.rawValue))
    try attach(tree, on: target)
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

/// A file system in the making.
struct FileSystemContext: ~Copyable {
  private let context: FileDescriptor

  /// Made and configured, but attached nowhere.
  static func make(
    _ type: String, options: [(String, String)]
  ) throws(SystemCallError) -> FileSystemContext {
    let context = FileDescriptor(owning: Int32(try check("fsopen", type, unsafe ck_fsopen(type))))
    for (key, value) in options {
      // FSCONFIG_SET_STRING, or SET_FLAG for a word without a value.
      try check(
        "fsconfig", key,
        unsafe value.isEmpty
          ? ck_fsconfig(context.number, 0, key, nil) : ck_fsconfig(context.number, 1, key, value))
    }
    // FSCONFIG_CMD_CREATE.
    try check("fsconfig", type, ck_fsconfig(context.number, 6, nil, nil))
    return FileSystemContext(context: context)
  }

  private init(context: consuming FileDescriptor) { self.context = context }

  func mount(flags: MountFlags) throws(SystemCallError) -> FileDescriptor {
    FileDescriptor(
      owning: Int32(try check("fsmount", "", ck_fsmount(context.number, flags.rawValue))))
  }

  /// Makes the file system itself read-only, not just a mount: no later change of mount flags makes
  /// it writable (FSCONFIG_SET_FLAG, FSCONFIG_CMD_RECONFIGURE).
  func makeReadOnly() throws(SystemCallError) {
    try check("fsconfig", "ro", unsafe ck_fsconfig(context.number, 0, "ro", nil))
    try check("fsconfig", "reconfigure", ck_fsconfig(context.number, 7, nil, nil))
  }
}
