internal import KernelCalls
internal import KernelTypes

/// A process outside that lends the host directories which must exist to be hidden, and removes them
/// when the sandbox has ended, however that happens.
///
/// It ends last: it waits for the first process of the sandbox, which the kernel lets end only after
/// all others. Sandboxes that share a directory hold a lock on it; the last one removes it.
struct Caretaker: ~Copyable {
  /// Marks a directory that is only lent (S_ISVTX has no effect on one's own directory).
  static let mode: UInt32 = 0o1700

  private let pid: Int32
  private let toCaretaker: Channel

  private init(pid: Int32, toCaretaker: consuming Channel) {
    self.pid = pid
    self.toCaretaker = toCaretaker
  }

  /// Comes back once the directories are there.
  static func start(_ paths: [Path]) throws(SystemCallError) -> Caretaker {
    let toCaretaker = try Channel()
    let fromCaretaker = try Channel()
    guard let pid = try Processes.fork() else {
      do throws(SystemCallError) {
        try Processes.startSession()
        let lent = try paths.map { (path) throws(SystemCallError) in try LentDirectory(path) }
        try fromCaretaker.send(0)
        let reader = toCaretaker.readerAlone()
        // Nobody waits for the end of a stream because of this process.
        try Processes.closeAll(except: [reader.number] + lent.map(\.number))
        // Without a number the launcher ended before it let the sandbox begin.
        if let pid = Channel.number(in: try reader.readAll(limit: 4)) {
          try Processes.waitForEnd(of: pid)
        }
        for directory in lent { try directory.giveBack() }
        // While another sandbox needs one of them, the directories above stay lent too.
        for directory in lent where try Files.exists(directory.path) { Processes.exit(0) }
        for directory in lent { try directory.giveBackParents() }
        Processes.exit(0)
      } catch {
        // The launcher sees that no answer comes.
        Processes.exit(1)
      }
    }
    let answer = fromCaretaker.readerAlone()
    guard try answer.readAll(limit: 4).count == 4 else {
      throw SystemCallError("mkdir", .notPermitted, subject: paths.first?.description ?? "")
    }
    return Caretaker(pid: pid, toCaretaker: toCaretaker)
  }

  /// Tells it for which process to wait.
  func watch(_ pid: Int32) throws(SystemCallError) { try toCaretaker.send(pid) }

  /// Waits until it has cleaned up.
  func finish() throws(SystemCallError) { _ = try Processes.wait(for: pid) }
}

/// A directory that exists as long as a sandbox hides it.
private final class LentDirectory {
  let path: Path
  private let directory: FileDescriptor
  var number: Int32 { directory.number }

  init(_ path: Path) throws(SystemCallError) {
    while true {
      try Files.makeOwnDirectories(path, mode: Caretaker.mode)
      let directory = try FileDescriptor.openDirectory(path)
      try directory.lock(.shared)
      // Another one may have removed it before the lock.
      guard try Files.exists(path) else { continue }
      let found = try FileDescriptor.openDirectory(path).status()
      let held = try directory.status()
      guard found.inode == held.inode, found.device == held.device else { continue }
      self.path = path
      self.directory = directory
      return
    }
  }

  /// Removes what is still empty, unless another sandbox needs it.
  func giveBack() throws(SystemCallError) {
    if try directory.lock(.exclusive) { try Self.remove(path) }
  }

  /// Removes the directories above that were made for it, from the inside out.
  func giveBackParents() throws(SystemCallError) {
    var parent = path.parent
    while try Self.remove(parent) { parent = parent.parent }
  }

  /// - Returns: whether it was lent and is gone.
  @discardableResult
  private static func remove(_ path: Path) throws(SystemCallError) -> Bool {
    guard try Files.exists(path) else { return false }
    let directory = try FileDescriptor.openDirectory(path)
    guard try directory.status().mode & 0o1000 != 0 else { return false }
    if try Files.removeDirectory(path) { return true }
    // Somebody put something there: it is an ordinary directory from now on.
    try directory.setMode(0o700)
    return false
  }
}
