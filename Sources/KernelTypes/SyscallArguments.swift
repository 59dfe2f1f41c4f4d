/// An argument of a system call.
package struct SyscallArgument: Hashable, Sendable {
  /// What the kernel reads of the register.
  package enum Width: Character, Sendable {
    case word = "i"
    case long = "l"
    /// All of it, as the address of something that the program can still change.
    case pointer = "p"

    package var bits: Int { self == .word ? 32 : 64 }
  }

  package let index: Int
  /// The name of the manual page first, then the kernel's.
  package let names: [String]
  package let width: Width

  /// The arguments of a call in order; nil for a call of which no prototype is known.
  package static func all(of call: String) -> [SyscallArgument]? {
    let rows = SyscallArgumentTable.rows
    guard let row = rows.firstIndex(named: call, \.name) else { return nil }
    return rows[row].arguments.split(separator: " ").enumerated().compactMap { index, text in
      let parts = text.split(separator: ":")
      guard parts.count == 2, let letter = parts[1].first, let width = Width(rawValue: letter)
      else { return nil }
      return SyscallArgument(
        index: index, names: parts[0].split(separator: "|").map(String.init), width: width)
    }
  }
}
