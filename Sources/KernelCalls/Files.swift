internal import CKernel
internal import Glibc
package import KernelTypes

/// Questions about files. None of them changes anything.
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

  /// The names in a directory, without `.` and `..`.
  package static func entries(of directory: Path) throws(SystemCallError) -> [[UInt8]] {
    try unsafe directory.withCString { (text) throws(SystemCallError) -> [[UInt8]] in
      guard let stream = unsafe opendir(text) else {
        throw SystemCallError("opendir", lastErrno(), subject: directory.description)
      }
      defer { unsafe _ = closedir(stream) }
      var names: [[UInt8]] = []
      while let entry = unsafe readdir(stream) {
        let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
          unsafe field.withMemoryRebound(to: UInt8.self, capacity: 256) { bytes in
            unsafe Array(UnsafeBufferPointer(start: bytes, count: strnlen(field, 255)))
          }
        }
        if name != [46], name != [46, 46] { names.append(name) }
      }
      return names
    }
  }

  /// access(2) with X_OK, for the effective user.
  package static func isExecutable(_ path: Path) throws(SystemCallError) -> Bool {
    try unsafe path.withCString { (text) throws(SystemCallError) in
      unsafe faccessat(AT_FDCWD, text, X_OK, AT_EACCESS) == 0
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

  /// Whether a file carries capabilities (`capabilities(7)`, "File capabilities").
  package static func hasCapabilities(_ path: Path) throws(SystemCallError) -> Bool {
    try unsafe path.withCString { (text) throws(SystemCallError) in
      unsafe ck_has_capabilities(text) != 0
    }
  }
}
