internal import KernelCalls
internal import KernelTypes

/// A compiled filter: classic BPF over `struct seccomp_data` (`linux/filter.h`, `seccomp(2)`).
public struct Program: Hashable, Sendable {
  let program: FilterProgram

  init(_ program: FilterProgram) { self.program = program }

  /// How many instructions; the kernel takes 4096.
  public var count: Int { program.instructions.count }

  /// What the program says to a call: simulated, no kernel is asked.
  ///
  /// - Parameters:
  ///   - number: of the architecture's table; what the register holds, of which 32 bits count.
  ///   - arguments: the registers, six at most.
  public func verdict(
    _ architecture: Architecture = .native, number: UInt32, _ arguments: [UInt64] = []
  ) -> Action {
    // A program that runs out of its bounds is none that the kernel takes.
    program.verdict(architecture.internalArchitecture.auditValue, number, arguments)
      .map(Action.init(returnValue:)) ?? .killProcess
  }

  /// The bytes as `struct sock_filter` has them in memory: for `bwrap --seccomp`, for one.
  public var bytes: [UInt8] { program.bytes }

  /// One instruction a line: place, what it does, where it goes.
  public var text: String {
    program.instructions.enumerated().map { place, instruction in
      "\(place)\t\(Self.text(instruction, place))\n"
    }.joined()
  }

  private static func text(_ instruction: FilterInstruction, _ place: Int) -> String {
    let operand = "0x" + String(instruction.operand, radix: 16)
    let ways =
      "then \(place + 1 + Int(instruction.ifTrue)) else \(place + 1 + Int(instruction.ifFalse))"
    switch instruction.code {
    case 0x20: return "load \(field(instruction.operand))"
    case 0x54: return "and \(operand)"
    case 0x05: return "go to \(place + 1 + Int(instruction.operand))"
    case 0x06: return "answer \(Action(returnValue: instruction.operand).internalAction.word)"
    case 0x15: return "if = \(operand) \(ways)"
    case 0x25: return "if > \(operand) \(ways)"
    case 0x35: return "if >= \(operand) \(ways)"
    case 0x45: return "if & \(operand) \(ways)"
    default: return "instruction 0x\(String(instruction.code, radix: 16)) \(operand) \(ways)"
    }
  }

  private static func field(_ offset: UInt32) -> String {
    switch offset {
    case 0: "number"
    case 4: "architecture"
    case 8, 12: "instruction pointer"
    default: "argument \((offset - 16) / 8)\(offset % 8 == 0 ? "" : ", upper half")"
    }
  }
}
