internal import CKernel
internal import CGlibc
package import KernelTypes

func lastErrno() -> Errno { Errno(ck_errno()) }

extension Path {
  /// Calls with the path as C text. A NUL inside would cut it, so such a path is refused.
  func withCString<Result>(
    _ body: (UnsafePointer<CChar>) throws(SystemCallError) -> Result
  ) throws(SystemCallError) -> Result {
    guard !bytes.contains(0) else { throw SystemCallError("path", .invalid, subject: description) }
    let text = UnsafeMutableRawPointer.allocate(byteCount: bytes.count + 1, alignment: 1)
    defer { unsafe text.deallocate() }
    unsafe bytes.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { return }
      unsafe text.copyMemory(from: start, byteCount: bytes.count)
    }
    unsafe text.storeBytes(of: 0, toByteOffset: bytes.count, as: UInt8.self)
    return try unsafe body(text.assumingMemoryBound(to: CChar.self))
  }
}

/// How a path is resolved (`openat2(2)`, RESOLVE_*).
package struct Resolution: OptionSet, Sendable {
  package let rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }

  package static let noMagicLinks = Resolution(rawValue: 0x02)
  package static let noSymbolicLinks = Resolution(rawValue: 0x04)
  /// Never out of the directory that it starts from, and through no link.
  package static let beneath = Resolution(rawValue: 0x04 | 0x08)
  /// The same, and into no other mount.
  package static let beneathInOneMount = Resolution(rawValue: 0x01 | 0x04 | 0x08)
  /// As if it were the root directory, and through no link of /proc.
  package static let inRoot = Resolution(rawValue: 0x02 | 0x10)
}

@usableFromInline func closeOwned(_ number: Int32) { _ = CGlibc.close(number) }

/// An open descriptor that closes itself.
@usableFromInline package struct FileDescriptor: ~Copyable {
  /// In the place of a number that was given up.
  @usableFromInline static let none: Int32 = -1

  @usableFromInline package private(set) var number: Int32

  /// Takes over an open descriptor.
  package init(owning number: Int32) { self.number = number }

  // Embedded Swift needs its body where a descriptor is dropped, in other modules too.
  @inlinable deinit { if number != Self.none { closeOwned(number) } }

  /// open(2), close-on-exec; openat2(2) where the path is to be resolved otherwise.
  package static func open(
    _ path: Path, _ flags: Int32, mode: UInt32 = 0, _ resolution: Resolution = []
  ) throws(SystemCallError) -> FileDescriptor {
    let number = try unsafe path.withCString { (text) throws(SystemCallError) in
      try check(
        "open", path.description,
        unsafe ck_openat2(
          AT_FDCWD, text, UInt64(flags | O_CLOEXEC), UInt64(mode), resolution.rawValue))
    }
    return FileDescriptor(owning: Int32(number))
  }

  /// open(2) that neither waits for the other side of a pipe nor takes over a terminal.
  package static func openForReading(_ path: Path) throws(SystemCallError) -> FileDescriptor {
    try open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY)
  }

  /// open(2) of a directory that is no link, to be locked.
  package static func openDirectory(_ path: Path) throws(SystemCallError) -> FileDescriptor {
    try open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
  }

  /// Opens a regular file among those of a sandbox: through no link of /proc, which could lead to what
  /// this process has open; not waiting for the other side of a pipe.
  package static func openForReading(inView path: Path) throws(SystemCallError) -> FileDescriptor {
    try open(inView: path, O_RDONLY)
  }

  /// The same to replace it, made with mode 0600 if missing.
  package static func openForReplacing(
    inView path: Path
  ) throws(SystemCallError) -> FileDescriptor {
    let file = try open(inView: path, O_WRONLY | O_CREAT | O_NOFOLLOW, mode: 0o600)
    try checkErrno("ftruncate", path.description, Int(ftruncate(file.number, 0)))
    return file
  }

  private static func open(
    inView path: Path, _ flags: Int32, mode: UInt32 = 0
  ) throws(SystemCallError) -> FileDescriptor {
    let file = try open(path, flags | O_NONBLOCK | O_NOCTTY, mode: mode, .noMagicLinks)
    guard try file.status().kind == .regular else {
      throw SystemCallError("open", .invalid, subject: "\(path), which is no regular file,")
    }
    return file
  }

  /// open(2) of a file in this directory to replace, made with mode 0600 if missing.
  package func openForReplacing(name: Path) throws(SystemCallError) -> FileDescriptor {
    let number = try unsafe name.withCString { (text) throws(SystemCallError) in
      try check(
        "openat", name.description,
        unsafe ck_openat(
          self.number, text, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC, 0o600
        ))
    }
    return FileDescriptor(owning: Int32(number))
  }

  /// dup2(2): the same open file under a number that a program can be told, and not closed by its
  /// start.
  package consuming func moved(to target: Int32) throws(SystemCallError) {
    if number != target { return try duplicate(to: target) }
    try check("fcntl", "", ck_fcntl(released(), F_SETFD, 0))
  }

  /// dup2(2), of which both numbers stay.
  package func duplicate(to target: Int32) throws(SystemCallError) {
    try checkErrno("dup2", "", Int(dup2(number, target)))
  }

  /// fchdir(2): this directory becomes the working directory.
  package func enter() throws(SystemCallError) {
    try checkErrno("fchdir", "", Int(fchdir(number)))
  }

  /// fchmod(2).
  package func setMode(_ mode: UInt32) throws(SystemCallError) {
    try checkErrno("fchmod", "", Int(fchmod(number, mode)))
  }

  package enum Lock: Sendable {
    case shared, exclusive
  }

  /// flock(2): waits for a shared lock, and tries to get an exclusive one.
  ///
  /// - Returns: whether it is held.
  @discardableResult
  package func lock(_ lock: Lock) throws(SystemCallError) -> Bool {
    let operation = lock == .shared ? LOCK_SH : LOCK_EX | LOCK_NB
    while true {
      let result = ck_flock(number, operation)
      if result == -Int(EAGAIN) { return false }
      if result == -Int(EINTR) { continue }
      try check("flock", "", result)
      return true
    }
  }

  /// open(2) of a file to replace, made with `mode` if missing; a symbolic link is refused.
  package static func openForReplacing(
    _ path: Path, mode: UInt32 = 0o600
  ) throws(SystemCallError) -> FileDescriptor {
    try open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NOCTTY, mode: mode)
  }

  /// memfd_create(2) of a file that stays open when another program starts.
  package static func inMemory(_ name: String) throws(SystemCallError) -> FileDescriptor {
    FileDescriptor(
      owning: Int32(try checkErrno("memfd_create", "", Int(unsafe memfd_create(name, 0)))))
  }

  /// memfd_create(2) of a file that nobody can change any more (`F_ADD_SEALS` of fcntl(2)).
  package static func sealed(_ name: String, _ bytes: [UInt8]) throws(SystemCallError) -> Self {
    // MFD_CLOEXEC and MFD_ALLOW_SEALING; F_ADD_SEALS with SEAL, SHRINK, GROW and WRITE.
    let file = FileDescriptor(
      owning: Int32(try checkErrno("memfd_create", "", Int(unsafe memfd_create(name, 3)))))
    try file.writeAll(bytes)
    try check("fcntl", "seals", ck_fcntl(file.number, 1033, 0xf))
    return file
  }

  /// Whether it is such a file (`F_GET_SEALS`).
  package var isSealed: Bool { ck_fcntl(number, 1034, 0) == 0xf }

  /// openat2(2) with O_PATH: a handle on what a path leads to.
  package static func handle(
    on path: Path, _ resolution: Resolution, followsLast: Bool = true
  ) throws(SystemCallError) -> FileDescriptor {
    try handle(on: path, O_PATH | O_CLOEXEC | (followsLast ? 0 : O_NOFOLLOW), resolution)
  }

  /// The same for a directory, by a way without links.
  package static func directoryHandle(on path: Path) throws(SystemCallError) -> FileDescriptor {
    try handle(on: path, O_PATH | O_CLOEXEC | O_DIRECTORY, .noSymbolicLinks)
  }

  private static func handle(
    on path: Path, _ flags: Int32, _ resolution: Resolution
  ) throws(SystemCallError) -> FileDescriptor {
    let number = try unsafe path.withCString { (text) throws(SystemCallError) in
      try check(
        "openat2", path.description,
        unsafe ck_openat2(AT_FDCWD, text, UInt64(flags), 0, resolution.rawValue))
    }
    return FileDescriptor(owning: Int32(number))
  }

  /// openat2(2) with O_PATH of a path relative to this directory.
  package func handle(
    below path: Path, _ resolution: Resolution, followsLast: Bool = true
  ) throws(SystemCallError) -> FileDescriptor {
    try open(below: path, O_PATH | (followsLast ? 0 : O_NOFOLLOW), resolution)
  }

  /// openat2(2) of a file below this directory, to be read.
  package func openForReading(below path: Path) throws(SystemCallError) -> FileDescriptor {
    try open(below: path, O_RDONLY | O_NONBLOCK | O_NOCTTY, .beneath)
  }

  private func open(
    below path: Path, _ flags: Int32, _ resolution: Resolution
  ) throws(SystemCallError) -> FileDescriptor {
    let number = try unsafe path.withCString { (text) throws(SystemCallError) -> Int in
      var attempts = 0
      while true {
        let number = unsafe ck_openat2(
          self.number, text, UInt64(flags | O_CLOEXEC), 0, resolution.rawValue)
        // A rename or mount anywhere, while a ".." was on the way: openat2(2) wants it tried again.
        attempts += 1
        if number == -Int(EAGAIN), attempts < 10_000 { continue }
        return try check("openat2", path.description, number)
      }
    }
    return FileDescriptor(owning: Int32(number))
  }

  /// unlinkat(2) of one name in this directory: a file, or a directory that is empty.
  ///
  /// - Returns: false for a directory that holds something.
  package func remove(_ name: Path) throws(SystemCallError) -> Bool {
    try unsafe name.withCString { (text) throws(SystemCallError) in
      if unsafe unlinkat(number, text, 0) == 0 { return true }
      guard lastErrno() == .isDirectory else {
        throw SystemCallError("unlinkat", lastErrno(), subject: name.description)
      }
      if unsafe unlinkat(number, text, Int32(AT_REMOVEDIR)) == 0 { return true }
      guard lastErrno() == .notEmpty || lastErrno() == .exists else {
        throw SystemCallError("unlinkat", lastErrno(), subject: name.description)
      }
      return false
    }
  }

  /// mkdirat(2) for one name in this directory.
  ///
  /// - Returns: whether it was missing.
  @discardableResult
  package func makeDirectory(
    _ name: Path, mode: UInt32
  ) throws(SystemCallError) -> Bool {
    try unsafe name.withCString { (text) throws(SystemCallError) in
      let result = unsafe ck_mkdirat(number, text, mode)
      if result == -Int(EEXIST) { return false }
      try check("mkdirat", name.description, result)
      return true
    }
  }

  /// symlinkat(2) for one name in this directory; one that exists stays.
  package func makeLink(_ name: Path, to target: Path) throws(SystemCallError) {
    try unsafe name.withCString { (name) throws(SystemCallError) in
      try unsafe target.withCString { (target) throws(SystemCallError) in
        if unsafe symlinkat(target, number, name) == 0 { return }
        guard lastErrno() == .exists else { throw SystemCallError("symlinkat", lastErrno()) }
      }
    }
  }

  /// openat(2) of a new file in this directory, to be written; nil where the name exists.
  package func makeFile(
    _ name: Path, mode: UInt32
  ) throws(SystemCallError) -> FileDescriptor? {
    let number = try unsafe name.withCString { (text) throws(SystemCallError) -> Int? in
      let result = unsafe ck_openat(
        self.number, text, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, mode)
      if result == -Int(EEXIST) { return nil }
      return try check("openat", name.description, result)
    }
    return number.map { FileDescriptor(owning: Int32($0)) }
  }

  /// close(2) now.
  package consuming func close() throws(SystemCallError) {
    let number = number
    self.number = Self.none
    try checkErrno("close", "", Int(CGlibc.close(number)))
  }

  /// The name by which the kernel knows what is open: /proc must be the kernel's.
  package var link: Path { Path(Self.linkStart + String(number).utf8) }

  private static let linkStart = Array("/proc/self/fd/".utf8)

  /// What a look-up found that follows no link.
  package enum LookUp: ~Copyable {
    case found(FileDescriptor)
    /// A link is on the way.
    case link
    case missing
  }

  /// openat2(2) with O_PATH and without following any link. What is missing is no error, because most
  /// of what profiles name is.
  package static func lookUp(_ path: Path) throws(SystemCallError) -> LookUp {
    let number = try unsafe path.withCString { (text) throws(SystemCallError) -> Int in
      unsafe ck_openat2(
        AT_FDCWD, text, UInt64(O_PATH | O_CLOEXEC), 0, Resolution.noSymbolicLinks.rawValue)
    }
    switch number {
    case -Int(ELOOP): return .link
    case -Int(ENOENT), -Int(ENOTDIR): return .missing
    default:
      return .found(
        FileDescriptor(owning: Int32(try check("openat2", path.description, number))))
    }
  }

  /// As `openForReading`; nil where there is no such file.
  package static func openIfThere(_ path: Path) throws(SystemCallError) -> FileDescriptor? {
    let number = try unsafe path.withCString { (text) throws(SystemCallError) -> Int in
      unsafe ck_openat2(
        AT_FDCWD, text, UInt64(O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), 0, 0)
    }
    if number == -Int(ENOENT) || number == -Int(ENOTDIR) { return nil }
    return FileDescriptor(owning: Int32(try check("openat2", path.description, number)))
  }

  /// Gives the descriptor up without closing it.
  @discardableResult
  package consuming func released() -> Int32 {
    let number = number
    self.number = Self.none
    return number
  }

  /// fstat(2).
  package func status() throws(SystemCallError) -> FileStatus { try Self.status(of: number) }

  /// Whether this kernel stamps what changes here with its own clock (`linux/magic.h`: ext2 to ext4, XFS,
  /// Btrfs, F2FS, tmpfs), rather than a server or a program with another one.
  package func isStampedHere() throws(SystemCallError) -> Bool {
    let local = [0xef53, 0x5846_5342, 0x9123_683e, 0xf2f5_2010, 0x0102_1994]
    return local.contains(try check("fstatfs", "", ck_filesystem_type(number)))
  }

  /// fstat(2) of a descriptor that is not ours to close.
  package static func status(of number: Int32) throws(SystemCallError) -> FileStatus {
    var status = stat()
    try checkErrno("fstat", "", Int(unsafe fstat(number, &status)))
    return FileStatus(status)
  }

  /// read(2) until the end, or until `limit` bytes.
  package func readAll(limit: Int = .max) throws(SystemCallError) -> [UInt8] {
    var bytes: [UInt8] = []
    // Most files are short, and fresh memory is not free.
    var buffer = [UInt8](repeating: 0, count: 4096)
    while bytes.count < limit {
      let count = try read(into: &buffer, upTo: limit - bytes.count)
      if count == 0 { break }
      bytes += buffer[..<count]
      if count == buffer.count, count < Self.readSize {
        buffer = [UInt8](repeating: 0, count: 4 * count)
      }
    }
    return bytes
  }

  /// read(2) of what is there, at most 64 KiB; empty at the end.
  package func read() throws(SystemCallError) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: Self.readSize)
    let count = try read(into: &buffer, upTo: buffer.count)
    return Array(buffer[..<count])
  }

  private static let readSize = 64 * 1024

  private func read(
    into buffer: inout [UInt8], upTo limit: Int
  ) throws(SystemCallError) -> Int {
    let wanted = min(buffer.count, limit)
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes {
        unsafe CGlibc.read(number, $0.baseAddress, wanted)
      }
      if count < 0, lastErrno() == .interrupted { continue }
      return try checkErrno("read", "", count)
    }
  }

  /// write(2) until all is written.
  package func writeAll(_ bytes: [UInt8]) throws(SystemCallError) {
    try Self.writeAll(bytes, to: number)
  }

  /// write(2) to a descriptor that is not ours to close, such as standard error.
  package static func writeAll(_ bytes: [UInt8], to number: Int32) throws(SystemCallError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe CGlibc.write(number, $0.baseAddress, $0.count)
      }
      if count < 0, lastErrno() == .interrupted { continue }
      try checkErrno("write", "", count)
      rest = rest.dropFirst(count)
    }
  }
}

/// What fstat(2) says, as far as it is asked for.
package struct FileStatus: Sendable {
  package let kind: FileKind
  package let isLink: Bool
  package let owner: UInt32
  package let group: UInt32
  /// The kind as ls(1) shows it.
  package let letter: UInt8
  /// The permission bits with set-user-ID, set-group-ID and sticky.
  package let mode: UInt32
  package let device: UInt64
  package let inode: UInt64
  /// In bytes.
  package let size: Int
  /// When what it says, or what a directory holds, changed last (`st_ctim`): nanoseconds since 1970. Only
  /// the kernel sets it.
  package let changed: Int

  /// Whether both are about one object.
  package func isSame(as other: FileStatus) -> Bool {
    inode == other.inode && device == other.device
  }

  init(_ status: stat) {
    let format = Int32(bitPattern: status.st_mode) & S_IFMT
    kind =
      switch format {
      case S_IFDIR: .directory
      case S_IFREG: .regular
      default: .other
      }
    isLink = format == S_IFLNK
    owner = status.st_uid
    group = status.st_gid
    letter =
      switch format {
      case S_IFDIR: UInt8(ascii: "d")
      case S_IFLNK: UInt8(ascii: "l")
      case S_IFCHR: UInt8(ascii: "c")
      case S_IFBLK: UInt8(ascii: "b")
      case S_IFIFO: UInt8(ascii: "p")
      case S_IFSOCK: UInt8(ascii: "s")
      default: UInt8(ascii: "-")
      }
    mode = status.st_mode & 0o7777
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    size = Int(status.st_size)
    changed = Int(status.st_ctim.tv_sec) * 1_000_000_000 + Int(status.st_ctim.tv_nsec)
  }
}
