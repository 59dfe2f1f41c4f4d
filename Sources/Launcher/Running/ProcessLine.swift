internal import KernelCalls
internal import KernelTypes

/// A process as `--list` and `--tree` show it: `PID:USER:NAME:COMMAND`.
enum ProcessLine {
  static func text(_ pid: Int32, user: String, name: String, command: String) -> String {
    "\(pid):\(user):\(name):\(command)"
  }

  /// The words of a command line with a blank behind each, safe on a terminal; empty where the kernel
  /// has none.
  static func command(of pid: Int32) throws(SystemCallError) -> String {
    do throws(SystemCallError) {
      let bytes = try FileDescriptor.open(Path("/proc/\(pid)/cmdline"), 0).readAll(limit: 1 << 20)
      return bytes.split(separator: 0, omittingEmptySubsequences: false).dropLast()
        .map { escaped($0) + " " }.joined()
    } catch {
      guard error.meansEnded || error.errno == .accessDenied else { throw error }
      return ""
    }
  }

  private static func escaped(_ word: ArraySlice<UInt8>) -> String {
    let letters: [UInt8: String] = [
      7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r",
    ]
    var text = ""
    var rest = word
    while !rest.isEmpty {
      let plain = rest.prefix { letters[$0] == nil }
      rest = rest.dropFirst(plain.count)
      text += displayed(plain)
      if let byte = rest.popFirst() { text += letters[byte] ?? "" }
    }
    return text
  }
}

/// The names of users and groups, from /etc/passwd and /etc/group.
struct AccountNames {
  private let names: [UInt32: String]

  init(_ file: Path) throws(SystemCallError) {
    var names: [UInt32: String] = [:]
    if let file = try FileDescriptor.openIfThere(file) {
      for line in try file.readAll(limit: 16 << 20).split(separator: 10) {
        let fields = line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard fields.count > 2, let number = UInt32(String(decoding: fields[2], as: UTF8.self))
        else { continue }
        names[number] = names[number] ?? displayed(fields[0])
      }
    }
    self.names = names
  }

  /// The number itself where it has no name.
  subscript(_ number: UInt32) -> String { names[number] ?? "\(number)" }
}
