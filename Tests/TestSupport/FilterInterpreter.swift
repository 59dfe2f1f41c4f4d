package import KernelCalls

/// Classic BPF as the kernel runs it over `struct seccomp_data`: what does a filter say to an
/// architecture, a number and arguments? No kernel is needed.
package struct FilterInterpreter {
  private let instructions: [FilterInstruction]

  package init(_ program: FilterProgram) { instructions = program.instructions }

  /// The value that the program returns; nil where it runs out of its bounds.
  package func run(
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
