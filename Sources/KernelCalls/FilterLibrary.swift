internal import CSeccomp
internal import Glibc
internal import KernelTypes

/// libseccomp, for the calls of one architecture.
struct FilterLibrary {
  /// What a part returns that does not decide: a tracer's mark, which no rule ever uses.
  static let undecided = FilterInstruction(FilterInstruction.returnCode, 0x7ff0_0ddd)

  private let architecture: Architecture
  private let foreign: FilterAction

  init(_ architecture: Architecture, foreign: FilterAction) {
    self.architecture = architecture
    self.foreign = foreign
  }

  private var token: UInt32 { architecture.auditValue }

  /// Whether the installed libseccomp is older than a call.
  func isUnknown(_ name: String) -> Bool {
    unsafe seccomp_syscall_resolve_name(name) == __NR_SCMP_ERROR
  }

  /// Whether a rule for the call means anything on this architecture.
  private func has(_ name: String) -> Bool {
    SystemCall(named: name)?.number(on: architecture) != nil
      || (architecture == .i386 && SyscallTwins.multiplexed.contains(name))
  }

  /// A program with these rules; `otherwise` nil makes the rest undecided.
  func compile(
    _ rules: [Guard], otherwise: FilterAction?
  ) throws(FilterError) -> [FilterInstruction] {
    let fallback = otherwise?.returnValue ?? Self.undecided.operand
    guard let context = unsafe seccomp_init(fallback) else {
      throw FilterError(message: "libseccomp could not be initialised")
    }
    defer { unsafe seccomp_release(context) }
    try unsafe prepare(context)
    for rule in rules where has(rule.call) { try unsafe add(rule, to: context) }
    return try unsafe export(context)
  }

  private func prepare(_ context: scmp_filter_ctx) throws(FilterError) {
    if architecture != .native {
      try check("seccomp_arch_add", unsafe seccomp_arch_add(context, token))
      try check(
        "seccomp_arch_remove", unsafe seccomp_arch_remove(context, Architecture.native.auditValue))
    }
    try check(
      "SCMP_FLTATR_ACT_BADARCH",
      unsafe seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, foreign.returnValue))
    // A binary tree: a call is decided in as many steps as the table has bits.
    try check(
      "SCMP_FLTATR_CTL_OPTIMIZE",
      unsafe seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2))
  }

  private func add(_ rule: Guard, to context: scmp_filter_ctx) throws(FilterError) {
    let tests = rule.tests.map {
      scmp_arg_cmp(
        arg: UInt32($0.argument), op: SCMP_CMP_MASKED_EQ, datum_a: $0.mask, datum_b: $0.value)
    }
    let number = unsafe seccomp_syscall_resolve_name(rule.call)
    let result = unsafe tests.withUnsafeBufferPointer { buffer in
      unsafe seccomp_rule_add_array(
        context, rule.action.returnValue, number, UInt32(buffer.count), buffer.baseAddress)
    }
    try check("rule for \(rule.call)", result)
  }

  private func export(_ context: scmp_filter_ctx) throws(FilterError) -> [FilterInstruction] {
    do throws(SystemCallError) {
      // A pipe holds 64 KiB, twice the longest program.
      let ends = try Processes.pipe()
      let reader = FileDescriptor(owning: ends.read)
      let bytes: [UInt8]
      do {
        let writer = FileDescriptor(owning: ends.write)
        let result = unsafe seccomp_export_bpf(context, writer.number)
        guard result == 0 else { throw SystemCallError("seccomp_export_bpf", Errno(-result)) }
      }
      bytes = try reader.readAll()
      return stride(from: 0, to: bytes.count, by: 8).map { instruction(bytes[$0..<($0 + 8)]) }
    } catch {
      throw FilterError(message: error.description)
    }
  }

  private func instruction(_ bytes: ArraySlice<UInt8>) -> FilterInstruction {
    let word = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return FilterInstruction(
      UInt16(truncatingIfNeeded: word), UInt32(truncatingIfNeeded: word >> 32),
      ifTrue: UInt8(truncatingIfNeeded: word >> 16), ifFalse: UInt8(truncatingIfNeeded: word >> 24))
  }

  private func check(_ call: String, _ result: Int32) throws(FilterError) {
    guard result == 0 else {
      throw FilterError(message: "libseccomp: \(call): \(Errno(-result).sentence)")
    }
  }
}
