internal import CKernel
internal import Glibc
package import KernelTypes

/// An inaccessible directory and file that hide others.
///
/// They lie on one small file system of their own: read-only, so that their owner inside can't
/// change them; without child mounts, so that each bind takes the same short time. It is built
/// before it is attached, through descriptors alone.
package struct Covers: ~Copyable {
  private let directory: FileDescriptor
  private let file: FileDescriptor
  private let attachment: FileDescriptor
  private let isTemporary: Bool

  /// Attaches the file system to `place`, which it hides at once: until `detach` where that is
  /// meant to be temporary.
  package init(at place: Path, isTemporary: Bool) throws(SystemCallError) {
    let context = FileDescriptor(
      owning: Int32(try check("fsopen", "tmpfs", unsafe ck_fsopen("tmpfs"))))
    for (key, value) in [("mode", "000"), ("size", "16k"), ("nr_inodes", "8")] {
      try check("fsconfig", key, unsafe ck_fsconfig(context.number, 1, key, value))
    }
    // FSCONFIG_CMD_CREATE; then the mount with MOUNT_ATTR_RDONLY still off.
    try check("fsconfig", "create", ck_fsconfig(context.number, 6, nil, nil))
    let flags: MountFlags = [.noSetuid, .noDevices, .noExecute]
    let mount = FileDescriptor(
      owning: Int32(try check("fsmount", "", ck_fsmount(context.number, flags.rawValue))))

    try check("mkdirat", "", unsafe ck_mkdirat(mount.number, "directory", 0))
    _ = FileDescriptor(
      owning: Int32(
        try check(
          "openat", "", unsafe ck_openat(mount.number, "file", O_CREAT | O_EXCL | O_WRONLY, 0))))
    let directory = try Self.handle(mount, "directory")
    let file = try Self.handle(mount, "file")

    // FSCONFIG_SET_FLAG and FSCONFIG_CMD_RECONFIGURE: the file system itself, not just a mount,
    // so that no later change of mount flags makes it writable.
    try check("fsconfig", "ro", unsafe ck_fsconfig(context.number, 0, "ro", nil))
    try check("fsconfig", "reconfigure", ck_fsconfig(context.number, 7, nil, nil))
    let target = try FileDescriptor.handle(on: place, .noSymbolicLinks)
    try check(
      "move_mount", place.description,
      unsafe ck_move_mount(mount.number, "", target.number, "", 0x04 | 0x40))
    self.directory = directory
    self.file = file
    attachment = mount
    self.isTemporary = isTemporary
  }

  /// The name of the cover for a kind of file, to bind from.
  package func source(for kind: FileKind) -> Path {
    Path("/proc/self/fd/\(kind == .directory ? directory.number : file.number)")
  }

  /// Takes a temporary attachment off; what was bound from it stays.
  package func detach() throws(SystemCallError) {
    if isTemporary { try Mounting.detach(Path("/proc/self/fd/\(attachment.number)")) }
  }

  private static func handle(
    _ mount: borrowing FileDescriptor, _ name: String
  ) throws(SystemCallError) -> FileDescriptor {
    FileDescriptor(
      owning: Int32(try check("openat", name, unsafe ck_openat(mount.number, name, O_PATH, 0))))
  }
}
