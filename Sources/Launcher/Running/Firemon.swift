internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// What `firemon` shows of the sandboxes that run, under that name.
struct Firemon {
  static let name = Array("firemon".utf8)

  private enum View: String, CaseIterable {
    case list, tree, top, netstats, caps, cpu, seccomp, apparmor, x11, route, arp
  }

  private static let usage = """
    Usage: firemon [OPTIONS] [PID]
    Shows the sandboxes that run; PID is a launcher, or a process in its sandbox.
      --list --tree --top --netstats   as sandbox shows them
      --caps --cpu --seccomp --apparmor --x11 --route --arp
                                       this of the first program of each
      --name=NAME                      only the sandbox of this name
      --wrap                           lines that are wider than the terminal, whole
      --version --help

    """

  private var views: [View] = []
  private var wanted: [UInt8]?
  private var wraps = false

  /// Does not come back.
  static func run(_ words: [[UInt8]]) throws(PolicyError) -> Never {
    var firemon = Firemon()
    try firemon.read(words)
    do throws(RunningError) {
      try firemon.show()
    } catch { throw PolicyError(nil, "", error.message, hint: error.hint) }
    Processes.exit(0)
  }

  private mutating func read(_ words: [[UInt8]]) throws(PolicyError) {
    for word in words {
      let text = String(decoding: word, as: UTF8.self)
      switch text {
      case "--help", "-?":
        Console.print(Self.usage)
        Processes.exit(0)
      case "--version":
        Console.print("firemon version \(Convention.firejailVersion)\n")
        Processes.exit(0)
      case "--wrap": wraps = true
      case "--debug": continue
      case _ where text.hasPrefix("--name="): wanted = Array(word.dropFirst(7))
      case _ where RunningSandboxes.isNumber(word): wanted = word
      default:
        guard text.hasPrefix("--"), let view = View(rawValue: String(text.dropFirst(2))) else {
          throw PolicyError(
            nil, "", "invalid \(displayed(word)) command line option", hint: "see firemon --help")
        }
        views.append(view)
      }
    }
  }

  private func show() throws(RunningError) {
    let running = try RunningError.passing { () throws(SystemCallError) in
      try RunningSandboxes()
    }
    var only: RunningSandbox?
    if let wanted {
      only = running.find(wanted)
      guard only != nil else {
        throw RunningError(
          "cannot find sandbox \(displayed(wanted))", hint: "--list names those that run")
      }
    }
    let list = try RunningError.passing { () throws(SystemCallError) in
      try RunningList(isJSON: false, running, wraps: wraps, only: only)
    }
    for view in views.isEmpty && wanted != nil ? [.list] : views {
      try RunningError.passing { () throws(SystemCallError) in
        switch view {
        case .list: try list.printList()
        case .tree: try list.printTree()
        case .top: try RunningWatch(isJSON: false).top()
        case .netstats: try RunningWatch(isJSON: false).networks()
        case .caps, .cpu, .seccomp, .apparmor, .x11, .route, .arp:
          for sandbox in only.map({ [$0] }) ?? running.all {
            // One that has not begun, or has just ended, has no program.
            guard let program = try sandbox.program(in: running.table) else { continue }
            try list.print(sandbox)
            for line in try lines(view, sandbox, program) { Console.print("  " + line + "\n") }
          }
        }
      }
    }
  }

  private func lines(
    _ view: View, _ sandbox: RunningSandbox, _ program: Int32
  ) throws(SystemCallError) -> [String] {
    switch view {
    case .caps: try field("CapBnd", program)
    case .cpu: try field("Cpus_allowed_list", program)
    case .seccomp: try field("Seccomp", program)
    case .apparmor: ["AppArmor: \(try StatePrinter.appArmor(program))"]
    case .x11:
      sandbox.record.environment.filter { $0.starts(with: "DISPLAY=".utf8) }
        .map { "DISPLAY " + displayed($0.dropFirst(8)) }
    case .route: try table("route", of: program, sandbox).map(Self.route)
    case .arp: try table("arp", of: program, sandbox).map { "\($0[0])  \($0[3])  \($0[5])" }
    case .list, .tree, .top, .netstats: []
    }
  }

  private func field(_ name: String, _ program: Int32) throws(SystemCallError) -> [String] {
    try Processes.fields(of: "\(program)")[name].map { ["\(name):\t\($0)"] } ?? []
  }

  /// The lines of a table of its network, which `proc_pid_net(5)` shows; none where it has the host's.
  private func table(
    _ name: String, of program: Int32, _ sandbox: RunningSandbox
  ) throws(SystemCallError) -> [[Substring]] {
    guard sandbox.record.namespaces.contains(.network) else { return [] }
    let bytes = try FileDescriptor.open(Path("/proc/\(program)/net/" + name), 0).readAll()
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").dropFirst()
      .map { $0.split { $0 == " " || $0 == "\t" } }.filter { $0.count >= 6 }
  }

  /// Fields: 0 interface, 1 destination, 2 gateway, 7 mask; numbers in the order of the wire.
  private static func route(_ fields: [Substring]) -> String {
    let mask = fields.count > 7 ? UInt32(fields[7], radix: 16) ?? 0 : 0
    return
      "\(address(fields[1]))/\(mask.nonzeroBitCount) via \(address(fields[2])) dev \(fields[0])"
  }

  private static func address(_ digits: Substring) -> String {
    let number = UInt32(digits, radix: 16) ?? 0
    return (0..<4).map { String(number >> (8 * $0) & 0xff) }.joined(separator: ".")
  }
}
