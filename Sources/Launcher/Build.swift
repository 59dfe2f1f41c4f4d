internal import Enforcement
internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// `--build`: runs a program without lists of calls and without a profile, learns what it does, writes
/// the profile, and runs it again under that.
struct Build {
  let options: LaunchOptions
  let policy: Policy
  let command: Command
  let host: LiveHost
  let source: ProfileSource
  let reader: ProfileReader

  /// What the learning run obeys: the options of the command line and the base restrictions.
  private var learningPolicy: Policy {
    var policy = policy
    policy.allowsNesting = policy.allowsNesting ?? .builtIn("build")
    return policy
  }

  func run() throws(PolicyError) -> Never {
    if let phase = policy.syscalls.secondPhase {
      throw PolicyError(
        phase.origin, "seccomp.keep.after", "--build learns one list, for the whole run",
        hint: "write it into the profile afterwards")
    }
    let base = try readBase()
    if let file = options.builds, !file.value.isEmpty {
      // Better now than after the run.
      guard Attempts.canWrite(file.value) || Attempts.canWrite(file.value.parent) else {
        throw PolicyError(
          file.origin, "build", "\"\(file.value)\" can't be written", hint: "name another file")
      }
    }
    let plan = try Planner.plan(
      learningPolicy, running: command, watch: .everything, on: host)
    let program = try ProgramSearch.find(command.program, on: host)
    let learner = Learner(plan, learningPolicy, host)
    let session = Session(
      policy: learningPolicy, options: options, plan: plan, host: host, profiles: [],
      failsLikeShell: false, beginning: Processes.microseconds(),
      watcher: { () throws(SystemCallError) in
        try Overseer { (call, isWaiting) throws(SystemCallError) in
          try learner.judge(call, isWaiting)
        } atEnd: { (status) throws(SystemCallError) in
          try finish(learner.result(), current(base), program, status)
        }
      })
    session.start()
  }

  // MARK: Files

  /// The file as it is now: another run may have written it meanwhile.
  private func current(_ base: [UInt8]?) -> [UInt8]? {
    do throws(PolicyError) { return try readBase() } catch { return base }
  }

  /// The profile that is extended, and the file that is written; nil for standard output.
  private func readBase() throws(PolicyError) -> [UInt8]? {
    if let base = options.buildBase { return try bytes(of: base.value, base.origin) }
    guard let file = options.builds?.value, !file.isEmpty else { return nil }
    do throws(ProfileReadError) {
      return try source.read(file)
    } catch {
      guard case .unusable(let reason, let hint) = error else { return nil }
      throw PolicyError(options.builds?.origin, "build", "\"\(file)\" \(reason)", hint: hint)
    }
  }

  private func bytes(of name: [UInt8], _ origin: Origin) throws(PolicyError) -> [UInt8] {
    let path = Path(name)
    let isPath = name.contains(UInt8(ascii: "/"))
    let candidates =
      isPath
      ? [path] : source.directories.map { $0.appending(name + Array(".profile".utf8)) }
    for candidate in candidates {
      do throws(ProfileReadError) {
        return try source.read(candidate)
      } catch {
        guard case .unusable(let reason, let hint) = error else { continue }
        throw PolicyError(origin, "profile", "\"\(candidate)\" \(reason)", hint: hint)
      }
    }
    throw PolicyError(origin, "profile", "there is no profile \"\(displayed(name))\"")
  }

  // MARK: The end of the run

  private func finish(
    _ run: Learned, _ base: [UInt8]?, _ program: FoundFile, _ status: Int32
  ) throws(SystemCallError) {
    let before = base.map(Learned.init(readingFrom:)) ?? Learned()
    let learned = withInterpreters(before.merging(run), program)
    let writer = ProfileWriter(
      learned, facts(program, base),
      additions: options.buildsExactly ? [] : additions(to: learned, program.path))
    let text = writer.text(extending: base)
    tell(learned, run, base, status)
    let file = options.builds?.value ?? ""
    if file.isEmpty {
      Console.print(text)
    } else {
      let output = try FileDescriptor.openForReplacing(file, mode: 0o644)
      try output.writeAll(Array(text.utf8))
      Console.note("\(file) is written; now the program runs again under it, as a proof")
    }
    try prove(text, file)
  }

  private func tell(_ learned: Learned, _ run: Learned, _ base: [UInt8]?, _ status: Int32) {
    Console.note(
      "the program ended with status \(status) after \(run.calls.values.reduce(0) { $0 + $1.count })"
        + " calls of \(run.calls.count) kinds")
    guard let base, let listed = Self.list(in: base) else { return }
    let missing = run.calls.keys.filter { !listed.contains($0) }.sorted()
    guard !missing.isEmpty else { return Console.note("the list that there was lacked nothing") }
    Console.note(
      "the list that there was lacked \(missing.count): " + missing.joined(separator: ","))
    let optional = missing.filter(FilterBuilder.isExpectedMissing)
    if !optional.isEmpty {
      Console.note("of these libc does without: " + optional.joined(separator: ","))
    }
  }

  /// The calls of a profile's keep list, by name.
  private static func list(in base: [UInt8]) -> Set<String>? {
    for line in base.split(separator: 10) {
      let words = line.split(separator: UInt8(ascii: " "), maxSplits: 1)
      guard words.count == 2, words[0].elementsEqual("seccomp.keep".utf8) else { continue }
      let items = words[1].prefix { $0 != UInt8(ascii: "#") }.filter { $0 > 32 }
      do throws(DirectiveError) {
        let calls = try SyscallListParser.items(in: items[...])
        return Set(
          calls.compactMap { item in
            if case .named(let name) = item.call { name } else { nil }
          } + FilterBuilder.impliedByKeep)
      } catch { return nil }
    }
    return nil
  }

  /// A script is run by another program, which no call names.
  private func withInterpreters(_ learned: Learned, _ started: FoundFile) -> Learned {
    var learned = learned
    var programs = learned.programs
    programs.merge([started.path: 1], combinedBy: max)
    for (program, count) in programs {
      do throws(HostError) {
        guard let found = try host.find(program), found.kind == .regular,
          let bytes = try host.contents(of: found.path), bytes.starts(with: "#!".utf8)
        else { continue }
        let line = bytes.dropFirst(2).prefix { $0 != 10 }
        let words = line.split(separator: UInt8(ascii: " "))
        if let first = words.first { learned.programs[Path(first), default: 0] += count }
        if let first = words.first, words.count > 1, first.reversed().starts(with: "vne/".utf8) {
          let name = Path("/usr/bin").appending(words[1])
          learned.programs[name, default: 0] += count
        }
      } catch { continue }
    }
    return learned
  }

  /// By the functions that the programs import, and their libraries after them.
  private func additions(to learned: Learned, _ program: Path) -> [String] {
    var own: Set<String> = []
    var borrowed: Set<String> = []
    for path in learned.programs.keys + [program] { own.formUnion(imports(of: path)) }
    for library in learned.libraries { borrowed.formUnion(imports(of: library)) }
    return CallFamilies.additions(
      to: Set(learned.calls.keys), own: LibcCalls.calls(of: own),
      borrowed: LibcCalls.calls(of: borrowed))
  }

  private func imports(of path: Path) -> [String] {
    do throws(HostError) {
      guard let found = try host.find(path), found.kind == .regular else { return [] }
      return try host.contents(of: found.path).map(ExecutableFile.imports(of:)) ?? []
    } catch { return [] }
  }

  private func facts(_ program: FoundFile, _ base: [UInt8]?) -> ProfileWriter.Facts {
    let shown = files(of: [
      "whitelist-common.inc", "whitelist-run-common.inc", "whitelist-runuser-common.inc",
      "whitelist-usr-share-common.inc", "whitelist-var-common.inc",
    ]).whitelists.filter { !$0.isDropped }.map { $0.path }
    var denied = files(of: [
      "disable-common.inc", "disable-interpreters.inc", "disable-proc.inc", "disable-programs.inc",
    ]).rules
    if let base { denied += rules(of: base) }
    let patterns = denied.filter { $0.verb == .blacklist }.map { $0.pattern }
    return ProfileWriter.Facts(
      program: Path(command.program).isAbsolute ? Path(command.program) : program.path,
      home: host.home, uid: host.uid, date: Processes.date(),
      kind: { path in
        do throws(HostError) { return try host.find(path)?.kind } catch { return nil }
      },
      isCommon: { path in
        shown.contains { pattern in
          path.isWithin(pattern) || Glob.matches(pattern.bytes, path.bytes)
        }
      },
      isDenied: { path in
        patterns.contains { pattern in
          path.isWithin(pattern) || pattern.isWithin(path)
            || Glob.matches(pattern.bytes, path.bytes)
        }
      })
  }

  /// What files of the collections say about paths.
  private func files(of names: [String]) -> FilePolicy {
    var reader = reader
    do throws(PolicyError) {
      for name in names { _ = try reader.readFromDirectories(Array(name.utf8)) }
    } catch { Console.note(error.line) }
    return reader.recorder.policy.files
  }

  /// What a profile says about paths, as far as it can be read.
  private func rules(of base: [UInt8]) -> [PathRule] {
    let name: Path = "/base.profile"
    let source = ProfileSource(directories: source.directories) {
      [source] (path) throws(ProfileReadError) in
      path == name ? base : try source.read(path)
    }
    var reader = ProfileReader(macros: reader.recorder.macros, source: source)
    reader.stopsAtError = false
    do throws(PolicyError) { _ = try reader.readFile(name) } catch { Console.note(error.line) }
    return reader.recorder.policy.files.rules
  }

  // MARK: Proof

  /// The same program under what was written, with each refusal explained. Does not come back.
  private func prove(_ text: String, _ file: Path) throws(SystemCallError) {
    guard options.provesBuild else { return }
    let profile: Path
    if file.isEmpty {
      // It lives as long as the descriptor does.
      let memory = try FileDescriptor.inMemory("profile")
      try memory.writeAll(Array(text.utf8))
      try memory.setMode(0o600)
      profile = Path("/proc/self/fd/\(memory.released())")
    } else {
      profile =
        file.isAbsolute || file.bytes.starts(with: "./".utf8) ? file : Path("./" + "\(file)")
    }
    var words: [[UInt8]] = ["sandbox", "--explain", "--quiet"].map { Array($0.utf8) }
    words.append(Array("--profile=".utf8) + profile.bytes)
    words += [Array("--".utf8), command.program] + command.arguments
    try Processes.become(host.launcher, words, host.environment)
  }
}
