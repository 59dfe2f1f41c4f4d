internal import CKernel
internal import CGlibc
package import KernelTypes

/// The files of another process, as that sees them.
package struct ProcessView: ~Copyable {
  /// What a look-up found.
  package struct Place: Sendable {
    /// Without links, as far as it exists; the rest as it was asked.
    package let path: Path
    /// Why it can't be reached; nil where it can.
    package let errno: Errno?
    /// Of the mount where the path, or what exists of it, lies.
    package let isReadOnly: Bool
    package let isNoExecute: Bool
    /// Of what exists of the path.
    package let kind: FileKind
  }

  private let root: FileDescriptor

  package init(of thread: Int32) throws(SystemCallError) {
    root = try FileDescriptor.handle(on: Path("/proc/\(thread)/root"), [])
  }

  /// The text of a path from the root on, by a descriptor of the thread's or its working directory;
  /// nil where it has none such any more.
  package static func absolute(
    _ path: [UInt8], from directory: Int32?, of thread: Int32
  ) -> Path? {
    let path = Path(path)
    if path.isAbsolute { return path }
    let name = directory.map { "fd/\($0)" } ?? "cwd"
    do throws(SystemCallError) {
      return try Files.readLink(Path("/proc/\(thread)/\(name)")).appending(path.bytes)
    } catch { return nil }
  }

  /// Looks at a path, by links and mounts of that process (openat2(2) with RESOLVE_IN_ROOT). Nothing is
  /// opened.
  package func look(at path: Path, followsLast: Bool) throws(SystemCallError) -> Place {
    do throws(SystemCallError) {
      let handle = try handle(on: path, followsLast: followsLast)
      return try place(of: handle, rest: [], errno: nil)
    } catch {
      let errno = error.errno
      var parent = path
      var rest: [[UInt8]] = []
      while parent.bytes.count > 1 {
        rest.insert(Array(parent.lastComponent), at: 0)
        parent = parent.parent
        do throws(SystemCallError) {
          let handle = try handle(on: parent, followsLast: true)
          return try place(of: handle, rest: rest, errno: errno)
        } catch { continue }
      }
      throw error
    }
  }

  private func handle(on path: Path, followsLast: Bool) throws(SystemCallError) -> FileDescriptor {
    try root.handle(below: path, .inRoot, followsLast: followsLast)
  }

  private func place(
    of handle: borrowing FileDescriptor, rest: [[UInt8]], errno: Errno?
  ) throws(SystemCallError) -> Place {
    var status = statvfs()
    try checkErrno("fstatvfs", "", Int(unsafe fstatvfs(handle.number, &status)))
    let flags = UInt(status.f_flag)
    let found = try Files.readLink(handle.link)
    // ST_RDONLY, ST_NOEXEC.
    return Place(
      path: rest.reduce(found) { $0.appending($1) }, errno: errno, isReadOnly: flags & 1 != 0,
      isNoExecute: flags & 8 != 0, kind: try handle.status().kind)
  }
}
