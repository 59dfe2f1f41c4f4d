internal import CKernel
internal import CGlibc
package import KernelTypes

/// A program that is ready to be started, and the calls that the launcher makes under its filter.
///
/// Those calls carry the launch key in the registers that a call ignores; a program can't know it,
/// because its start clears them. Everything is allocated here, because the filter may refuse
/// memory: after it is installed, nothing may allocate.
@safe package final class Execution {
  package let key: LaunchKey
  private let path: UnsafeMutablePointer<CChar>
  private let arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  private let environment: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  private var words: ck_key

  /// With a key from getrandom(2). The text is never freed: the program's start takes it all away.
  package init(
    _ path: Path, arguments: [[UInt8]], environment: [[UInt8]]
  ) throws(SystemCallError) {
    guard ([path.bytes] + arguments + environment).allSatisfy({ !$0.contains(0) }) else {
      throw SystemCallError("execve", .invalid, subject: path.description)
    }
    var words: [UInt64] = [0, 0, 0]
    let result = unsafe words.withUnsafeMutableBytes {
      unsafe ck_getrandom($0.baseAddress, $0.count)
    }
    try check("getrandom", "", result)
    key = LaunchKey(words[0], words[1], words[2])
    self.words = ck_key(words: (words[0], words[1], words[2]))
    unsafe self.path = Self.text(path.bytes)
    unsafe self.arguments = Self.list(arguments)
    unsafe self.environment = Self.list(environment)
  }

  /// What execve(2) says that it can end with.
  package static let errors: [Errno] =
    [1, 2, 5, 7, 8, 11, 12, 13, 14, 20, 21, 22, 23, 24, 26, 36, 40, 80].map { Errno($0) }

  /// execve(2). Comes back only with an error.
  package func start() -> Errno {
    Errno(Int32(-(unsafe ck_execve_keyed(path, arguments, environment, &words))))
  }

  /// write(2), once, of text that was made before; what can't be written then is lost.
  package func report(_ bytes: borrowing [UInt8], to number: Int32) {
    unsafe bytes.withUnsafeBytes { buffer in
      unsafe _ = ck_write_keyed(number, buffer.baseAddress, buffer.count, &words)
    }
  }

  /// sendmsg(2) of a descriptor, once.
  ///
  /// - Returns: whether it was sent.
  package func send(_ descriptor: Int32, by socket: borrowing FileDescriptor) -> Bool {
    unsafe ck_send_descriptor_keyed(socket.number, descriptor, &words) >= 0
  }

  /// exit_group(2).
  package func exit(_ status: Int32) -> Never { unsafe ck_exit_keyed(status, &words) }

  private static func text(_ bytes: [UInt8]) -> UnsafeMutablePointer<CChar> {
    let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count + 1)
    for (index, byte) in bytes.enumerated() { unsafe copy[index] = CChar(bitPattern: byte) }
    unsafe copy[bytes.count] = 0
    return unsafe copy
  }

  private static func list(
    _ texts: [[UInt8]]
  ) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> {
    let list = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(
      capacity: texts.count + 1)
    for (index, bytes) in texts.enumerated() { unsafe list[index] = Self.text(bytes) }
    unsafe list[texts.count] = nil
    return unsafe list
  }
}
