internal import CGlibc
internal import KernelTypes

/// The processes of this machine at one moment, as far as /proc shows them.
package struct ProcessTable: Sendable {
  /// A line of /proc/PID/stat (`proc_pid_stat(5)`).
  package struct Entry: Sendable {
    package let pid: Int32
    /// At most 15 bytes, which may be any.
    package let name: [UInt8]
    package let isZombie: Bool
    package let parent: Int32
    /// In user and in kernel mode, in clock ticks.
    package let processorTicks: Int
    /// Since the machine was started, in clock ticks.
    package let startTicks: Int
    /// In pages.
    package let residentPages: Int

    /// Whether the number stands for this process still.
    package var isThere: Bool {
      get throws(SystemCallError) {
        try ProcessTable.entry(of: pid)?.startTicks == startTicks
      }
    }
  }

  package let entries: [Int32: Entry]
  private let children: [Int32: [Int32]]

  package init() throws(SystemCallError) {
    var entries: [Int32: Entry] = [:]
    var children: [Int32: [Int32]] = [:]
    for name in try Files.entries(of: "/proc") {
      guard let first = name.first, first >= 48, first <= 57,
        let pid = Int32(String(decoding: name, as: UTF8.self)),
        let entry = try Self.entry(of: pid)
      else { continue }
      entries[pid] = entry
      children[entry.parent, default: []].append(pid)
    }
    self.entries = entries
    self.children = children
  }

  package func children(of pid: Int32) -> [Int32] { (children[pid] ?? []).sorted() }

  /// The processes below one.
  package func descendants(of ancestor: Int32) -> [Int32] {
    var found: [Int32] = []
    var open = [ancestor]
    while let next = open.popLast() {
      found += children[next] ?? []
      open += children[next] ?? []
    }
    return found
  }

  /// Nil where the process has ended, or is hidden.
  package static func entry(of pid: Int32) throws(SystemCallError) -> Entry? {
    let bytes: [UInt8]
    do throws(SystemCallError) {
      bytes = try FileDescriptor.open(Path("/proc/\(pid)/stat"), 0).readAll(limit: 4096)
    } catch {
      guard error.meansEnded || error.errno == .accessDenied else { throw error }
      return nil
    }
    // After the name in parentheses, which may hold anything: state, parent.
    guard let start = bytes.firstIndex(of: UInt8(ascii: "(")),
      let end = bytes.lastIndex(of: UInt8(ascii: ")")), start < end
    else { return nil }
    let fields = bytes[(end + 1)...].split(separator: UInt8(ascii: " "))
    guard fields.count > 21 else { return nil }
    func number(_ field: Int) -> Int {
      Int(String(decoding: fields[field - 3], as: UTF8.self)) ?? 0
    }
    return Entry(
      pid: pid, name: Array(bytes[(start + 1)..<end]),
      isZombie: fields[0].elementsEqual("Z".utf8), parent: Int32(truncatingIfNeeded: number(4)),
      processorTicks: number(14) + number(15), startTicks: number(22), residentPages: number(24))
  }

  /// How many clock ticks a second has, and how many bytes a page (sysconf(3)).
  package static var ticksPerSecond: Int { max(1, sysconf(Int32(_SC_CLK_TCK))) }
  package static var pageSize: Int { max(1, sysconf(Int32(_SC_PAGESIZE))) }
}
