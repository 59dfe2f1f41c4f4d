internal import CKernel
internal import Glibc

/// A terminal whose keys come at once and unseen, as long as this value lives.
package struct Terminal: ~Copyable {
  private let number: Int32

  package init(_ number: Int32) throws(SystemCallError) {
    try check("tcsetattr", "", ck_terminal_raw(number))
    self.number = number
  }

  deinit { _ = ck_terminal_restore(number) }

  /// Nil where the descriptor is no terminal that knows its size.
  package static func size(of number: Int32) -> (rows: Int, columns: Int)? {
    let size = ck_terminal_size(number)
    return size > 0 ? (size >> 16, size & 0xffff) : nil
  }
}
