internal import CKernel
internal import CGlibc
package import KernelTypes

/// What this kernel and its container let this process do, found out in children that do it.
package enum KernelFeatures {
  /// Whether the kernel knows an action of a filter (SECCOMP_GET_ACTION_AVAIL).
  package static func knows(_ action: FilterAction) -> Bool {
    ck_seccomp_knows(action.returnValue & 0xffff_0000) == 0
  }

  /// Makes namespaces; with a user namespace among them, the caller is mapped into it.
  package static func tryNamespaces(
    _ namespaces: Namespaces, uid: UInt32, gid: UInt32
  ) throws(SystemCallError) -> SystemCallError? {
    try attempt { () throws(SystemCallError) in try enter(namespaces, uid, gid) }
  }

  /// Mounts a /proc for a pid namespace of its own.
  package static func tryProcess(
    uid: UInt32, gid: UInt32
  ) throws(SystemCallError) -> SystemCallError? {
    try attempt { () throws(SystemCallError) in
      try enter([.user, .mount, .process], uid, gid)
      // Its first process.
      let failure = try attempt { () throws(SystemCallError) in
        _ = try Mounting.makeFileSystem("proc", options: [], flags: [])
      }
      if let failure { throw failure }
    }
  }

  /// Mounts an overlay of temporary directories.
  package static func tryOverlay(
    uid: UInt32, gid: UInt32
  ) throws(SystemCallError) -> SystemCallError? {
    try attempt { () throws(SystemCallError) in
      try enter([.user, .mount], uid, gid)
      try Mounting.makeAllPrivate()
      let scratch = try Mounting.makeFileSystem("tmpfs", options: [], flags: [])
      try Mounting.attach(scratch, on: try FileDescriptor.handle(on: "/tmp", .noSymbolicLinks))
      for name in ["lower", "upper", "work"] {
        try check(
          "mkdir", "",
          unsafe Path("/tmp/" + name).withCString { (text) in
            unsafe ck_mkdirat(AT_FDCWD, text, 0o700)
          })
      }
      _ = try Mounting.makeFileSystem(
        "overlay",
        options: [
          ("lowerdir", "/tmp/lower"), ("upperdir", "/tmp/upper"), ("workdir", "/tmp/work"),
        ],
        flags: [])
    }
  }

  private static func enter(
    _ namespaces: Namespaces, _ uid: UInt32, _ gid: UInt32
  ) throws(SystemCallError) {
    try Processes.unshare(namespaces)
    if namespaces.contains(.user) { try Identity.mapOnto(uid: uid, gid: gid) }
  }

  /// In a child; what failed there, or nil.
  private static func attempt(
    _ body: () throws(SystemCallError) -> Void
  ) throws(SystemCallError) -> SystemCallError? {
    guard let child = try Processes.fork() else {
      do throws(SystemCallError) { try body() } catch { Processes.exit(error.errno.code) }
      Processes.exit(0)
    }
    let status = try Processes.wait(for: child)?.status ?? 0
    switch Processes.ending(status) {
    case .exited(0)?: return nil
    case .exited(let code)?: return SystemCallError("the attempt", Errno(code))
    default: return SystemCallError("the attempt", .notPermitted)
    }
  }
}
