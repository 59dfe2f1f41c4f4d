package import KernelTypes

/// A call that failed: its name, what it was about, and why.
package struct SystemCallError: Error, Hashable, Sendable {
  package let call: String
  package let subject: String
  package let errno: Errno

  package init(_ call: String, _ errno: Errno, subject: String = "") {
    self.call = call
    self.errno = errno
    self.subject = subject
  }

  /// Of a file of /proc: the process has ended.
  package var meansEnded: Bool { errno == .noEntry || errno == .noProcess }
}

extension SystemCallError: CustomStringConvertible {
  /// `mount /home/u/.ssh: Operation not permitted (EPERM)`
  package var description: String {
    (subject.isEmpty ? call : "\(call) \(subject)") + ": \(errno.sentence) (\(errno.name))"
  }
}

/// The result of a shim function, which is minus the errno where it failed.
@discardableResult
func check(
  _ call: String, _ subject: @autoclosure () -> String = "", _ result: Int
) throws(SystemCallError) -> Int {
  guard result >= 0 else {
    throw SystemCallError(call, Errno(Int32(-result)), subject: subject())
  }
  return result
}

/// The result of a libc function, which is -1 and `errno` where it failed.
@discardableResult
func checkErrno(
  _ call: String, _ subject: @autoclosure () -> String = "", _ result: Int
) throws(SystemCallError) -> Int {
  guard result == -1 else { return result }
  throw SystemCallError(call, lastErrno(), subject: subject())
}
