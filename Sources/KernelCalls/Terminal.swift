internal import CKernel
internal import CGlibc

@usableFromInline func restoreTerminal(_ number: Int32) { _ = ck_terminal_restore(number) }

/// A terminal whose keys come at once and unseen, as long as this value lives.
@usableFromInline package struct Terminal: ~Copyable {
  @usableFromInline let number: Int32

  package init(_ number: Int32) throws(SystemCallError) {
    try check("tcsetattr", "", ck_terminal_raw(number))
    self.number = number
  }

  // As for a file descriptor.
  @inlinable deinit { restoreTerminal(number) }

  /// Nil where the descriptor is no terminal that knows its size.
  package static func size(of number: Int32) -> (rows: Int, columns: Int)? {
    let size = ck_terminal_size(number)
    return size > 0 ? (size >> 16, size & 0xffff) : nil
  }
}
