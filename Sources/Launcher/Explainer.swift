internal import Enforcement
internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// `--explain` and `--trace`: answers what the filter asks by the filter's own rules, and says of each refusal what
/// was tried, which rule decided, and how to lift it.
final class Explainer {
  private let rules: CurrentRules
  private let view: ViewRules
  private let capabilities: Setting<CapabilityPolicy>?
  private let remedies: Remedies
  private let host: LiveHost
  private let buses: BusPolicy
  private let traffic: BusTraffic
  private let lines: ProfileLines
  private let report: RefusalReport?
  private let trace: TraceLog?

  init(
    _ rules: CurrentRules, _ policy: Policy, _ plan: Plan, _ host: LiveHost,
    report: RefusalReport?, trace: TraceLog?
  ) {
    self.rules = rules
    view = ViewRules(plan)
    capabilities = policy.capabilities
    remedies = Remedies(home: host.home)
    self.host = host
    buses = policy.buses
    traffic = BusTraffic(host)
    lines = ProfileLines()
    self.report = report
    self.trace = trace
  }

  // MARK: Judging

  func judge(
    _ call: Notification, _ isWaiting: () -> Bool
  ) throws(SystemCallError) -> NotificationAnswer {
    let name = CallName.of(call.number, call.architecture)
    let (action, rule) = rules.verdict(on: call, isWaiting)
    let description = CallDescription(name, call.arguments) { address, count in
      ProcessMemory.read(call.thread, address, count: count)
    }
    // Else the memory may have been another process's, and nobody is left to be answered.
    guard isWaiting() else { return .fail(.unsupportedCall) }
    switch action {
    case .allow, .trap, .trace, .notify:
      if name == "exit_group", call.arguments[0] & 0xff != 0 {
        report?.noteFailure(of: try Processes.process(of: call.thread) ?? call.thread)
      }
      try noteMessages(call, name)
      if let (errno, rule) = try refusal(call, name, description) {
        try note(call, description.text, FilterAction.errno(errno).verdict, rule)
      } else if description.isEvent {
        trace?.add(description.text, thread: call.thread, refusal: nil)
      }
    case .log, .killProcess, .killThread:
      try note(call, description.text, action.verdict, rule, isFatal: action == .killProcess)
    case .errno(let errno):
      try note(
        call, description.text, action.verdict, rule,
        isUsual: errno == .unsupportedCall && FilterBuilder.isExpectedMissing(name))
    }
    return NotificationAnswer(action)
  }

  private func note(
    _ call: Notification, _ text: String, _ verdict: String, _ rule: RuleReference?,
    isFatal: Bool = false, isUsual: Bool = false
  ) throws(SystemCallError) {
    trace?.add(text, thread: call.thread, refusal: verdict)
    guard let rule, let report else { return }
    let process = try Processes.process(of: call.thread) ?? call.thread
    report.add(
      Refusal(
        call: text, process: process,
        program: Files.executable(of: process) ?? Path("a process"), verdict: verdict,
        isFatal: isFatal, rule: rule, isUsual: isUsual))
  }

  /// What the bus's proxy will refuse of what a call sends.
  private func noteMessages(_ call: Notification, _ name: String) throws(SystemCallError) {
    for (use, message) in try traffic.uses(call, name) {
      guard let access = buses.refusal(of: use, message) else { continue }
      let place = use.verb == .talk ? " at \(displayed(message.path))" : ""
      let text =
        "\(displayed(message.interface)).\(displayed(message.member)) of \(use.name)\(place), "
        + "by the \(use.bus.rawValue) bus"
      try note(
        call, text, "refused by the bus's filter",
        RuleReference(
          "dbus-\(use.bus.rawValue)", access.origin,
          remedy: [use.line]))
    }
  }

  func finish(status: Int32) { report?.finish(status: status) }

  // MARK: What the kernel will refuse

  /// What becomes of a call that the filter allows.
  private func refusal(
    _ call: Notification, _ name: String, _ description: CallDescription
  ) throws(SystemCallError) -> (Errno, RuleReference)? {
    if let needed = CapabilityNeeds.capability(
      for: name, call.arguments, address: description.address)
    {
      if let rule = capabilityRefusal(needed) {
        return (name == "bind" ? .accessDenied : .notPermitted, rule)
      }
    }
    if let address = description.address {
      if name == "connect" { try traffic.note(call, to: address) }
      if let refusal = try refusal(address, call) { return refusal }
    }
    for use in description.paths {
      if let refusal = try refusal(use, call.thread) { return refusal }
    }
    if name == "mmap" || name == "mmap2" { return try mappingRefusal(call) }
    return nil
  }

  private func capabilityRefusal(_ capability: Capability) -> RuleReference? {
    guard !(capabilities?.value.kept.contains(capability) ?? false) else { return nil }
    let origin = capabilities?.origin ?? .builtIn("no capabilities")
    // An ordinary user has none that a line could leave.
    let remedy =
      host.uid != 0
      ? []
      : remedies.lines(
        against: origin, line: lines.statement(at: origin), capabilities?.value, capability)
    let directive = capabilities?.value.directive ?? ""
    return RuleReference(directive, origin, remedy: remedy)
  }

  private func refusal(
    _ address: SocketAddress, _ call: Notification
  ) throws(SystemCallError) -> (Errno, RuleReference)? {
    switch address {
    case .path(let path):
      return try refusal(
        PathUse(directory: nil, path: path, access: .lookUp, followsLast: true), call.thread,
        isSocket: true)
    case .abstract:
      return view.scopesSockets.map {
        (.notPermitted, reference($0, path: "/tmp/.X11-unix", place: "/tmp/.X11-unix"))
      }
    case .network(_, _, _, let isLoopback):
      guard !isLoopback, let origin = view.noNetwork else { return nil }
      return (.noNetwork, reference(origin, path: "/", place: "/"))
    case .other: return nil
    }
  }

  private func refusal(
    _ use: PathUse, _ thread: Int32, isSocket: Bool = false
  ) throws(SystemCallError) -> (Errno, RuleReference)? {
    do throws(SystemCallError) {
      guard let path = ProcessView.absolute(use.path, from: use.directory, of: thread) else {
        return nil
      }
      let seen = try ProcessView(of: thread)
      let place = try seen.look(at: path, followsLast: use.followsLast)
      return refusal(path, place, use.access, isSocket: isSocket)
    } catch {
      // It has ended, or its memory named a descriptor that it has not.
      switch error.errno {
      case .noEntry, .noProcess, .accessDenied, .notPermitted, .notDirectory, .loop, .nameTooLong,
        .invalid:
        return nil
      default: throw error
      }
    }
  }

  private func refusal(
    _ asked: Path, _ place: ProcessView.Place, _ access: PathAccess, isSocket: Bool
  ) -> (Errno, RuleReference)? {
    let path = place.path
    if let cover = view.cover(of: path) {
      // The cover itself can be seen, and no more.
      let isSeen = place.errno == nil && path == cover.path && access == .lookUp && !isSocket
      let isText = if case .coverByText = cover.step.operation { true } else { false }
      if !isSeen, !isText {
        return (.accessDenied, reference(cover.step.origin, path: asked, place: cover.path))
      }
    }
    if place.errno == .noEntry, access != .create {
      guard let replacement = view.replacement(above: path), isThere(asked) else { return nil }
      let origin = replacement.step.origin
      return (.noEntry, reference(origin, path: path, place: replacement.path))
    }
    if [.write, .create].contains(access), place.isReadOnly, let step = view.isReadOnly(path) {
      return (.readOnly, reference(step.origin, path: asked, place: path))
    }
    // A directory is searched, not executed.
    if access == .execute, place.kind != .directory, place.isNoExecute,
      let step = view.isNoExecute(path)
    {
      return (.accessDenied, reference(step.origin, path: asked, place: path))
    }
    if place.errno == nil || access == .create, let step = view.landlock(path, access) {
      return (.accessDenied, reference(step.origin, path: asked, place: path))
    }
    return nil
  }

  /// Whether the host has what the view hides.
  private func isThere(_ path: Path) -> Bool {
    do throws(HostError) { return try host.find(path) != nil } catch { return true }
  }

  private func mappingRefusal(
    _ call: Notification
  ) throws(SystemCallError) -> (Errno, RuleReference)? {
    let (protection, flags) = (call.arguments[2], call.arguments[3])
    let descriptor = Int32(truncatingIfNeeded: call.arguments[4])
    // PROT_EXEC of a file.
    guard protection & 4 != 0, flags & 0x20 == 0, descriptor >= 0 else { return nil }
    do throws(SystemCallError) {
      let file = try Files.readLink(Path("/proc/\(call.thread)/fd/\(descriptor)"))
      let place = try ProcessView(of: call.thread).look(at: file, followsLast: false)
      guard place.isNoExecute, let step = view.isNoExecute(place.path) else { return nil }
      return (.notPermitted, reference(step.origin, path: place.path, place: place.path))
    } catch { return nil }
  }

  private func reference(_ origin: Origin, path: Path, place: Path) -> RuleReference {
    let line = lines.statement(at: origin)
    let directive =
      switch origin {
      case .file: line.map { String(decoding: $0.keyword, as: UTF8.self) } ?? ""
      case .argument(let option), .lineOption(let option): String(option.drop { $0 == "-" })
      case .builtIn: ""
      }
    return RuleReference(
      directive, origin,
      remedy: remedies.lines(against: origin, line: line, path: path, place: place))
  }
}

/// The lines of profiles, read again when a message needs one.
final class ProfileLines {
  private var files: [Path: [Int: Statement]] = [:]

  /// Nil for a rule of no file, and where the file has changed meanwhile.
  func statement(at origin: Origin) -> Statement? {
    guard case .file(let path, let line) = origin else { return nil }
    if files[path] == nil { files[path] = read(path) }
    return files[path]?[line]
  }

  private func read(_ path: Path) -> [Int: Statement] {
    var statements: [Int: Statement] = [:]
    let bytes: [UInt8]
    do throws(SystemCallError) {
      bytes = try FileDescriptor.openForReading(path).readAll(limit: ProfileSearch.largestFile)
    } catch { return statements }
    var parser = ProfileParser(bytes, of: path)
    do throws(PolicyError) {
      while let statement = try parser.next() {
        if case .file(_, let line) = statement.origin { statements[line] = statement }
      }
    } catch { return statements }
    return statements
  }
}
