internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// A process outside that lends the host directories which must exist to be hidden, and removes them
/// when the sandbox has ended, however that happens.
///
/// It ends last: it waits for the first process of the sandbox, which the kernel lets end only after
/// all others. Sandboxes that share a directory hold a lock on it; the last one removes it.
struct Caretaker: ~Copyable {
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
      var lent: [LentDirectory] = []
      do throws(SystemCallError) {
        try Processes.startSession()
        for path in paths { lent.append(try LentDirectory(path)) }
        try fromCaretaker.send(0)
        let reader = toCaretaker.readerAlone()
        // Nobody waits for the end of a stream because of this process.
        try Processes.closeAll(except: [reader.number] + lent.map(\.number))
        // Without a number the launcher ended before it let the sandbox begin.
        if let pid = Channel.number(in: try reader.readAll(limit: 4)) {
          try Processes.waitForEnd(of: pid)
        }
        try giveBack(lent)
        Processes.exit(0)
      } catch {
        // The launcher sees that no answer comes.
        exit(afterGivingBack: lent)
      }
    }
    let answer = fromCaretaker.readerAlone()
    guard try answer.readAll(limit: 4).count == 4 else {
      throw SystemCallError("mkdir", .notPermitted, subject: paths.first?.description ?? "")
    }
    return Caretaker(pid: pid, toCaretaker: toCaretaker)
  }

  private static func giveBack(_ lent: [LentDirectory]) throws(SystemCallError) {
    for directory in lent { try directory.giveBack() }
    for directory in lent where try !Files.exists(directory.path) {
      try directory.giveBackParents()
    }
  }

  private static func exit(afterGivingBack lent: [LentDirectory]) -> Never {
    do throws(SystemCallError) { try giveBack(lent) } catch { Processes.exit(1) }
    Processes.exit(1)
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
    var attempts = 0
    while true {
      do throws(SystemCallError) {
        try Files.makeOwnDirectories(path, mode: HeldPlace.lentMode)
      } catch {
        // Another one may remove a directory above meanwhile.
        attempts += 1
        guard error.errno == .noEntry, attempts < 100 else { throw error }
        continue
      }
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
    for name in try Files.entries(of: path) where try isLent(path.appending(name)) {
      // Another sandbox needs what lies there, and removes this one too.
      return false
    }
    // Somebody put something there: it is an ordinary directory from now on.
    try directory.setMode(0o700)
    return false
  }

  private static func isLent(_ path: Path) throws(SystemCallError) -> Bool {
    do throws(SystemCallError) {
      let entry = try FileDescriptor.handle(on: path, [], followsLast: false)
      return try entry.status().mode & 0o7777 == HeldPlace.lentMode
    } catch {
      // It may have gone since it was listed.
      guard error.errno == .noEntry else { throw error }
      return false
    }
  }
}
