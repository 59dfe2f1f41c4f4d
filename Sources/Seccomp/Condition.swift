internal import KernelTypes

/// An argument of a system call, to be compared:
///
///     Argument("fd") <= 2 && Argument("count") < 4096
///     Argument("flags").masked("O_ACCMODE") == "O_RDONLY"
public struct Argument: Hashable, Sendable {
  let name: String
  let mask: Value?

  /// - Parameter name: as the manual page of the call has it (section 2), as the kernel has it, or
  ///   `arg0` to `arg5`.
  public init(_ name: String) { self.init(name, nil) }

  private init(_ name: String, _ mask: Value?) {
    self.name = name
    self.mask = mask
  }

  /// These bits of it alone, to be compared by `==` and `!=`.
  public func masked(_ mask: Value) -> Argument { Argument(name, mask) }

  /// A number, or a constant of the kernel's headers by its name: `2`, `-1`, `"AF_UNIX"`.
  public struct Value: Hashable, Sendable, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
    enum Kind: Hashable, Sendable { case number(UInt64), constant(String) }
    let kind: Kind

    /// - Parameter number: the bits of the register; a negative number has ones above.
    public init(_ number: some BinaryInteger) { kind = .number(UInt64(truncatingIfNeeded: number)) }
    /// The same for a literal.
    public init(integerLiteral number: Int) { self.init(number) }
    /// A constant by its name.
    public init(stringLiteral name: String) { kind = .constant(name) }

    func bits() throws(SeccompError) -> UInt64 {
      switch kind {
      case .number(let number): return number
      case .constant(let name):
        guard let value = KernelConstants.value(of: name) else {
          throw .unknownName(name, hint: suggestion(for: name, in: KernelConstants.names))
        }
        return UInt64(bitPattern: value)
      }
    }
  }

  /// Whether it is one of these.
  public func isOne(of values: [Value]) -> Condition { Condition(.test(self, .equal, values)) }
}

/// What must hold of a call's arguments. Numbers have no sign, as in libseccomp: `-1` is the largest.
///
/// Where the kernel reads 32 bits of a register, these are compared, and the upper half says nothing.
public struct Condition: Hashable, Sendable {
  indirect enum Node: Hashable, Sendable {
    case test(Argument, ArgumentCondition.Comparison, [Argument.Value])
    case and(Node, Node)
    case or(Node, Node)
  }
  let node: Node

  init(_ node: Node) { self.node = node }

  /// Both hold.
  public static func && (left: Condition, right: Condition) -> Condition {
    Condition(.and(left.node, right.node))
  }

  /// One of them holds.
  public static func || (left: Condition, right: Condition) -> Condition {
    Condition(.or(left.node, right.node))
  }

  func tests(of call: String) throws(SeccompError) -> ArgumentCondition {
    let tests = try Self.tests(node, call)
    guard !tests.alternatives.isEmpty else { throw .neverHolds(call) }
    return tests
  }

  private static func tests(
    _ node: Node, _ call: String
  ) throws(SeccompError) -> ArgumentCondition {
    let tests: ArgumentCondition
    switch node {
    case .and(let left, let right):
      tests = try Self.tests(left, call).and(try Self.tests(right, call))
    case .or(let left, let right):
      tests = try Self.tests(left, call).or(try Self.tests(right, call))
    case .test(let argument, let comparison, let values):
      var numbers: [UInt64] = []
      for value in values { numbers.append(try value.bits()) }
      let mask = try argument.mask.map { (mask) throws(SeccompError) in try mask.bits() }
      do throws(ArgumentError) {
        tests = try SyscallArgument(argument.name, of: call)
          .condition(comparison, numbers, mask: mask)
      } catch {
        throw .badCondition(call, error.message, hint: error.hint)
      }
    }
    guard tests.alternatives.count <= ArgumentCondition.most else {
      throw .badCondition(
        call, "the condition comes to more than \(ArgumentCondition.most) cases",
        hint: "use masks, or fewer alternatives")
    }
    return tests
  }
}

/// Equal to a value; with a mask, in its bits.
public func == (left: Argument, right: Argument.Value) -> Condition {
  Condition(.test(left, .equal, [right]))
}
/// Not equal to a value; with a mask, in its bits.
public func != (left: Argument, right: Argument.Value) -> Condition {
  Condition(.test(left, .notEqual, [right]))
}
/// Less, without a sign.
public func < (left: Argument, right: Argument.Value) -> Condition {
  Condition(.test(left, .less, [right]))
}
/// Less or equal, without a sign.
public func <= (left: Argument, right: Argument.Value) -> Condition {
  Condition(.test(left, .lessOrEqual, [right]))
}
/// Greater, without a sign.
public func > (left: Argument, right: Argument.Value) -> Condition {
  Condition(.test(left, .greater, [right]))
}
/// Greater or equal, without a sign.
public func >= (left: Argument, right: Argument.Value) -> Condition {
  Condition(.test(left, .greaterOrEqual, [right]))
}
