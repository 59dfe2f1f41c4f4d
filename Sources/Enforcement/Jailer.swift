package import KernelCalls
package import KernelTypes
package import SandboxPolicy

/// The step that failed and what the kernel said.
package struct StepError: Error, Sendable {
  package let step: Step
  package let message: String
  package let errno: Errno?
}

/// Carries out a plan in the process that becomes the program: each step once, in order; the first
/// that fails ends it. Nothing is decided here.
///
/// A class, because it owns the covers, which later steps need.
package final class Jailer {
  private var covers: Covers?
  private let execution: Execution
  private let filter: FilterProgram

  /// Makes everything that can be made before the first step: the filter above all.
  package init(_ plan: Plan) throws(StepError) {
    guard let last = plan.steps.last,
      case .execute(let path, let arguments, let environment) = last.operation
    else { fatalError("a plan ends with the program") }
    do throws(SystemCallError) {
      execution = try Execution(path, arguments: arguments, environment: environment)
    } catch {
      throw StepError(step: last, message: error.description, errno: error.errno)
    }
    filter = try Self.compile(plan, execution.key)
  }

  private static func compile(
    _ plan: Plan, _ key: LaunchKey
  ) throws(StepError) -> FilterProgram {
    for step in plan.steps {
      guard case .installFilter(let filter) = step.operation else { continue }
      do throws(FilterError) {
        return try FilterCompiler.compile(filter, key: key)
      } catch {
        throw StepError(step: step, message: error.message, errno: nil)
      }
    }
    fatalError("a plan has a filter")
  }

  package var filterProgram: FilterProgram { filter }

  /// Does not come back.
  ///
  /// - Parameters:
  ///   - statusOfFailedStart: the status to exit with where the kernel can't start the program.
  ///   - describe: the message for a step that failed. For the program's start it is asked
  ///     beforehand, because the filter may refuse the memory to make it.
  package func run(
    _ plan: Plan, statusOfFailedStart: (Errno) -> Int32, describe: (StepError) -> [UInt8]
  ) -> Never {
    var startMessages: [(errno: Errno, text: [UInt8])] = []
    if let last = plan.steps.last, case .execute(let path, _, _) = last.operation {
      startMessages = Errno.table.map { row in
        let error = SystemCallError("execve", Errno(row.code), subject: path.description)
        return (
          error.errno,
          describe(StepError(step: last, message: error.description, errno: error.errno))
        )
      }
    }
    for step in plan.steps {
      do throws(SystemCallError) {
        try perform(step.operation)
      } catch {
        let text = describe(StepError(step: step, message: error.description, errno: error.errno))
        execution.report(text, to: 2)
        execution.exit(1)
      }
    }
    let errno = execution.start()
    for message in startMessages where message.errno == errno {
      execution.report(message.text, to: 2)
    }
    execution.exit(statusOfFailedStart(errno))
  }

  private func perform(_ operation: Operation) throws(SystemCallError) {
    switch operation {
    case .enterView(let user):
      try Processes.enterNewNamespaces(user: user != nil)
      if let user { try Identity.mapOnto(uid: user.uid, gid: user.gid) }
      try Mounting.makeAllPrivate()
    case .checkProcess:
      try Mounting.checkIsProcess(try FileDescriptor.handle(on: "/proc", .noSymbolicLinks))
    case .prepareCovers(let place, let isTemporary):
      covers = try Covers(at: place, isTemporary: isTemporary)
    case .cover(let path, let kind):
      let target = try handle(on: path, kind)
      guard let source = covers?.source(for: kind) else {
        throw SystemCallError("cover", .invalid, subject: path.description)
      }
      try named(path) { () throws(SystemCallError) in
        try Mounting.bind(source, on: Self.link(to: target))
      }
    case .setMountFlags(let path, let kind, let set, let clear):
      let target = try handle(on: path, kind)
      try named(path) { () throws(SystemCallError) in
        try Mounting.setFlags(of: target, set: set, clear: clear)
      }
    case .mountTemporary(let path, let mode):
      let target = try handle(on: path, .directory)
      try named(path) { () throws(SystemCallError) in
        try Mounting.mountTemporary(
          on: Self.link(to: target), data: "mode=\(String(mode, radix: 8))")
      }
    case .releaseCovers:
      try covers?.detach()
    case .changeDirectory(let candidates): try Self.changeDirectory(candidates)
    case .setProcessors(let processors): try Limits.setProcessors(processors)
    case .setNice(let value): try Limits.addNice(value)
    case .dropCapabilities(let keep, let isRoot, let changesBoundingSet):
      if changesBoundingSet { try Capabilities.limitBoundingSet(to: keep) }
      try Capabilities.set(to: isRoot ? keep : [])
    case .setLimit(let resource, let value): try Limits.set(resource, to: value)
    case .closeDescriptors(let kept):
      if let kept { try Processes.closeOnExecute(except: kept) }
    case .setNoNewPrivileges: try Processes.setNoNewPrivileges()
    case .installFilter: try filter.install()
    case .execute: break
    }
  }

  /// A handle on the object that the planner saw: no link may have taken its place.
  private func handle(on path: Path, _ kind: FileKind) throws(SystemCallError) -> FileDescriptor {
    let handle = try FileDescriptor.handle(on: path, .noSymbolicLinks)
    guard (try handle.status().kind == .directory) == (kind == .directory) else {
      throw SystemCallError("openat2", .notDirectory, subject: path.description)
    }
    return handle
  }

  /// The name under which the kernel knows a handle. /proc was checked when it was opened, and
  /// nobody else can change this mount namespace.
  private static func link(to handle: borrowing FileDescriptor) -> Path {
    Path("/proc/self/fd/\(handle.number)")
  }

  /// Puts the path into an error that has none.
  private func named(
    _ path: Path, _ body: () throws(SystemCallError) -> Void
  ) throws(SystemCallError) {
    do throws(SystemCallError) {
      try body()
    } catch {
      throw SystemCallError(error.call, error.errno, subject: path.description)
    }
  }

  private static func changeDirectory(_ candidates: [Path]) throws(SystemCallError) {
    var failure = SystemCallError("chdir", .noEntry)
    for path in candidates {
      do throws(SystemCallError) {
        return try Files.changeDirectory(to: path)
      } catch {
        failure = error
      }
    }
    throw failure
  }
}
