internal import CKernel
internal import CGlibc
package import KernelTypes

/// Files by their names.
package enum Files {
  /// readlink(2).
  package static func readLink(_ path: Path) throws(SystemCallError) -> Path {
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = try unsafe path.withCString { (text) throws(SystemCallError) in
      let size = buffer.count
      let count = unsafe buffer.withUnsafeMutableBytes { bytes in
        unsafe ck_readlink(text, bytes.baseAddress, size)
      }
      return try check("readlink", path.description, count)
    }
    return Path(buffer[..<count])
  }

  /// What a process runs (`proc_pid_exe(5)`), as its own view names it; nil where it can't be told.
  package static func executable(of process: Int32) -> Path? {
    do throws(SystemCallError) {
      return try readLink(Path("/proc/\(process)/exe"))
    } catch { return nil }
  }

  /// The names in a directory, without `.` and `..`.
  package static func entries(of directory: Path) throws(SystemCallError) -> [[UInt8]] {
    try unsafe directory.withCString { (text) throws(SystemCallError) -> [[UInt8]] in
      guard let stream = unsafe opendir(text) else {
        throw SystemCallError("opendir", lastErrno(), subject: directory.description)
      }
      defer { unsafe _ = closedir(stream) }
      var names: [[UInt8]] = []
      while true {
        var name: UnsafePointer<CChar>?
        try unsafe check(
          "readdir", directory.description, ck_next_entry(UnsafeMutableRawPointer(stream), &name))
        guard let name = unsafe name else { break }
        let bytes = unsafe UnsafeBufferPointer(start: name, count: strlen(name))
        let entry = unsafe bytes.map { UInt8(bitPattern: $0) }
        if entry != [46], entry != [46, 46] { names.append(entry) }
      }
      return names
    }
  }

  /// What access(2) asks for: executing a file or searching a directory, or listing one.
  package enum Right: Sendable {
    case search, list
  }

  /// access(2) for the effective user.
  package static func permits(_ right: Right, on path: Path) throws(SystemCallError) -> Bool {
    try unsafe path.withCString { (text) throws(SystemCallError) in
      let mode = right == .search ? X_OK : R_OK
      if unsafe faccessat(AT_FDCWD, text, mode, AT_EACCESS) == 0 { return true }
      guard lastErrno() == .accessDenied else {
        throw SystemCallError("faccessat", lastErrno(), subject: path.description)
      }
      return false
    }
  }

  /// getcwd(3); nil where the directory was removed or is out of reach.
  package static func workingDirectory() -> Path? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    guard unsafe getcwd(&buffer, buffer.count) != nil else { return nil }
    let path = Path(buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) })
    return path.isAbsolute ? path : nil
  }

  /// chdir(2).
  package static func changeDirectory(to path: Path) throws(SystemCallError) {
    try unsafe path.withCString { (text) throws(SystemCallError) in
      _ = try checkErrno("chdir", path.description, Int(unsafe chdir(text)))
    }
  }

  /// What `lookUp` tells of a path.
  package enum LookUp {
    case found(FileStatus)
    case missing
    case link
    /// There is no right to see it, say.
    case unclear
  }

  /// lstat(2). What is missing is no error, because most of what profiles name is.
  package static func lookUp(_ path: Path) throws(SystemCallError) -> LookUp {
    try lookUp(path, from: AT_FDCWD)
  }

  fileprivate static func lookUp(
    _ path: Path, from directory: Int32
  ) throws(SystemCallError) -> LookUp {
    try unsafe path.withCString { (text) throws(SystemCallError) in
      var status = stat()
      guard unsafe fstatat(directory, text, &status, AT_SYMLINK_NOFOLLOW) != 0 else {
        let status = FileStatus(status)
        return status.isLink ? .link : .found(status)
      }
      switch lastErrno() {
      case .noEntry, .notDirectory: return .missing
      case .accessDenied, .loop, .nameTooLong: return .unclear
      case let errno: throw SystemCallError("lstat", errno, subject: path.description)
      }
    }
  }

  /// Whether there is anything at a path, a link included (`lstat(2)`).
  package static func exists(_ path: Path) throws(SystemCallError) -> Bool {
    do throws(SystemCallError) {
      _ = try FileDescriptor.handle(on: path, [], followsLast: false)
      return true
    } catch {
      guard error.errno == .noEntry else { throw error }
      return false
    }
  }

  /// rename(2), where the first is there.
  package static func rename(_ path: Path, to other: Path) throws(SystemCallError) {
    try unsafe path.withCString { (text) throws(SystemCallError) in
      try unsafe other.withCString { (target) throws(SystemCallError) in
        if unsafe CGlibc.rename(text, target) == 0 { return }
        guard ck_errno() == ENOENT else {
          throw SystemCallError("rename", lastErrno(), subject: path.description)
        }
      }
    }
  }

  /// rmdir(2).
  ///
  /// - Returns: false where it is not empty or gone already.
  package static func removeDirectory(_ path: Path) throws(SystemCallError) -> Bool {
    try unsafe path.withCString { (text) throws(SystemCallError) in
      if unsafe rmdir(text) == 0 { return true }
      guard [ENOENT, ENOTEMPTY, EEXIST, EBUSY].contains(ck_errno()) else {
        throw SystemCallError("rmdir", lastErrno(), subject: path.description)
      }
      return false
    }
  }

  /// Removes a directory with all that is in it; through no link and into no other file system.
  package static func removeTree(_ path: Path) throws(SystemCallError) {
    let parent = try FileDescriptor.handle(on: path.parent, .noSymbolicLinks)
    try removeTree(Path(path.lastComponent), in: parent)
  }

  private static func removeTree(
    _ name: Path, in parent: borrowing FileDescriptor
  ) throws(SystemCallError) {
    if try parent.remove(name) { return }
    let directory = try parent.handle(below: name, .beneathInOneMount)
    for entry in try entries(of: directory.link) { try removeTree(Path(entry), in: directory) }
    guard try parent.remove(name) else {
      throw SystemCallError("unlinkat", .inUse, subject: name.description)
    }
  }

  /// Makes a directory and those above it that are missing; through no link.
  package static func makeOwnDirectories(
    _ path: Path, mode: UInt32 = 0o700
  ) throws(SystemCallError) {
    guard path.bytes.count > 1 else { return }
    switch try FileDescriptor.lookUp(path.parent) {
    case .found(let parent): try makeOwnDirectory(path, in: parent, mode: mode)
    case .link: throw SystemCallError("mkdirat", .loop, subject: path.description)
    case .missing:
      try makeOwnDirectories(path.parent, mode: mode)
      let parent = try FileDescriptor.directoryHandle(on: path.parent)
      try makeOwnDirectory(path, in: parent, mode: mode)
    }
  }

  private static func makeOwnDirectory(
    _ path: Path, in parent: borrowing FileDescriptor, mode: UInt32
  ) throws(SystemCallError) {
    let name = Path(path.lastComponent)
    if try parent.makeDirectory(name, mode: mode) { return }
    guard try parent.handle(below: name, .beneath).status().kind == .directory else {
      throw SystemCallError("mkdirat", .notDirectory, subject: path.description)
    }
  }

  /// Makes an empty file with mode 0600 where it is missing; through no link.
  package static func makeOwnFile(_ path: Path) throws(SystemCallError) {
    try makeOwnDirectories(path.parent)
    let directory = try FileDescriptor.handle(on: path.parent, .noSymbolicLinks)
    _ = try directory.makeFile(Path(path.lastComponent), mode: 0o600)
  }

  /// Whether a file carries capabilities (`capabilities(7)`, "File capabilities").
  package static func hasCapabilities(_ path: Path) throws(SystemCallError) -> Bool {
    try unsafe path.withCString { (text) throws(SystemCallError) in
      unsafe ck_has_capabilities(text) != 0
    }
  }
}

extension FileDescriptor {
  /// The same for a name in this directory.
  package func lookUp(_ name: Path) throws(SystemCallError) -> Files.LookUp {
    try Files.lookUp(name, from: number)
  }
}
