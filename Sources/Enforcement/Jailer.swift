package import KernelCalls
package import KernelTypes
package import SandboxPolicy

/// A filter that asks, and who answers.
private struct Asking {
  let program: FilterProgram
  let overseer: Overseer
  let isOptional: Bool
  /// For the case that the other side can't be told.
  let message: [UInt8]
}

/// Carries out a plan: each step once, in order; the first that fails ends it. Nothing is decided
/// here. Where the plan has namespaces, two steps fork: the process that goes on is always the one
/// that becomes the program.
///
/// A class, because it owns the view, which later steps need.
package final class Jailer {
  /// Looks at the sandbox from inside.
  package typealias Probe = (_ filter: FilterProgram) throws(SystemCallError) -> Never

  private let view: View
  /// Covers of one directory, of which nobody knows yet whether they lie where they were to.
  private var unchecked: [Step] = []
  private var caretaker: Caretaker?
  /// What the launcher lends by itself while the first process makes its view, and by which step.
  private var loan = Loan()
  private var lending: (step: Step, paths: [Path])?
  /// In the first process: tells that this is done.
  private var lifeline: FileDescriptor?
  private var layer: LayerStorage?
  /// Services by their process numbers.
  private var services: [Int32] = []
  private let execution: Execution
  private let template: FilterProgram
  private let filter: FilterProgram
  private let milestones: Milestones
  private let asking: Asking?
  private let probe: Probe?
  private let timeout: Int?
  /// The caller's mask of new files' modes: the program gets it back.
  private var mask: UInt32?
  private let steps: [Step]
  /// The message for a step that failed.
  private let describe: (StepError) -> [UInt8]

  /// Makes everything that can be made before the first step: the filter above all.
  ///
  /// - Parameters:
  ///   - overseer: who answers what the plan makes the filter ask.
  ///   - probe: takes the place of the filter's installation and the program.
  ///   - lookedAt: when the plan's look at the host began (`Processes.fileTime`), where that is known.
  ///   - milestones: told what happens.
  package convenience init(
    _ plan: Plan, lookedAt: Int? = nil, overseer: Overseer? = nil, probe: Probe? = nil,
    milestones: Milestones = Milestones(), describe: @escaping (StepError) -> [UInt8]
  ) throws(StepError) {
    try self.init(
      plan.steps, lookedAt: lookedAt, timeout: plan.timeout?.value, asking: plan.askingFilter,
      mayGoUnasked: plan.mayGoUnasked, overseer: overseer, probe: probe, milestones: milestones,
      describe: describe)
  }

  /// For a program that joins a sandbox.
  ///
  /// - Parameters:
  ///   - template: the sandbox's filter without a launch key, in the place of the steps'.
  ///   - starts: called before the filter is installed, when all else is done.
  package convenience init(
    joining steps: [Step], _ template: FilterProgram,
    starts: @escaping () throws(SystemCallError) -> Void,
    describe: @escaping (StepError) -> [UInt8]
  ) throws(StepError) {
    try self.init(
      steps, template: template, milestones: Milestones(starts: starts), describe: describe)
  }

  private init(
    _ steps: [Step], template: FilterProgram? = nil, lookedAt: Int? = nil, timeout: Int? = nil,
    asking: SyscallFilter? = nil, mayGoUnasked: Bool = true, overseer: Overseer? = nil,
    probe: Probe? = nil, milestones: Milestones = Milestones(),
    describe: @escaping (StepError) -> [UInt8]
  ) throws(StepError) {
    guard let last = steps.last,
      case .execute(let path, let arguments, let environment) = last.operation
    else { fatalError("a plan ends with the program") }
    do throws(SystemCallError) {
      execution = try Execution(path, arguments: arguments, environment: environment)
    } catch {
      throw StepError(step: last, message: error.description, errno: error.errno)
    }
    self.template = if let template { template } else { try Self.compile(steps) }
    filter = self.template.keyed(by: execution.key)
    view = View(lookedAt: lookedAt)
    let message = StepError(step: last, message: "nobody answers for its filter", errno: nil)
    guard overseer != nil || asking == nil || mayGoUnasked else { throw message }
    if let asking, let overseer {
      self.asking = Asking(
        program: try Self.compile(steps, instead: asking).keyed(by: execution.key),
        overseer: overseer, isOptional: mayGoUnasked, message: describe(message))
    } else {
      self.asking = nil
    }
    self.milestones = milestones
    self.steps = steps
    self.probe = probe
    self.timeout = timeout
    self.describe = describe
  }

  private static func compile(
    _ steps: [Step], instead: SyscallFilter? = nil
  ) throws(StepError) -> FilterProgram {
    for step in steps {
      guard case .installFilter(let filter) = step.operation else { continue }
      do throws(FilterError) {
        return try FilterCompiler.template(instead ?? filter)
      } catch {
        throw StepError(step: step, message: error.message, errno: nil)
      }
    }
    fatalError("a plan has a filter")
  }

  /// What the kernel will get; where it need not ask, what it gets if it can't.
  package var filterProgram: FilterProgram {
    asking.map { $0.isOptional ? filter : $0.program } ?? filter
  }

  /// Does not come back.
  ///
  /// - Parameter statusOfFailedStart: the status to exit with where the kernel can't start the
  ///   program.
  package func run(statusOfFailedStart: (Errno) -> Int32) -> Never {
    // Made beforehand: the filter may refuse the memory for it.
    var startMessages: [(errno: Errno, text: [UInt8])] = []
    var otherMessage: [UInt8] = []
    if let last = steps.last, case .execute(let path, _, _) = last.operation {
      startMessages = Execution.errors.map { errno in
        let error = SystemCallError("execve", errno, subject: path.description)
        return (errno, describe(StepError(step: last, message: error.description, errno: errno)))
      }
      otherMessage = describe(
        StepError(step: last, message: "the kernel did not start \(path)", errno: nil))
    }
    for step in steps {
      checkCovers(before: step)
      do throws(SystemCallError) {
        try perform(step)
      } catch {
        fail(error, step)
      }
    }
    let errno = execution.start()
    let message = startMessages.first { $0.errno == errno }
    execution.report(message?.text ?? otherMessage, to: 2)
    execution.exit(statusOfFailedStart(errno))
  }

  /// Looks whether the covers of one directory lie where they were to: at all at once, where nothing in it
  /// has changed, else at each.
  private func checkCovers(before next: Step) {
    if case .cover(let path, _) = next.operation, view.isCovering(besides: path) { return }
    guard var step = unchecked.first else { return }
    do throws(SystemCallError) {
      let isSure = unchecked.count > 2 ? try view.isUnchanged() : false
      for cover in unchecked where !isSure {
        step = cover
        if case .cover(let path, let kind) = cover.operation { try view.checkCover(path, kind) }
      }
    } catch {
      fail(error, step)
    }
    unchecked.removeAll(keepingCapacity: true)
  }

  private func fail(_ error: SystemCallError, _ step: Step) -> Never {
    report(error, of: step)
    do throws(SystemCallError) { try loan.giveBack() } catch { report(error, of: step) }
    execution.exit(1)
  }

  private func report(_ error: SystemCallError, of step: Step) {
    let error = StepError(step: step, message: error.description, errno: error.errno)
    execution.report(describe(error), to: 2)
  }

  private func perform(_ step: Step) throws(SystemCallError) {
    switch step.operation {
    case .makeHostDirectory(let path): try Files.makeOwnDirectories(path)
    case .makeHostFile(let path): try Files.makeOwnFile(path)
    case .lendHostDirectories(let paths, true): caretaker = try Caretaker.start(paths)
    case .lendHostDirectories(let paths, false): lending = (step, paths)
    case .openExchange(let place, let namespaces, let user, let holdsPrograms):
      try Services.open(place, namespaces, user: user, holdsPrograms: holdsPrograms)
    case .startService(let service): try start(service)
    case .closeExchange(let place): try Mounting.detach(place)
    case .enterNamespaces(let namespaces, let user): try enter(namespaces, user)
    case .awaitLoan:
      switch lifeline.take() {
      case .some(let lifeline): try Supervisor.wait(on: lifeline)
      case .none: throw SystemCallError("read", .noChild)
      }
    case .checkProcess:
      try Mounting.checkIsProcess(try FileDescriptor.handle(on: "/proc", .noSymbolicLinks))
    case .enterRoot(let path): try view.enterRoot(path)
    case .openLayer(let path): layer = try LayerStorage.open(path)
    case .overlay(let path, let storage): try view.overlay(path, storage: storage)
    case .mountProcess:
      try view.mount("proc", flags: [.noSetuid, .noDevices, .noExecute], on: "/proc")
    case .mountTerminals(let path):
      try view.mount(
        "devpts", options: [("ptmxmode", "0666"), ("mode", "0620")],
        flags: [.noSetuid, .noExecute], on: path)
    case .mountSystem:
      try view.mount("sysfs", flags: [.noSetuid, .noDevices, .noExecute, .readOnly], on: "/sys")
    case .prepareCovers(let place, let isTemporary, let texts):
      try view.prepareCovers(at: place, isTemporary: isTemporary, texts: texts)
    case .releaseCovers: try view.releaseCovers()
    case .cover(let path, let kind):
      try view.cover(path, kind)
      unchecked.append(step)
    case .coverLink(let path): try view.coverLink(path)
    case .showOnLink(let source, let path): try view.show(source, onLink: path)
    case .coverByText(let path, let index): try view.cover(path, byText: index)
    case .setMountFlags(let path, let kind, let set, let clear):
      try view.setMountFlags(path, kind, set: set, clear: clear)
    case .replace(let path, let mode): try view.replace(path, mode: mode)
    case .seal(let path): try view.seal(path)
    case .show(let source, let kind, let path): try view.show(source, kind, at: path)
    case .bind(let source, let kind, let path): try view.bind(source, kind, on: path)
    case .makeDirectory(let path, let mode): try view.makeDirectory(path, mode: mode)
    case .makeLink(let path, let target): try view.makeLink(path, to: target)
    case .makeFile(let path, let text): try view.makeFile(path, text)
    case .copyFile(let source, let path, let mode):
      try view.copyFile(source, to: path, mode: mode)
    case .setHostName(let name): try Processes.setHostName(name)
    case .bringUpLoopback: try Network.bringUpLoopback()
    case .stayAsInit:
      try Supervisor.stayAsInit()
      if let mask { Processes.setMask(mask) }
    case .restrictItself(let rights, let rules, let scopesSockets):
      try Landlock.restrict(rights, but: rules, scopesSockets: scopesSockets)
    case .confineByAppArmor(let name, let replaces):
      try AppArmor.confineNextProgram(by: name, replaces: replaces)
    case .dropGroups: try Processes.dropGroups()
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
    case .installFilter: try installFilter()
    case .execute: break
    }
  }

  private func enter(_ namespaces: Namespaces, _ user: UserMap?) throws(SystemCallError) {
    let role = try Supervisor.accompany(timeout: timeout, overseer: asking?.overseer, duties) {
      () throws(SystemCallError) in try Processes.clone(into: namespaces)
    }
    switch consume role {
    case .launcher(let status):
      for service in services { try Services.end(service) }
      try caretaker?.finish()
      try loan.giveBack()
      milestones.ended()
      Processes.exit(status)
    case .first(let lifeline): self.lifeline = consume lifeline
    }
    mask = Processes.setMask(0)
    if let user { try Identity.mapOnto(uid: user.uid, gid: user.gid) }
    try Processes.refuseTracing()
    try Mounting.makeAllPrivate()
  }

  /// What the launcher does for the first process. The record takes its time, and so does the host with
  /// directories: the first process need not wait for them from the start.
  private var duties: Supervisor.Duties {
    var number: Int32 = 0
    return Supervisor.Duties { [self] (first) throws(SystemCallError) in
      number = first
      milestones.began(first)
      try caretaker?.watch(first)
      return milestones.record == nil ? nil : try Residence(Plan.namespaces(of: steps), of: first)
    } attend: { [self] (residence) throws(SystemCallError) in
      if let lending {
        do throws(SystemCallError) { try loan.add(lending.paths) } catch {
          fail(error, lending.step)
        }
      }
      if let record = milestones.record { try residence?.publish(record(number, template)) }
    }
  }

  /// Nothing may be allocated after it.
  private func installFilter() throws(SystemCallError) {
    if let probe { try probe(filter) }
    try milestones.starts()
    guard let asking else { return try filter.install() }
    let listener: Int32
    do throws(SystemCallError) {
      listener = try asking.program.installWithListener()
    } catch {
      // EBUSY: a sandbox around this one is asked already, and a process has one listener.
      guard error.errno == .inUse, asking.isOptional else { throw error }
      return try filter.install()
    }
    guard asking.overseer.send(listener, execution) else {
      execution.report(asking.message, to: 2)
      execution.exit(1)
    }
  }

  private func start(_ service: Service) throws(SystemCallError) {
    let describe = describe
    let pid = try Services.start(service) { () throws(SystemCallError) -> Never in
      do throws(StepError) {
        try Jailer(service.steps, describe: describe).run { _ in 1 }
      } catch {
        throw SystemCallError("seccomp", error.errno ?? .invalid, subject: error.message)
      }
    }
    if let pid { services.append(pid) }
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
