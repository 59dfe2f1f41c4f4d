internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// Directories that are lent to the host, because they must exist to be hidden. Sandboxes that share one
/// hold a lock on it; the last one removes it.
final class Loan {
  private var lent: [LentDirectory] = []
  /// The descriptors that hold the locks.
  var numbers: [Int32] { lent.map { $0.number } }

  func add(_ paths: [Path]) throws(SystemCallError) {
    for path in paths { lent.append(try LentDirectory(path)) }
  }

  /// Removes what is still empty.
  func giveBack() throws(SystemCallError) {
    for directory in lent { try directory.giveBack() }
    for directory in lent where try !Files.exists(directory.path) {
      try directory.giveBackParents()
    }
  }
}

/// A directory that exists as long as a sandbox hides it.
private final class LentDirectory {
  let path: Path
  private let directory: FileDescriptor
  var number: Int32 { directory.number }

  init(_ path: Path) throws(SystemCallError) {
    var attempts = 0
    while true {
      let directory: FileDescriptor
      do throws(SystemCallError) {
        try Files.makeOwnDirectories(path, mode: HeldPlace.lentMode)
        directory = try FileDescriptor.openDirectory(path)
      } catch {
        // Another one may remove it, or a directory above, meanwhile.
        attempts += 1
        guard error.errno == .noEntry, attempts < 100 else { throw error }
        continue
      }
      try directory.lock(.shared)
      // Another one may have removed it before the lock.
      guard case .found(let found) = try Files.lookUp(path) else { continue }
      let held = try directory.status()
      guard found.isSame(as: held) else { continue }
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

  /// - Returns: whether it was lent and is gone; false where another sandbox was faster.
  @discardableResult
  private static func remove(_ path: Path) throws(SystemCallError) -> Bool {
    do throws(SystemCallError) {
      return try removeIfThere(path)
    } catch {
      guard error.errno == .noEntry else { throw error }
      return false
    }
  }

  private static func removeIfThere(_ path: Path) throws(SystemCallError) -> Bool {
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
