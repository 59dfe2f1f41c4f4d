internal import CKernel
internal import CGlibc
internal import KernelTypes

/// What the names in a directory are, read at once (getdents(2)): for many questions about one directory.
package struct DirectoryListing {
  package enum Entry: Sendable {
    case missing, regular
    /// To be looked at: a link, a directory, or what the file system does not tell.
    case other
  }

  /// As the kernel gives them: 19 bytes, of which the last is the kind and the two before the record's
  /// length, then the name and a NUL.
  private var records: [UInt8] = []
  /// Where they begin.
  private var starts = NameSlots(count: 0)

  private static let nameOffset = 19

  /// - Returns: nil where there are, or may be, more names than `most`, or where they can't be read, for
  ///   whatever reason: who looks at each name instead is told it.
  package init?(of directory: borrowing FileDescriptor, most: Int) throws(SystemCallError) {
    // On most file systems the size tells about how many there are.
    guard try directory.status().size / 16 <= most else { return nil }
    var starts: [Int] = []
    do throws(SystemCallError) {
      let opened = try directory.openForReading(below: ".")
      while starts.count <= most, try read(opened, &starts) {}
    } catch { return nil }
    if starts.count > most { return nil }
    self.starts = NameSlots(count: starts.count)
    for start in starts { self.starts.add(start, named: name(at: start)) }
  }

  /// Reads some records more.
  ///
  /// - Returns: false at the end.
  private mutating func read(
    _ directory: borrowing FileDescriptor, _ starts: inout [Int]
  ) throws(SystemCallError) -> Bool {
    let size = 32768
    var start = records.count
    records.append(contentsOf: repeatElement(0, count: size))
    let result = unsafe records.withUnsafeMutableBytes { bytes in
      unsafe ck_getdents(directory.number, bytes.baseAddress.map { unsafe $0 + start }, size)
    }
    let count = try check("getdents", "", result)
    records.removeLast(size - count)
    while start < records.count {
      starts.append(start)
      start += Int(records[start + 16]) | Int(records[start + 17]) << 8
    }
    return count > 0
  }

  package subscript(name: ArraySlice<UInt8>) -> Entry {
    let start = starts.first(named: name) { self.name(at: $0).elementsEqual(name) }
    guard let start else { return .missing }
    return records[start + 18] == UInt8(DT_REG) ? .regular : .other
  }

  private func name(at start: Int) -> ArraySlice<UInt8> {
    records[(start + Self.nameOffset)...].prefix { $0 != 0 }
  }
}
