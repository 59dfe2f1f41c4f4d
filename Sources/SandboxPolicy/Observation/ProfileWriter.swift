package import KernelTypes

/// A profile in Firejail's language from what was seen of a program.
package struct ProfileWriter {
  /// What a writer must know about the machine.
  package struct Facts {
    package let program: Path
    package let home: Path
    package let uid: UInt32
    /// `2026-11-21`.
    package let date: String
    /// What lies at a path now; nil for nothing.
    package let kind: (Path) -> FileKind?
    /// Whether the shipped whitelist-*.inc files show a path.
    package let isCommon: (Path) -> Bool
    /// Whether the disable-*.inc files, or the profile that is extended, hide a path or part of it.
    package let isDenied: (Path) -> Bool

    package init(
      program: Path, home: Path, uid: UInt32, date: String, kind: @escaping (Path) -> FileKind?,
      isCommon: @escaping (Path) -> Bool, isDenied: @escaping (Path) -> Bool
    ) {
      self.program = program
      self.home = home
      self.uid = uid
      self.date = date
      self.kind = kind
      self.isCommon = isCommon
      self.isDenied = isDenied
    }
  }

  private let learned: Learned
  let facts: Facts
  /// What is added to the calls that were made.
  let additions: [String]
  private let remedies: Remedies

  package init(_ learned: Learned, _ facts: Facts, additions: [String]) {
    self.learned = learned
    self.facts = facts
    self.additions = additions.sorted()
    remedies = Remedies(home: facts.home)
  }

  private var name: String { displayed(facts.program.lastComponent) }

  /// - Parameter base: the profile that is extended; its own lines stay.
  package func text(extending base: [UInt8]?) -> String {
    var lines = [
      "# \(name): made by sandbox --build from \(learned.runs) run"
        + "\(learned.runs == 1 ? "" : "s"), \(facts.date).",
      "# A number behind a line says how often its reason was seen; the record is at the end.",
    ]
    let new = sections
    if let base {
      lines += ProfileExtension(base, self).lines(new)
    } else {
      for section in new where !section.isEmpty { lines += [""] + section }
    }
    lines +=
      ["", "# The record, which the next --build of this file goes on with."] + learned.lines
    return lines.joined(separator: "\n") + "\n"
  }

  // MARK: Sections

  var sections: [[String]] {
    [
      ["include \(name).local", "include globals.local"],
      lifted, denials, madePlaces, shown, words, syscallLines, privateLines, busLines,
    ]
  }

  /// What must stand before the lines that hide it.
  var lifted: [String] {
    homePlaces.filter { facts.isDenied($0.path) }.map { "noblacklist " + spelt($0.path) }
      + interpreters
  }

  private func spelt(_ path: Path) -> String {
    let runtime = Path("/run/user/\(facts.uid)")
    if path.isWithin(runtime) {
      return "${RUNUSER}" + displayed(path.bytes[runtime.bytes.count...])
    }
    return remedies.spelt(path)
  }

  private func seen(_ line: String, _ count: Int) -> String { "\(line)  # \(count)" }

  /// The places that exist, in order. What a line can't say exactly is left out: the names are the
  /// program's choice, and one with a star would show more than itself.
  private func places(in directory: Path) -> [(path: Path, seen: Learned.Seen)] {
    learned.paths.filter { path, _ in
      path.isWithin(directory) && path != directory && PathArgument.isExact(path)
        && facts.kind(path) != nil
    }.map { ($0.key, $0.value) }
      .sorted { $0.path.bytes.lexicographicallyPrecedes($1.path.bytes) }
  }

  private var homePlaces: [(path: Path, seen: Learned.Seen)] {
    // A home that is the root directory, or below another one that is named here, is no home.
    facts.home.bytes.count > 1 ? places(in: facts.home).filter { !facts.isCommon($0.path) } : []
  }

  private var runsOwnCode: Bool {
    learned.programs.keys.contains { program in
      program.isWithin(facts.home) || program.isWithin("/tmp") || program.isWithin("/var")
    } || facts.program.isWithin(facts.home)
  }

  private var interpreters: [String] {
    let names = Set(
      (learned.programs.keys + [facts.program]).map { displayed($0.lastComponent) })
    let known = [
      ("python3", "allow-python3.inc"), ("python2", "allow-python2.inc"),
      ("perl", "allow-perl.inc"),
      ("ruby", "allow-ruby.inc"), ("lua", "allow-lua.inc"), ("node", "allow-nodejs.inc"),
      ("php", "allow-php.inc"), ("java", "allow-java.inc"), ("gjs", "allow-gjs.inc"),
    ]
    return known.filter { prefix, _ in names.contains { $0.hasPrefix(prefix) } }
      .map { "include " + $0.1 } + (learned.usesAgent ? ["include allow-ssh.inc"] : [])
  }

  private var denials: [String] {
    ["include disable-common.inc"]
      + (runsOwnCode ? [] : ["include disable-exec.inc"])
      + [
        "include disable-interpreters.inc", "include disable-proc.inc",
        "include disable-programs.inc",
      ]
  }

  /// What the program makes must be there before it is shown.
  var madePlaces: [String] {
    homePlaces.filter { $0.seen.isWritten }.map { place in
      (facts.kind(place.path) == .directory ? "mkdir " : "mkfile ") + spelt(place.path)
    }
  }

  var shown: [String] {
    func lines(_ directory: Path) -> [String] {
      places(in: directory).filter { !facts.isCommon($0.path) }.map {
        seen("whitelist " + spelt($0.path), $0.seen.count)
      }
    }
    let own = homePlaces.map { seen("whitelist " + spelt($0.path), $0.seen.count) }
    let runtime = Path("/run/user/\(facts.uid)")
    let system = lines("/usr/share") + lines("/var").filter { !$0.hasPrefix("whitelist /var/tmp") }
    let rest = lines("/opt") + lines("/srv") + lines("/mnt") + lines("/media")
    return own + lines(runtime)
      + lines("/run").filter {
        !$0.hasPrefix("whitelist /run/user") && !$0.utf8.holds("${RUNUSER}".utf8)
      }
      + system + rest + [
        "include whitelist-common.inc", "include whitelist-run-common.inc",
        "include whitelist-runuser-common.inc", "include whitelist-usr-share-common.inc",
        "include whitelist-var-common.inc",
      ]
  }

  // MARK: Words

  private var usesNetwork: Bool {
    !Set(learned.families.keys).isDisjoint(with: ["inet", "inet6", "packet", "bluetooth"])
  }

  private func usesDevice(_ prefixes: [String]) -> Bool {
    learned.paths.keys.contains { path in
      path.isWithin("/dev") && facts.kind(path) != nil
        && prefixes.contains { path.lastComponent.starts(with: $0.utf8) }
    }
  }

  private var usesSound: Bool {
    usesDevice(["snd"])
      || learned.paths.keys.contains { path in
        let name = displayed(path.lastComponent)
        return path.isWithin("/run/user") && (name == "pulse" || name.hasPrefix("pipewire"))
      }
  }

  private var words: [String] {
    let devices: [(word: String, isUsed: Bool)] = [
      ("no3d", usesDevice(["dri", "nvidia", "kfd"])), ("nodvd", usesDevice(["sr", "cdrom"])),
      ("noinput", usesDevice(["input"])),
      ("noprinters", usesDevice(["lp"]) || facts.usesPrinter(learned)),
      ("nosound", usesSound), ("notv", usesDevice(["dvb"])), ("nou2f", usesDevice(["hidraw"])),
      ("novideo", usesDevice(["video"])),
    ]
    var words = devices.filter { !$0.isUsed }.map { $0.word }
    words.append(capabilities)
    words += ["nogroups", "nonewprivs", "noroot"]
    if !usesNetwork { words.append("net none") }
    words.append(protocols)
    return words
  }

  private var capabilities: String {
    learned.capabilities.isEmpty
      ? "caps.drop all" : "caps.keep " + learned.capabilities.keys.sorted().joined(separator: ",")
  }

  private var protocols: String {
    let known = SocketFamily.all.map { $0.name }.filter { learned.families[$0] != nil }
    let names = known.contains("unix") ? known : ["unix"] + known
    return "protocol " + names.joined(separator: ",")
  }

  var syscallLines: [String] {
    var lines: [String] = []
    if learned.writeExecute == 0 { lines.append("memory-deny-write-execute") }
    let kinds = NamespaceKind.all.map { $0.name }
    if learned.namespaces.isEmpty {
      lines.append("restrict-namespaces")
    } else {
      lines.append("allow-bwrap")
      let rest = kinds.filter { learned.namespaces[$0] == nil }
      if !rest.isEmpty { lines.append("restrict-namespaces " + rest.joined(separator: ",")) }
    }
    if learned.secondaryCalls == 0 { lines.append("seccomp.block-secondary") }
    if !additions.isEmpty {
      lines.append("# Not seen, but of the same use: " + additions.joined(separator: ","))
    }
    lines.append("seccomp.keep " + keptCalls.joined(separator: ","))
    return lines
  }

  /// The calls of the list, by name.
  private var keptCalls: [String] {
    // Those are always allowed.
    Array(Set(learned.calls.keys).union(additions).subtracting(FilterBuilder.impliedByKeep))
      .sorted()
  }

  private var privateLines: [String] {
    var lines: [String] = []
    let standard = ["/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/games"]
    let programs = learned.programs.filter {
      PathArgument.isExact($0.key) && facts.kind($0.key) != nil
    }
    let isStandard = { (path: Path) in standard.contains { path.parent == Path($0) } }
    if programs.keys.allSatisfy({
      isStandard($0) || $0.isWithin("/usr/lib") || $0.isWithin("/usr/libexec")
    }) {
      let names = Set(programs.keys.filter(isStandard).map { displayed($0.lastComponent) })
      let all = names.union(isStandard(facts.program) ? [name] : [])
      if !all.isEmpty { lines.append("private-bin " + all.sorted().joined(separator: ",")) }
    }
    let devices = places(in: "/dev").map { displayed($0.path.lastComponent) }
    let usual: Set<String> = [
      "null", "zero", "full", "random", "urandom", "tty", "pts", "ptmx", "shm", "fd", "stdin",
      "stdout", "stderr", "snd", "dri", "input", "log", "nvidia0", "nvidiactl",
    ]
    if devices.allSatisfy({ usual.contains($0) || $0.hasPrefix("video") || $0.hasPrefix("hidraw") })
    {
      lines.append("private-dev")
    }
    let configuration = places(in: "/etc").map { displayed($0.path.lastComponent) }
    if !configuration.isEmpty {
      lines.append("private-etc " + configuration.joined(separator: ","))
    }
    let temporary = places(in: "/tmp").filter {
      !displayed($0.path.lastComponent).hasPrefix(".X11") && !$0.seen.isWritten
    }
    if temporary.isEmpty, !learned.usesTemporary { lines.append("private-tmp") }
    return lines
  }

  private var busLines: [String] {
    Bus.allCases.flatMap { bus in
      guard learned.buses.contains(bus) else { return ["dbus-\(bus.rawValue) none"] }
      let uses = learned.busUses.filter { $0.key.bus == bus }
      // Who may talk to a name sees it.
      let needed = uses.filter { use, _ in
        use.verb != .see
          || !uses.keys.contains { $0.name == use.name && $0.verb != .see }
      }
      return ["dbus-\(bus.rawValue) filter"]
        + needed.map { seen($0.key.line, $0.value) }.sorted()
    }
  }
}

extension ProfileWriter.Facts {
  fileprivate func usesPrinter(_ learned: Learned) -> Bool {
    learned.paths.keys.contains { $0 == "/run/cups" }
  }
}
