package import KernelCalls
package import KernelTypes
package import SandboxPolicy

/// The step that failed and what the kernel said.
package struct StepError: Error, Sendable {
  package let step: Step
  package let message: String
  package let errno: Errno?
}

/// What the caller of a jailer is told.
package struct Milestones {
  /// In the launcher: the first process inside is there, and waits.
  let began: (_ first: Int32) -> Void
  /// In the launcher, a little later: what others learn of the sandbox while it lives. Gets the filter
  /// without a launch key. Nil where the sandbox is not to be found.
  let record: ((_ first: Int32, _ filter: FilterProgram) -> SandboxRecord)?
  /// In the process that becomes the program: nothing but its filter and its start is left to do.
  let starts: () throws(SystemCallError) -> Void
  /// In the launcher: all of it has ended.
  let ended: () -> Void

  package init(
    began: @escaping (Int32) -> Void = { (_) in },
    record: ((Int32, FilterProgram) -> SandboxRecord)? = nil,
    starts: @escaping () throws(SystemCallError) -> Void = { () throws(SystemCallError) in },
    ended: @escaping () -> Void = {}
  ) {
    self.began = began
    self.record = record
    self.starts = starts
    self.ended = ended
  }
}
