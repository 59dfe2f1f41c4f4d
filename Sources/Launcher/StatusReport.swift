internal import Enforcement
internal import KernelCalls
internal import KernelTypes

/// `--status`: how processes are confined, as the kernel tells it.
struct StatusReport {
  let isJSON: Bool

  /// - Parameter wanted: a number, a name, or empty for the caller.
  func print(_ wanted: [UInt8]) throws(SystemCallError) {
    let processes = try all()
    let name = String(decoding: wanted, as: UTF8.self)
    var roots: [Int32] = []
    if wanted.isEmpty {
      roots = [Processes.parent]
    } else if let pid = Int32(name) {
      roots = processes[pid] == nil ? [] : [pid]
    } else {
      // The kernel keeps 15 letters of a name.
      let short = String(name.prefix(15))
      roots = processes.filter { $0.value["Name"] == short && $0.key != Processes.identifier }
        .map { $0.key }.sorted()
    }
    guard !roots.isEmpty else { throw SystemCallError("status", .noProcess, subject: name) }
    var seen: Set<Int32> = []
    for root in roots { show(root, processes, depth: 0, &seen) }
  }

  private func all() throws(SystemCallError) -> [Int32: [String: String]] {
    var processes: [Int32: [String: String]] = [:]
    for entry in try Files.entries(of: "/proc") {
      guard let pid = Int32(String(decoding: entry, as: UTF8.self)) else { continue }
      do throws(SystemCallError) {
        processes[pid] = try Processes.fields(of: "\(pid)")
      } catch {
        // It has ended meanwhile, or is another user's that hides.
        guard error.meansEnded || error.errno == .accessDenied else { throw error }
      }
    }
    return processes
  }

  private func show(
    _ pid: Int32, _ processes: [Int32: [String: String]], depth: Int, _ seen: inout Set<Int32>
  ) {
    guard seen.insert(pid).inserted, let fields = processes[pid] else { return }
    if pid != Processes.identifier {
      Console.print(isJSON ? json(pid, fields).text + "\n" : text(pid, fields, depth))
    }
    for child in processes.filter({ $0.value["PPid"] == "\(pid)" }).map({ $0.key }).sorted() {
      show(child, processes, depth: depth + 1, &seen)
    }
  }

  private func text(_ pid: Int32, _ fields: [String: String], _ depth: Int) -> String {
    let indent = String(repeating: "  ", count: depth)
    let filters = fields["Seccomp_filters"].map { $0 == "1" ? ", 1 filter" : ", \($0) filters" }
    let namespaces = namespaces(of: pid).map {
      $0.isEmpty ? "the caller's" : $0.joined(separator: ", ")
    }
    let rows = [
      ("seccomp", mode(fields) + (fields["Seccomp"] == "2" ? filters ?? "" : "")),
      ("no new privileges", fields["NoNewPrivs"] == "1" ? "yes" : "no"),
      ("capabilities", capabilities(fields)),
      ("new namespaces", namespaces ?? "not told: it is another user's"),
      ("Landlock", "not told by the kernel"),
    ]
    let name = displayed(Array((fields["Name"] ?? "").utf8))
    return "\(indent)\(pid) \(name)\n"
      + rows.map { title, value in
        indent + "  " + title + String(repeating: " ", count: 18 - title.count) + value + "\n"
      }.joined()
  }

  private func mode(_ fields: [String: String]) -> String {
    switch fields["Seccomp"] {
    case "0": "none"
    case "1": "strict"
    case "2": "filter"
    default: "not told"
    }
  }

  private func capabilities(_ fields: [String: String]) -> String {
    guard let effective = fields["CapEff"].flatMap({ UInt64($0, radix: 16) }) else {
      return "not told"
    }
    let names = Capability.names(in: effective)
    let isAll = names.count == Capability.all.count
    return names.isEmpty ? "none" : isAll ? "all" : names.joined(separator: ",")
  }

  /// Nil where the kernel does not tell.
  private func namespaces(of pid: Int32) -> [String]? {
    do throws(SystemCallError) {
      return try Measurement.newNamespaces(of: Path("/proc/\(pid)"))
    } catch { return nil }
  }

  private func json(_ pid: Int32, _ fields: [String: String]) -> JSON {
    .object([
      ("pid", .number(Int(pid))), ("parent", .number(fields["PPid"].flatMap { Int($0) } ?? 0)),
      ("name", .string(fields["Name"] ?? "")),
      ("seccomp", .number(fields["Seccomp"].flatMap { Int($0) } ?? -1)),
      ("filters", .number(fields["Seccomp_filters"].flatMap { Int($0) } ?? -1)),
      ("noNewPrivileges", .bool(fields["NoNewPrivs"] == "1")),
      ("capabilities", .string(fields["CapEff"] ?? "")),
      ("newNamespaces", namespaces(of: pid).map { .array($0.map(JSON.string)) } ?? .null),
      ("landlock", .null),
    ])
  }
}
