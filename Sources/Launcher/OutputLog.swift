internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// `--output`: this process copies what the program writes, and another one becomes the launcher.
///
/// The file is opened, and renamed when it is full, outside of the sandbox: a name that the program may
/// have put there is never followed.
struct OutputLog {
  private static let largest = 500 * 1024
  private static let keptFiles = 5

  private let path: Path
  private var count = 0

  /// Comes back in the process that becomes the launcher. The other one ends with its status.
  static func start(_ copy: OutputCopy) throws(SystemCallError) {
    var log = OutputLog(path: copy.file)
    var file = try FileDescriptor.openForReplacing(copy.file, mode: 0o644)
    let pipe = try Processes.pipe()
    let signals = try SupervisedSignals()
    guard let child = try signals.fork() else {
      let writer = FileDescriptor(owning: pipe.write)
      if copy.hasErrors { try writer.duplicate(to: 2) }
      return try writer.moved(to: 1)
    }
    let reader = FileDescriptor(owning: pipe.read)
    try FileDescriptor(owning: pipe.write).close()
    var isOpen = true
    while true {
      let (signal, output) = try Processes.poll(
        signals.descriptor.number, isOpen ? reader.number : -1, milliseconds: -1)
      if output.hasInput { try log.copy(reader.read(), &file) }
      if output.isOver { isOpen = false }
      // What it wrote last comes before its end.
      guard signal.hasInput, !output.hasInput else { continue }
      let (number, isFromProcess) = try signals.next()
      if number != Processes.childEnded {
        if isFromProcess { try Processes.send(number, to: child) }
      } else if let change = try Processes.wait(for: child, isBlocking: false),
        let status = Processes.ending(change.status)
      {
        while isOpen, try Processes.poll(reader.number, milliseconds: 0) {
          let bytes = try reader.read()
          if bytes.isEmpty { break }
          try log.copy(bytes, &file)
        }
        Processes.exit(status.code)
      }
    }
  }

  private mutating func copy(
    _ bytes: [UInt8], _ file: inout FileDescriptor
  ) throws(SystemCallError) {
    try FileDescriptor.writeAll(bytes, to: 1)
    count += bytes.count
    if count > Self.largest {
      try rotate()
      file = try FileDescriptor.openForReplacing(path, mode: 0o644)
      count = bytes.count
    }
    try file.writeAll(bytes)
  }

  private func rotate() throws(SystemCallError) {
    for number in (1..<Self.keptFiles).reversed() {
      try Files.rename(numbered(number), to: numbered(number + 1))
    }
    try Files.rename(path, to: numbered(1))
  }

  private func numbered(_ number: Int) -> Path { Path(path.bytes + Array(".\(number)".utf8)) }
}
