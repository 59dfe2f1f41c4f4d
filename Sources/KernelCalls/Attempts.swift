internal import CGlibc
package import KernelTypes

/// What this process can do, found out by doing it; nothing is changed. A failure is an answer here,
/// whatever its reason.
package enum Attempts {
  /// Device and inode.
  package struct Identity: Hashable, Sendable {
    private let device: UInt64
    private let inode: UInt64

    fileprivate init(_ status: FileStatus) {
      device = UInt64(status.device)
      inode = UInt64(status.inode)
    }
  }

  /// What a path leads to; nil where it leads nowhere.
  package static func identity(of path: Path) -> Identity? {
    do throws(SystemCallError) {
      return Identity(try FileDescriptor.handle(on: path, []).status())
    } catch { return nil }
  }

  /// Opens a file, or lists a directory.
  package static func canRead(_ path: Path) -> Bool {
    isOpened(path, O_RDONLY | O_NONBLOCK | O_NOCTTY)
  }

  /// Opens a file to append, or makes a file without a name in a directory (O_TMPFILE).
  package static func canWrite(_ path: Path) -> Bool {
    isOpened(path, O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY)
      || isOpened(path, O_WRONLY | 0o20000000 | O_DIRECTORY)
  }

  /// Whether the mount of a path lets programs start (statvfs(3), ST_NOEXEC).
  package static func canExecute(_ path: Path) -> Bool {
    unsafe ask(path) { text in
      var status = statvfs()
      return unsafe statvfs(text, &status) == 0 && UInt(status.f_flag) & 8 == 0
    }
  }

  /// access(2) alone, of what is no directory: to open some devices does something.
  package static func mayRead(_ path: Path) -> Bool {
    do throws(SystemCallError) {
      guard try FileDescriptor.handle(on: path, []).status().kind != .directory else {
        return false
      }
    } catch { return false }
    return unsafe ask(path) { unsafe access($0, R_OK) == 0 }
  }

  /// Connects to a Unix socket.
  package static func canConnect(_ path: Path) -> Bool {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let room = MemoryLayout.size(ofValue: address.sun_path)
    guard path.bytes.count < room else { return false }
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.bytes) }
    let socket = CGlibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | 0o2000000, 0)
    guard socket >= 0 else { return false }
    defer { _ = close(socket) }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    return unsafe withUnsafePointer(to: address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe connect(socket, __CONST_SOCKADDR_ARG(__sockaddr__: $0), size) == 0
      }
    }
  }

  /// The names in a directory, as far as it can be listed.
  package static func entries(_ directory: Path) -> [String] {
    do throws(SystemCallError) {
      return try Files.entries(of: directory).map { String(decoding: $0, as: UTF8.self) }.sorted()
    } catch { return [] }
  }

  private static func ask(_ path: Path, _ body: (UnsafePointer<CChar>) -> Bool) -> Bool {
    do throws(SystemCallError) {
      return try unsafe path.withCString { (text) throws(SystemCallError) in unsafe body(text) }
    } catch { return false }
  }

  private static func isOpened(_ path: Path, _ flags: Int32) -> Bool {
    do throws(SystemCallError) {
      _ = try FileDescriptor.open(path, flags)
      return true
    } catch { return false }
  }
}
