package import KernelTypes

/// What was seen of a program, over one run or several: the facts that a profile is made from.
package struct Learned: Hashable, Sendable {
  package struct Call: Hashable, Sendable {
    package var count = 0
    /// The files in whose code the call stood: the program, libc, another library.
    package var askers: Set<String> = []

    package init(count: Int = 0, askers: Set<String> = []) {
      self.count = count
      self.askers = askers
    }
  }

  package struct Seen: Hashable, Sendable {
    package var count = 0
    package var isWritten = false

    package init(count: Int = 0, isWritten: Bool = false) {
      self.count = count
      self.isWritten = isWritten
    }
  }

  package var runs = 0
  package var calls: [String: Call] = [:]
  /// Socket families by the words of `protocol`; others by their numbers.
  package var families: [String: Int] = [:]
  /// Paths as `Places` gathers them.
  package var paths: [Path: Seen] = [:]
  package var programs: [Path: Int] = [:]
  /// Files that were mapped as code, in this run; not kept.
  package var libraries: Set<Path> = []
  /// Kinds of namespaces that were made or entered.
  package var namespaces: [String: Int] = [:]
  package var capabilities: [String: Int] = [:]
  package var writeExecute = 0
  package var secondaryCalls = 0
  package var usesDisplay = false
  /// Files in /tmp that others have made; and among them the sockets of agents for keys.
  package var usesTemporary = false
  package var usesAgent = false
  /// The buses that it spoke to, and what it asked there.
  package var buses: Set<Bus> = []
  package var busUses: [BusUse: Int] = [:]

  package init() {}

  /// What two records say together.
  package func merging(_ other: Learned) -> Learned {
    var all = self
    all.runs += other.runs
    all.calls.merge(other.calls) {
      Call(count: $0.count + $1.count, askers: $0.askers.union($1.askers))
    }
    all.families.merge(other.families, combinedBy: +)
    all.paths.merge(other.paths) {
      Seen(count: $0.count + $1.count, isWritten: $0.isWritten || $1.isWritten)
    }
    all.programs.merge(other.programs, combinedBy: +)
    all.namespaces.merge(other.namespaces, combinedBy: +)
    all.capabilities.merge(other.capabilities, combinedBy: +)
    all.libraries.formUnion(other.libraries)
    all.writeExecute += other.writeExecute
    all.secondaryCalls += other.secondaryCalls
    all.usesDisplay = usesDisplay || other.usesDisplay
    all.usesTemporary = usesTemporary || other.usesTemporary
    all.usesAgent = usesAgent || other.usesAgent
    all.buses.formUnion(other.buses)
    all.busUses.merge(other.busUses, combinedBy: +)
    return all
  }
}

// MARK: As lines of a profile

/// The record is kept in the profile itself, as comments that the next run reads again.
extension Learned {
  private static let mark = "#: "

  package var lines: [String] {
    func counted(_ word: String, _ counts: [String: Int]) -> [String] {
      counts.sorted { $0.key < $1.key }.map { "\(word) \($0.key) \($0.value)" }
    }
    var lines = ["runs \(runs)"]
    lines += calls.sorted { $0.key < $1.key }.map {
      "call \($0.key) \($0.value.count) \($0.value.askers.sorted().joined(separator: ","))"
    }
    lines += counted("family", families) + counted("namespace", namespaces)
    lines += counted("capability", capabilities)
    lines += paths.sorted { $0.key.bytes.lexicographicallyPrecedes($1.key.bytes) }.map {
      "\($0.value.isWritten ? "written" : "read") \($0.value.count) \($0.key)"
    }
    lines += programs.sorted { $0.key.bytes.lexicographicallyPrecedes($1.key.bytes) }.map {
      "program \($0.value) \($0.key)"
    }
    if writeExecute > 0 { lines.append("write-execute \(writeExecute)") }
    if secondaryCalls > 0 { lines.append("secondary \(secondaryCalls)") }
    for (name, isUsed) in [
      ("display", usesDisplay), ("tmp", usesTemporary), ("ssh-agent", usesAgent),
    ] where isUsed { lines.append("uses " + name) }
    for bus in Bus.allCases where buses.contains(bus) {
      lines.append("uses \(bus.rawValue)-bus")
      lines += busUses.filter { $0.key.bus == bus }.map {
        "bus-\(bus.rawValue) \($0.value) \($0.key.verb.rawValue) \($0.key.name)"
      }.sorted()
    }
    return lines.map { Self.mark + $0 }
  }

  /// From a profile that has such lines; others are passed over.
  package init(readingFrom text: [UInt8]) {
    for line in text.split(separator: 10) {
      let line = String(decoding: line, as: UTF8.self)
      guard line.hasPrefix(Self.mark) else { continue }
      let words = line.dropFirst(Self.mark.count).split(
        separator: " ", maxSplits: 2, omittingEmptySubsequences: false
      ).map(String.init)
      if words.count > 1 { read(words) }
    }
  }

  private mutating func read(_ words: [String]) {
    let rest = words.count > 2 ? words[2] : ""
    switch words[0] {
    case "runs": runs = Self.count(words[1])
    case "call":
      let parts = rest.split(separator: " ", maxSplits: 1).map(String.init)
      let askers = parts.count > 1 ? parts[1].split(separator: ",").map(String.init) : []
      calls[words[1]] = Call(count: Self.count(parts.first ?? ""), askers: Set(askers))
    case "family": families[words[1]] = Self.count(rest)
    case "namespace": namespaces[words[1]] = Self.count(rest)
    case "capability": capabilities[words[1]] = Self.count(rest)
    case "read", "written":
      paths[Path(rest)] = Seen(count: Self.count(words[1]), isWritten: words[0] == "written")
    case "program": programs[Path(rest)] = Self.count(words[1])
    case "write-execute": writeExecute = Self.count(words[1])
    case "secondary": secondaryCalls = Self.count(words[1])
    case "uses":
      if words[1] == "display" { usesDisplay = true }
      if words[1] == "tmp" { usesTemporary = true }
      if words[1] == "ssh-agent" { usesAgent = true }
      for bus in Bus.allCases where words[1] == "\(bus.rawValue)-bus" { buses.insert(bus) }
    case "bus-user", "bus-system":
      let parts = rest.split(separator: " ").map(String.init)
      guard parts.count == 2, let bus = Bus(rawValue: String(words[0].dropFirst(4))),
        let verb = BusPolicy.Rule.Verb(rawValue: parts[0]), BusUse.isWellKnown(Array(parts[1].utf8))
      else { return }
      busUses[BusUse(bus, verb, parts[1])] = Self.count(words[1])
    default: return
    }
  }

  /// Of a line that anybody may have edited: sums of it stay numbers.
  private static func count(_ digits: String) -> Int {
    min(max(Int(digits) ?? 0, 0), 1 << 40)
  }
}

/// Gathers paths to what a profile would name: not each file, but the directory that is the program's.
package struct Places: Sendable {
  private let home: Path
  private let runtime: Path

  package init(home: Path, uid: UInt32) {
    self.home = home
    runtime = Path("/run/user/\(uid)")
  }

  /// Whether a path is the user's own.
  package func isPrivate(_ path: Path) -> Bool { path.isWithin(home) || path.isWithin("/home") }

  /// Nil for what no profile needs to name.
  package func place(of path: Path) -> Path? {
    if path.isWithin(home), home.bytes.count > 1 { return homePlace(path) }
    if path.isWithin(runtime) { return first(1, of: path, below: runtime) }
    let parts = path.components
    guard let top = parts.first.map({ String(decoding: $0, as: UTF8.self) }) else { return nil }
    switch top {
    case "etc", "opt", "srv", "mnt", "media", "dev":
      return first(1, of: path, below: Path("/" + top))
    case "tmp": return first(1, of: path, below: "/tmp")
    case "run": return first(1, of: path, below: "/run")
    case "var": return first(2, of: path, below: "/var")
    case "usr": return path.isWithin("/usr/share") ? first(1, of: path, below: "/usr/share") : nil
    case "home": return nil
    default: return nil
    }
  }

  private func homePlace(_ path: Path) -> Path? {
    for name in [".local/share", ".local/state", ".local/lib", ".config", ".cache"] {
      let parent = home.appending(name)
      if path.isWithin(parent) { return first(1, of: path, below: parent) }
    }
    if path == home.appending(".local") { return nil }
    return first(1, of: path, below: home)
  }

  /// The first so many parts below a directory; nil for that itself.
  private func first(_ count: Int, of path: Path, below directory: Path) -> Path? {
    guard path != directory else { return nil }
    let rest = path.components.dropFirst(directory.components.count)
    guard !rest.isEmpty else { return nil }
    return rest.prefix(count).reduce(directory) { $0.appending($1) }
  }
}
