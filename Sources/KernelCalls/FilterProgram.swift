internal import CKernel
package import KernelTypes

/// One instruction of a filter (`linux/filter.h`, `struct sock_filter`).
package struct FilterInstruction: Hashable, Sendable {
  package let code: UInt16
  package let ifTrue: UInt8
  package let ifFalse: UInt8
  package let operand: UInt32

  package init(_ code: UInt16, _ operand: UInt32, ifTrue: UInt8 = 0, ifFalse: UInt8 = 0) {
    self.code = code
    self.operand = operand
    self.ifTrue = ifTrue
    self.ifFalse = ifFalse
  }

  static let returnCode: UInt16 = 0x06

  static let loadCode: UInt16 = 0x20
  static let andCode: UInt16 = 0x54

  static func load(_ offset: UInt32) -> FilterInstruction { FilterInstruction(loadCode, offset) }
  static func and(_ mask: UInt32) -> FilterInstruction { FilterInstruction(andCode, mask) }
  static func jump(_ distance: Int) -> FilterInstruction {
    FilterInstruction(0x05, UInt32(distance))
  }
  /// Skips the next `skipping` instructions unless the loaded word equals `value`.
  static func unlessEqual(_ value: UInt32, skipping: UInt8) -> FilterInstruction {
    FilterInstruction(0x15, value, ifTrue: 0, ifFalse: skipping)
  }
  /// Skips unless it is this half of the launch key, which `keyed` puts there: the lower half of the
  /// first word is 0, its upper half 1, and so on.
  static func unlessKey(_ half: Int, skipping: UInt8) -> FilterInstruction {
    FilterInstruction(keyCode, UInt32(half), ifTrue: 0, ifFalse: skipping)
  }
  /// No code of the kernel's.
  private static let keyCode: UInt16 = 0x8015

  fileprivate func keyed(by key: LaunchKey) -> FilterInstruction {
    guard code == Self.keyCode else { return self }
    let word = key.words[Int(operand / 2)]
    return .unlessEqual(
      UInt32(truncatingIfNeeded: operand % 2 == 0 ? word : word >> 32), skipping: ifFalse)
  }

  /// Skips unless it is at least `value`.
  static func unlessAtLeast(_ value: UInt32, skipping: UInt8) -> FilterInstruction {
    FilterInstruction(0x35, value, ifTrue: 0, ifFalse: skipping)
  }
  /// Skips if it is at least `value`.
  static func ifAtLeast(_ value: UInt32, skipping: UInt8) -> FilterInstruction {
    FilterInstruction(0x35, value, ifTrue: skipping, ifFalse: 0)
  }
  /// Skips unless it is at most `value`.
  static func unlessAtMost(_ value: UInt32, skipping: UInt8) -> FilterInstruction {
    FilterInstruction(0x25, value, ifTrue: skipping, ifFalse: 0)
  }
  static func answer(_ action: FilterAction) -> FilterInstruction {
    FilterInstruction(returnCode, action.returnValue)
  }
}

/// A filter as the kernel takes it.
package struct FilterProgram: Hashable, Sendable {
  /// BPF_MAXINSNS: the kernel refuses longer programs.
  package static let longest = 4096

  package let instructions: [FilterInstruction]

  package init(_ instructions: [FilterInstruction]) { self.instructions = instructions }

  /// The inverse of `bytes`; nil where these are no whole instructions.
  package init?(bytes: [UInt8]) {
    guard bytes.count % 8 == 0, bytes.count / 8 <= Self.longest else { return nil }
    instructions = stride(from: 0, to: bytes.count, by: 8).map { index in
      let word = bytes[index..<index + 8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      return FilterInstruction(
        UInt16(truncatingIfNeeded: word), UInt32(truncatingIfNeeded: word >> 32),
        ifTrue: UInt8(truncatingIfNeeded: word >> 16),
        ifFalse: UInt8(truncatingIfNeeded: word >> 24))
    }
  }

  /// The program of a template: with the launch key in its gates.
  package func keyed(by key: LaunchKey) -> FilterProgram {
    FilterProgram(instructions.map { $0.keyed(by: key) })
  }

  /// Each value that the program can return, once, in order.
  package var returnValues: [UInt32] {
    Set(instructions.filter { $0.code == FilterInstruction.returnCode }.map { $0.operand }).sorted()
  }

  /// As `struct sock_filter` has them in memory.
  package var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 * instructions.count)
    for instruction in instructions {
      let word =
        UInt64(instruction.code) | UInt64(instruction.ifTrue) << 16
        | UInt64(instruction.ifFalse) << 24 | UInt64(instruction.operand) << 32
      for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: word >> (8 * UInt64(shift)))) }
    }
    return bytes
  }

  /// seccomp(2): in force for this thread and what it starts, from the next call on.
  package func install() throws(SystemCallError) { try install(flags: 0) }

  /// The same, for all threads of the process where that is asked for (SECCOMP_FILTER_FLAG_TSYNC).
  ///
  /// - Returns: a thread that has another filter; nothing is in force then.
  package func install(forAllThreads: Bool) throws(SystemCallError) -> Int32? {
    let result = try install(flags: forAllThreads ? 1 : 0)
    return result == 0 ? nil : Int32(result)
  }

  /// SECCOMP_SET_MODE_STRICT, which takes no filter.
  package static func enterStrictMode() throws(SystemCallError) {
    try check("seccomp", "", ck_seccomp_strict())
  }

  /// The same, for a filter that asks.
  ///
  /// - Returns: the descriptor on which it asks, close-on-exec. Until the answer, a call can be
  ///   interrupted by no signal but SIGKILL.
  package func installWithListener() throws(SystemCallError) -> Int32 {
    // SECCOMP_FILTER_FLAG_NEW_LISTENER and SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV.
    Int32(try install(flags: 0x08 | 0x20))
  }

  @discardableResult
  private func install(flags: UInt32) throws(SystemCallError) -> Int {
    let filter = instructions.map {
      sock_filter(code: $0.code, jt: $0.ifTrue, jf: $0.ifFalse, k: $0.operand)
    }
    let result = unsafe filter.withUnsafeBufferPointer { buffer in
      unsafe ck_seccomp_filter(flags, buffer.baseAddress, UInt16(buffer.count))
    }
    return try check("seccomp", "", result)
  }
}

extension FilterProgram {
  /// Classic BPF as the kernel runs it over `struct seccomp_data`; no kernel is needed.
  ///
  /// - Returns: the value that the program returns; nil where it runs out of its bounds.
  package func verdict(
    _ audit: UInt32, _ number: UInt32, _ arguments: [UInt64] = []
  ) -> UInt32? {
    var data: [UInt32] = [number, audit, 0, 0]
    for argument in arguments + Array(repeating: 0, count: 6 - arguments.count) {
      data += [UInt32(truncatingIfNeeded: argument), UInt32(argument >> 32)]
    }
    var accumulator: UInt32 = 0
    var index = 0
    while instructions.indices.contains(index) {
      let instruction = instructions[index]
      let operand = instruction.operand
      index += 1
      switch instruction.code {
      case 0x20: accumulator = data[Int(operand) / 4]
      case 0x54: accumulator &= operand
      case 0x05: index += Int(operand)
      case 0x06: return operand
      case 0x15, 0x25, 0x35, 0x45:
        let holds =
          switch instruction.code {
          case 0x15: accumulator == operand
          case 0x25: accumulator > operand
          case 0x35: accumulator >= operand
          default: accumulator & operand != 0
          }
        index += Int(holds ? instruction.ifTrue : instruction.ifFalse)
      default: return nil
      }
    }
    return nil
  }
}

/// Why a filter could not be made.
package struct FilterError: Error, Hashable, Sendable {
  package let message: String
}
