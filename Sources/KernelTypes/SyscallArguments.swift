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
    guard let row = rows.firstIndex(named: call.utf8, { $0.name }) else { return nil }
    return rows[row].arguments.split(separator: " ").enumerated().compactMap {
      (index, text) -> SyscallArgument? in
      let parts = text.split(separator: ":")
      guard parts.count == 2, let letter = parts[1].first, let width = Width(rawValue: letter)
      else { return nil }
      return SyscallArgument(
        index: index, names: parts[0].split(separator: "|").map(String.init), width: width)
    }
  }
}

extension SyscallArgument {
  /// By a name that the manual or the kernel has for it, or as `arg0` to `arg5`.
  package init(_ name: String, of call: String) throws(ArgumentError) {
    guard let arguments = Self.all(of: call) else {
      throw ArgumentError(
        "\"\(call)\" has no arguments on this architecture that a condition could name")
    }
    let index = name.hasPrefix("arg") ? Int(name.dropFirst(3)) : nil
    guard
      let found = arguments.first(where: { $0.names.contains(name) })
        ?? index.flatMap({ arguments.indices.contains($0) ? arguments[$0] : nil })
    else {
      throw ArgumentError(
        "\(call) has no argument \"\(name)\"",
        hint: "it has " + arguments.map { $0.names[0] }.joined(separator: ", "))
    }
    self = found
  }

  /// A comparison with one of several values; with a mask, of its bits alone.
  package func condition(
    _ comparison: ArgumentCondition.Comparison, _ values: [UInt64], mask: UInt64? = nil
  ) throws(ArgumentError) -> ArgumentCondition {
    let isEquality = comparison == .equal || comparison == .notEqual
    for value in values + [mask ?? 0] where width == .word {
      // A negative number has ones above.
      guard value >> 32 == 0 || value >> 31 == 0x1_ffff_ffff else {
        throw ArgumentError(
          "0x\(String(value, radix: 16)) has more than 32 bits, and the kernel reads 32 of "
            + "\"\(names[0])\"")
      }
    }
    if width == .pointer, mask != nil || values != [0] || !isEquality {
      throw ArgumentError(
        "\"\(names[0])\" is a pointer: what it leads to can change after the check",
        hint: "compare it with 0 alone")
    }
    guard values.count == 1 || isEquality else {
      throw ArgumentError("\"\(names[0])\" is compared with more than one value")
    }
    guard let mask else {
      return ArgumentCondition(index, bits: width.bits, comparison, values)
    }
    let register: UInt64 = width == .word ? 0xffff_ffff : .max
    guard isEquality else { throw ArgumentError("bits are compared by equality alone") }
    guard values.allSatisfy({ $0 & register & ~mask == 0 }) else {
      throw ArgumentError("the value has bits that the mask has not: it can never hold")
    }
    return ArgumentCondition(
      index, mask: mask & register, isEqual: comparison == .equal, values)
  }
}

extension ArgumentTest {
  /// `flags&0x3=0x1`, with the names of a call's arguments.
  package func text(_ names: [SyscallArgument]) -> String {
    let name = names.indices.contains(argument) ? names[argument].names[0] : "arg\(argument)"
    let isWhole = mask == .max || mask == 0xffff_ffff
    return name + (isWhole ? "" : "&0x" + String(mask, radix: 16)) + "=0x"
      + String(value, radix: 16)
  }
}

/// A condition that means nothing, or another thing than it says.
package struct ArgumentError: Error, Hashable, Sendable {
  package let message: String
  package let hint: String

  package init(_ message: String, hint: String = "") {
    self.message = message
    self.hint = hint
  }
}
