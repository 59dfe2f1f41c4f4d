internal import KernelCalls
internal import KernelTypes

/// A pipe for numbers.
struct Channel: ~Copyable {
  private let reader: FileDescriptor
  private let writer: FileDescriptor

  init() throws(SystemCallError) {
    let ends = try Processes.pipe()
    reader = FileDescriptor(owning: ends.read)
    writer = FileDescriptor(owning: ends.write)
  }

  func send(_ number: Int32) throws(SystemCallError) {
    let bits = UInt32(bitPattern: number)
    try writer.writeAll((0..<4).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) })
  }

  /// Waits for a number. While this process can write itself, it waits for ever where none comes.
  func receive() throws(SystemCallError) -> Int32 {
    guard let number = Self.number(in: try reader.readAll(limit: 4)) else {
      throw SystemCallError("read", .noChild, subject: "a process of the launcher's")
    }
    return number
  }

  /// Whether there is one to receive.
  var hasNumber: Bool {
    get throws(SystemCallError) { try Processes.poll(reader.number, milliseconds: 0) }
  }

  /// Nil where the other side ended without a word.
  static func number(in bytes: [UInt8]) -> Int32? {
    guard bytes.count == 4 else { return nil }
    return Int32(bitPattern: bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) })
  }

  /// Gives up writing: the end of the other side can be seen.
  consuming func readerAlone() -> FileDescriptor { reader }

  /// Gives up reading.
  consuming func writerAlone() -> FileDescriptor { writer }
}
