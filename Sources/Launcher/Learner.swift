internal import Enforcement
internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// `--build`: watches each call of a program, and notes what a profile must allow.
final class Learner {
  private(set) var learned = Learned()
  /// More files, programs or libraries than this are not told apart: a profile that names them would
  /// be no profile.
  private static let most = 2048

  private let rules: FilterRules
  private let places: Places
  private let traffic: BusTraffic
  /// By number, of this machine's own table.
  private var counts = [Int](repeating: 0, count: 1024)
  private var askers = [Set<String>](repeating: [], count: 1024)
  private var names = [String](repeating: "", count: 1024)
  /// Calls that need a look; the others are counted alone.
  private var isLookedAt = [Bool](repeating: true, count: 1024)
  /// These need a look where they send something to a bus.
  private var isSending = [Bool](repeating: false, count: 1024)
  private var total = 0
  private var lastProgress = 0
  private let showsProgress = Processes.isTerminal(2)

  init(_ plan: Plan, _ policy: Policy, _ host: LiveHost) {
    rules = FilterRules(plan.filter, policy.syscalls)
    places = Places(home: host.home, uid: host.uid)
    traffic = BusTraffic(host)
    for (number, name) in SystemCall.all(on: .native) where number < names.count {
      names[number] = name
      isSending[number] = BusTraffic.calls.contains(name)
      isLookedAt[number] = Self.isInteresting(name) || plan.filter.mayRefuse(name)
    }
  }

  private static func isInteresting(_ name: String) -> Bool {
    CallDescription.namesPaths(name) || CapabilityNeeds.calls.contains(name)
      || [
        "mmap", "mprotect", "pkey_mprotect", "shmat", "memfd_create", "unshare", "clone", "clone3",
        "setns",
      ].contains(name)
  }

  // MARK: Calls

  func judge(
    _ call: Notification, _ isWaiting: () -> Bool
  ) throws(SystemCallError) -> NotificationAnswer {
    total += 1
    if showsProgress, total & 0xff == 0 { progress() }
    let number = call.number
    guard call.architecture == Architecture.native.auditValue, number >= 0, number < counts.count
    else { return foreign(call) }
    counts[number] += 1
    // The first one, and fewer and fewer of the others.
    if counts[number] & (counts[number] - 1) == 0, let asker = ProcessMaps.file(at: call) {
      askers[number].insert(asker)
    }
    guard isLookedAt[number] || isSending[number] && traffic.isSent(by: call) else {
      return .goOn
    }
    let (action, _) = rules.verdict(
      architecture: call.architecture, number: number, call.arguments)
    let answer = NotificationAnswer(action)
    guard answer == .goOn else { return answer }
    let name = names[number]
    let description = CallDescription(name, call.arguments) { address, count in
      ProcessMemory.read(call.thread, address, count: count)
    }
    if isWaiting() { try note(name, call, description) }
    return .goOn
  }

  private func foreign(_ call: Notification) -> NotificationAnswer {
    let (action, _) = rules.verdict(
      architecture: call.architecture, number: call.number, call.arguments)
    let answer = NotificationAnswer(action)
    guard answer == .goOn else { return answer }
    learned.secondaryCalls += 1
    learned.calls[CallName.of(call.number, call.architecture), default: Learned.Call()].count += 1
    return .goOn
  }

  private func note(
    _ name: String, _ call: Notification, _ description: CallDescription
  ) throws(SystemCallError) {
    let arguments = call.arguments
    for (use, _) in try traffic.uses(call, name) {
      learned.busUses[use, default: 0] += 1
    }
    switch name {
    case "socket": note(family: arguments[0])
    case "mmap" where arguments[2] & 6 == 4 && arguments[3] & 0x20 == 0:
      let descriptor = Int32(truncatingIfNeeded: arguments[4])
      if let file = ProcessView.absolute([], from: descriptor, of: call.thread) {
        // The text of a descriptor's path with nothing behind it.
        if learned.libraries.count < Self.most { learned.libraries.insert(file.normalized) }
      }
    case "mmap" where arguments[2] & 6 == 6, "mprotect" where arguments[2] & 4 != 0,
      "pkey_mprotect" where arguments[2] & 4 != 0, "shmat" where arguments[2] & 0o100000 != 0,
      "memfd_create":
      learned.writeExecute += 1
    case "unshare", "clone", "setns":
      let flags = name == "setns" ? arguments[1] : arguments[0]
      note(namespaces: name == "clone" ? flags & ~0xff : flags)
    case "clone3":
      let flags = ProcessMemory.read(call.thread, arguments[0], count: 8)
      note(namespaces: flags.reversed().reduce(0) { $0 << 8 | UInt64($1) })
    default: break
    }
    if let capability = CapabilityNeeds.capability(
      for: name, arguments, address: description.address)
    {
      learned.capabilities[capability.name, default: 0] += 1
    }
    if let address = description.address {
      if name == "connect", let bus = try traffic.note(call, to: address) {
        learned.buses.insert(bus)
      }
      try note(address, name, call.thread)
    }
    for use in description.paths {
      try note(use, call.thread, isStarted: name.hasPrefix("execve"))
    }
  }

  private func note(family number: UInt64) {
    let word = UInt32(truncatingIfNeeded: number)
    let name = SocketFamily.all.first { $0.number == word }?.name ?? "\(word)"
    learned.families[name, default: 0] += 1
  }

  private func note(namespaces flags: UInt64) {
    for kind in NamespaceKind.all where flags & UInt64(kind.flag) != 0 {
      learned.namespaces[kind.name, default: 0] += 1
    }
  }

  // MARK: Paths

  private func note(
    _ address: SocketAddress, _ name: String, _ thread: Int32
  ) throws(SystemCallError) {
    switch address {
    case .path(let path):
      let use = PathUse(
        directory: nil, path: path, access: name == "bind" ? .create : .read, followsLast: true)
      try note(use, thread)
    case .abstract(let name):
      if name.starts(with: "/tmp/.X11-unix/".utf8) { learned.usesDisplay = true }
    case .network, .other: return
    }
  }

  private func note(
    _ use: PathUse, _ thread: Int32, isStarted: Bool = false
  ) throws(SystemCallError) {
    guard let path = ProcessView.absolute(use.path, from: use.directory, of: thread)?.collapsed
    else { return }
    if isStarted, learned.programs.count < Self.most || learned.programs[path] != nil {
      learned.programs[path, default: 0] += 1
    }
    if path.isWithin("/tmp/.X11-unix") {
      learned.usesDisplay = true
    } else if path.isWithin("/tmp"), path != "/tmp", use.access == .read,
      let place = places.place(of: path), learned.paths[place]?.isWritten != true,
      Attempts.identity(of: path) != nil
    {
      learned.usesTemporary = true
      if place.lastComponent.starts(with: "ssh-".utf8) { learned.usesAgent = true }
    }
    // Who only looks whether something is there does not need it; outside of the home, where
    // nothing is private, it is part of how programs find their data.
    guard use.access != .lookUp || !places.isPrivate(path), let place = places.place(of: path)
    else { return }
    guard learned.paths.count < Self.most || learned.paths[place] != nil else { return }
    let isWritten = use.access == .write || use.access == .create
    var seen = learned.paths[place] ?? Learned.Seen()
    seen.count += 1
    seen.isWritten = seen.isWritten || isWritten
    learned.paths[place] = seen
  }

  // MARK: The end

  private func progress() {
    let now = Processes.now()
    guard now - lastProgress >= 200 else { return }
    lastProgress = now
    let calls = counts.count { $0 > 0 }
    Console.progress(
      "sandbox: \(calls) calls (made \(total) times), \(learned.paths.count) places, "
        + "\(learned.programs.count) programs, \(learned.families.count) socket families")
  }

  /// What this run showed.
  func result() -> Learned {
    if showsProgress { Console.progress("") }
    var result = learned
    result.runs = 1
    for number in counts.indices where counts[number] > 0 {
      let name = names[number].isEmpty ? "$\(number)" : names[number]
      result.calls[name, default: Learned.Call()].count += counts[number]
      result.calls[name]?.askers.formUnion(askers[number])
    }
    return result
  }
}

/// Where a call stands.
private enum ProcessMaps {
  /// The name of the file whose code makes a call; nil where it can't be told.
  static func file(at call: Notification) -> String? {
    do throws(SystemCallError) {
      let maps = try FileDescriptor.open(Path("/proc/\(call.thread)/maps"), 0).readAll(
        limit: 4 << 20)
      for line in maps.split(separator: 10) {
        let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 5)
        let range = fields[0].split(separator: UInt8(ascii: "-")).map {
          UInt64(String(decoding: $0, as: UTF8.self), radix: 16) ?? 0
        }
        guard range.count == 2, range[0] <= call.instruction, call.instruction < range[1] else {
          continue
        }
        guard fields.count == 6 else { return "generated-code" }
        let path = Path(fields[5].drop { $0 == UInt8(ascii: " ") })
        return displayed(path.lastComponent.filter { $0 != UInt8(ascii: ",") && $0 != 32 })
      }
    } catch { return nil }
    return nil
  }
}
