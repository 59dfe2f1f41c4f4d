internal import KernelCalls
internal import KernelTypes

/// Why a filter can't be made or installed, and what to do.
public enum SeccompError: Error, Hashable, Sendable {
  /// No call, group or constant has this name.
  case unknownName(String, hint: String)
  /// The filter has no rule: it would refuse everything, or nothing.
  case empty
  /// Two rules say different things of the same calls.
  case contradiction(call: String)
  /// The condition means nothing, or not what it says.
  case badCondition(String, String, hint: String)
  /// No arguments fulfil the condition.
  case neverHolds(String)
  /// The error number is none: 1 to 4095.
  case badErrno(Int32)
  /// The program would be longer than the kernel takes: 4096 instructions.
  case notCompiled(String)
  /// A system call failed, with this error number.
  case failed(call: String, errno: Int32, hint: String)
  /// A thread has a filter that this one does not continue, so that not all can share it.
  case threadDiffers(Int32)

  init(_ error: SystemCallError, hint: String = "") {
    self = .failed(call: error.call, errno: Int32(error.errno.code), hint: hint)
  }
}

extension SeccompError: CustomStringConvertible {
  /// One line: what is wrong, and what to do.
  public var description: String {
    switch self {
    case .unknownName(let name, let hint):
      Self.joined("there is nothing called \"\(name)\"", hint)
    case .empty: "the filter has no rule; add some, or install none"
    case .contradiction(let call):
      "two rules for \"\(call)\" contradict each other; keep one, or give them conditions"
    case .badCondition(let call, let reason, let hint): Self.joined("\(call): \(reason)", hint)
    case .neverHolds(let call): "the condition on \"\(call)\" can never hold; leave it out"
    case .badErrno(let number): "\(number) is no error number; they are 1 to 4095"
    case .notCompiled(let reason): reason
    case .failed(let call, let errno, let hint):
      Self.joined("\(call): \(Errno(errno).sentence)", hint)
    case .threadDiffers(let thread):
      "thread \(thread) has a filter of its own; install before threads start, or in each one"
    }
  }

  private static func joined(_ text: String, _ hint: String) -> String {
    hint.isEmpty ? text : text + "; " + hint
  }
}
