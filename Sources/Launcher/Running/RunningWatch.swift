internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// `--top` and `--netstats`: a table that is drawn anew every three seconds until a key comes.
struct RunningWatch {
  static let interval = 3000
  let isJSON: Bool
  let users: AccountNames

  init(isJSON: Bool) throws(SystemCallError) {
    self.isJSON = isJSON
    users = try AccountNames("/etc/passwd")
  }

  func top() throws(SystemCallError) {
    let header = Self.columns(
      [
        ("PID", 7), ("User", 9), ("RES(KiB)", 8), ("SHR(KiB)", 8), ("CPU%", 5), ("Prcs", 4),
        ("Uptime", 9),
      ],
      "Command")
    try watch(header, begin: ticks) { (running, before, passed) throws(SystemCallError) in
      let now = try ticks(running)
      let uptime = try Self.uptime()
      let rows = try running.all.map { (sandbox) throws(SystemCallError) in
        try row(
          sandbox, running, (now[sandbox.pid] ?? 0) - (before[sandbox.pid] ?? 0), passed, uptime)
      }
      return (rows.sorted { $0.weight > $1.weight }, now)
    }
  }

  func networks() throws(SystemCallError) {
    let header = Self.columns(
      [("PID", 7), ("User", 9), ("RX(KB/s)", 10), ("TX(KB/s)", 10)], "Command")
    try watch(header, begin: traffic) { (running, before, passed) throws(SystemCallError) in
      let now = try traffic(running)
      var rows: [Row] = []
      for sandbox in running.all {
        guard let bytes = now[sandbox.pid] else { continue }
        let rates = zip(bytes, before[sandbox.pid] ?? bytes).map {
          ($0 - $1) * 1000 / max(1, passed)
        }
        let text = Self.columns(
          [("\(sandbox.pid)", 7), (users[sandbox.user], 9)]
            + rates.map { (Self.thousandths($0), 10) }, try sandbox.command)
        let json: JSON = .object([
          ("pid", .number(Int(sandbox.pid))), ("received", .number(bytes[0])),
          ("sent", .number(bytes[1])),
        ])
        rows.append(Row(weight: rates[0] + rates[1], text: text, json: json))
      }
      return (rows, now)
    }
  }

  private struct Row {
    let weight: Int
    let text: String
    let json: JSON
  }

  /// Draws until a key comes; once where no terminal shows it.
  private func watch<Counts>(
    _ header: String, begin: (RunningSandboxes) throws(SystemCallError) -> Counts,
    rows: (RunningSandboxes, Counts, _ milliseconds: Int) throws(SystemCallError) -> (
      [Row], Counts
    )
  ) throws(SystemCallError) {
    let isInteractive = !isJSON && Processes.isTerminal(0) && Processes.isTerminal(1)
    var counts = try begin(RunningSandboxes())
    var last = Processes.now()
    guard isInteractive else {
      try Processes.pause(milliseconds: 200)
      let (rows, _) = try rows(RunningSandboxes(), counts, max(1, Processes.now() - last))
      if !isJSON { Console.print(header + "\n") }
      for row in rows { Console.print((isJSON ? row.json.text : row.text) + "\n") }
      return
    }
    let terminal = try Terminal(0)
    var wait = Int32(200)
    while try !Processes.poll(0, milliseconds: wait) {
      let now = Processes.now()
      let (lines, next) = try rows(RunningSandboxes(), counts, max(1, now - last))
      (counts, last, wait) = (next, now, Int32(Self.interval))
      let size = Terminal.size(of: 1) ?? (24, 80)
      // Home, each line with its rest erased, then all below.
      let shown = [header] + lines.prefix(max(0, size.rows - 2)).map { $0.text }
      Console.print(
        "\u{1b}[H" + shown.map { $0.prefix(size.columns) + "\u{1b}[K\n" }.joined() + "\u{1b}[J")
    }
    _ = consume terminal
  }

  // MARK: Processor and memory

  private func ticks(_ running: RunningSandboxes) throws(SystemCallError) -> [Int32: Int] {
    var ticks: [Int32: Int] = [:]
    for sandbox in running.all {
      ticks[sandbox.pid] = processes(of: sandbox, running).reduce(0) {
        $0 + (running.table.entries[$1]?.processorTicks ?? 0)
      }
    }
    return ticks
  }

  private func processes(of sandbox: RunningSandbox, _ running: RunningSandboxes) -> [Int32] {
    [sandbox.pid] + running.table.descendants(of: sandbox.pid)
  }

  private func row(
    _ sandbox: RunningSandbox, _ running: RunningSandboxes, _ ticks: Int, _ passed: Int,
    _ uptime: Int
  ) throws(SystemCallError) -> Row {
    let processes = processes(of: sandbox, running)
    var resident = 0
    var shared = 0
    for pid in processes {
      let pages = try Self.memory(of: pid)
      resident += pages.resident * ProcessTable.pageSize / 1024
      shared += pages.shared * ProcessTable.pageSize / 1024
    }
    // In tenths of a percent of one processor.
    let load = ticks * 1_000_000 / ProcessTable.ticksPerSecond / passed
    let seconds = max(0, uptime - sandbox.launcher.startTicks / ProcessTable.ticksPerSecond)
    let text = Self.columns(
      [
        ("\(sandbox.pid)", 7), (users[sandbox.user], 9), ("\(resident)", 8), ("\(shared)", 8),
        ("\(load / 10).\(load % 10)", 5), ("\(processes.count)", 4), (Self.clock(seconds), 9),
      ], try sandbox.command)
    return Row(
      weight: load, text: text,
      json: .object([
        ("pid", .number(Int(sandbox.pid))), ("user", .string(users[sandbox.user])),
        ("name", sandbox.record.name.map(JSON.string) ?? .null),
        ("residentKiB", .number(resident)), ("sharedKiB", .number(shared)),
        ("processorPerMille", .number(load)), ("processes", .number(processes.count)),
        ("seconds", .number(seconds)), ("command", .string(try sandbox.command)),
      ]))
  }

  /// In pages (`proc_pid_statm(5)`); nothing where the process has ended.
  private static func memory(
    of pid: Int32
  ) throws(SystemCallError) -> (resident: Int, shared: Int) {
    guard let file = try FileDescriptor.openIfThere(Path("/proc/\(pid)/statm")) else {
      return (0, 0)
    }
    do throws(SystemCallError) {
      let fields = try file.readAll(limit: 4096).split(separator: 32).map {
        Int(String(decoding: $0, as: UTF8.self)) ?? 0
      }
      return fields.count > 2 ? (fields[1], fields[2]) : (0, 0)
    } catch {
      guard error.errno == .noProcess else { throw error }
      return (0, 0)
    }
  }

  /// Seconds since the machine was started (`proc_uptime(5)`).
  private static func uptime() throws(SystemCallError) -> Int {
    let text = try FileDescriptor.open("/proc/uptime", 0).readAll(limit: 4096)
    return Int(String(decoding: text.prefix { $0 != UInt8(ascii: ".") }, as: UTF8.self)) ?? 0
  }

  private static func clock(_ seconds: Int) -> String {
    [seconds / 3600, seconds / 60 % 60, seconds % 60]
      .map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
  }

  // MARK: Networks

  /// Bytes received and sent, for each sandbox with a network of its own; without loopback.
  private func traffic(_ running: RunningSandboxes) throws(SystemCallError) -> [Int32: [Int]] {
    var traffic: [Int32: [Int]] = [:]
    for sandbox in running.all where sandbox.record.namespaces.contains(.network) {
      guard let program = try sandbox.program(in: running.table),
        let file = try FileDescriptor.openIfThere(Path("/proc/\(program)/net/dev"))
      else { continue }
      var bytes = [0, 0]
      for line in try file.readAll(limit: 1 << 20).split(separator: 10).dropFirst(2) {
        let fields = String(decoding: line, as: UTF8.self)
          .split { $0 == " " || $0 == ":" }.map(String.init)
        guard fields.count > 9, fields[0] != "lo" else { continue }
        bytes[0] += Int(fields[1]) ?? 0
        bytes[1] += Int(fields[9]) ?? 0
      }
      traffic[sandbox.pid] = bytes
    }
    return traffic
  }

  private static func thousandths(_ value: Int) -> String {
    let rest = String(value % 1000)
    return "\(value / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest
  }

  /// Each filled up to its width, then the last.
  private static func columns(_ columns: [(String, Int)], _ last: String) -> String {
    columns.map { text, width in
      text + String(repeating: " ", count: max(0, width - text.count)) + " "
    }.joined() + last
  }
}
