internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// `--check-list`: the calls that a program and its libraries may make by what they import from libc,
/// and by calls of their own, that the keep list of a profile refuses.
struct CheckList {
  let host: LiveHost
  let source: ProfileSource
  let reader: ProfileReader

  /// Where a call comes from.
  private struct Reason {
    let file: String
    /// A function of libc's, or nothing for a call in the file's own code.
    let function: String
    let isOwn: Bool
  }

  /// - Returns: 0 where the list lacks nothing that the program itself may call, else 1.
  func run(_ words: [[UInt8]]) throws(PolicyError) -> Int32 {
    guard let word = words.first, words.count <= 2 else {
      throw PolicyError(
        .argument("--check-list"), "", "takes a profile, and a program where that has another name",
        hint: "write: sandbox --check-list PROFILE [PROGRAM]")
    }
    let profile: Path
    do throws(SystemCallError) {
      profile = try ProfileSearch.find(word, source, host)
    } catch { throw PolicyError(nil, displayed(word), error.description) }
    let filter = try filter(of: profile)
    let programs = try programs(words.count == 2 ? words[1] : nil, profile)
    var reasons: [String: [Reason]] = [:]
    for file in try LibraryClosure.files(of: programs, on: host) {
      collect(file, isOwn: programs.contains(file.path), filter, &reasons)
    }
    let names = Set(programs.map { displayed($0.lastComponent) }).sorted().joined(separator: ", ")
    return report(reasons, "\(profile) for \(names)")
  }

  private func filter(of profile: Path) throws(PolicyError) -> ArchitectureFilter {
    var reader = reader
    guard try reader.readFile(profile) else {
      throw PolicyError(nil, "\(profile)", "there is no such profile")
    }
    let syscalls = reader.recorder.policy.syscalls
    let phases = [syscalls] + [syscalls.afterEvent].compactMap { $0 }
    guard phases.contains(where: { $0.native?.value.form.isKeep == true }),
      var filter = FilterBuilder.filter(for: syscalls).architectures.first
    else {
      throw PolicyError(
        nil, "\(profile)", "has no seccomp.keep line",
        hint: "make one: sandbox --build=FILE PROGRAM")
    }
    // The list is looked at, not what becomes of single arguments.
    filter.guards = []
    for part in phases.compactMap({ FilterBuilder.filter(for: $0).architectures.first }) {
      // What one of two phases allows is not lacking.
      for call in SystemCall.names where part.usualVerdict(on: call) == .allow {
        filter.rules[call] = .allow
      }
      for rule in part.conditions where rule.action == .allow { filter.rules[rule.call] = .allow }
    }
    filter.conditions = []
    return filter
  }

  /// The program, and those that a record of `--build` names.
  private func programs(_ word: [UInt8]?, _ profile: Path) throws(PolicyError) -> [Path] {
    let named = word ?? ProfileSearch.program(of: profile)
    var paths = [try ProgramSearch.find(named, on: host).path]
    let record: [UInt8]
    do throws(ProfileReadError) { record = try source.read(profile) } catch { record = [] }
    for program in Learned(readingFrom: record).programs.keys {
      do throws(PolicyError) {
        paths.append(try ProgramSearch.find(program.bytes, on: host).path)
      } catch { continue }
    }
    return Set(paths).sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
  }

  private func collect(
    _ file: LibraryClosure.File, isOwn: Bool, _ filter: ArchitectureFilter,
    _ reasons: inout [String: [Reason]]
  ) {
    let name = displayed(file.path.lastComponent)
    for function in file.imports {
      for call in LibcCalls.calls(of: [function]) where filter.verdict(on: call) != .allow {
        reasons[call, default: []].append(Reason(file: name, function: function, isOwn: isOwn))
      }
    }
    // libc itself has every call; what of it is used stands in the imports.
    guard !name.hasPrefix("libc.so"), !name.hasPrefix("ld-linux") else { return }
    for number in file.directCalls {
      guard let call = SystemCall(number: number, on: .native)?.name,
        filter.verdict(on: call) != .allow
      else { continue }
      reasons[call, default: []].append(Reason(file: name, function: "", isOwn: isOwn))
    }
  }

  private func report(_ reasons: [String: [Reason]], _ subject: String) -> Int32 {
    let calls = reasons.keys.sorted(by: LibcCalls.isMoreUsual)
    let isOwn = { (call: String) in reasons[call]?.contains(where: { $0.isOwn }) ?? false }
    let isOptional = FilterBuilder.isExpectedMissing
    let own = calls.filter { isOwn($0) && !isOptional($0) }
    let borrowed = calls.filter { !isOwn($0) && !isOptional($0) }
    guard !calls.isEmpty else {
      Console.print("\(subject): the list lacks nothing\n")
      return 0
    }
    var text = "\(subject): the most usual first\n"
    for (title, names) in [
      ("may be called by the programs themselves", own), ("by their libraries", borrowed),
      ("libc does without", calls.filter(isOptional)),
    ] where !names.isEmpty {
      text += "\(names.count) \(title):\n"
      for name in names { text += "  \(name)  " + Self.text(reasons[name] ?? []) + "\n" }
    }
    if !own.isEmpty { text += "to allow the first: seccomp.allow \(own.joined(separator: ","))\n" }
    Console.print(text)
    return own.isEmpty ? 0 : 1
  }

  /// `git (utimes, utime), libz.so.1`; at most three files.
  private static func text(_ reasons: [Reason]) -> String {
    var files: [(name: String, functions: [String])] = []
    for reason in reasons.sorted(by: { $0.isOwn && !$1.isOwn }) {
      if let index = files.firstIndex(where: { $0.name == reason.file }) {
        if !files[index].functions.contains(reason.function) {
          files[index].functions.append(reason.function)
        }
      } else {
        files.append((reason.file, [reason.function]))
      }
    }
    let shown = files.prefix(3).map { file in
      let functions = file.functions.filter { !$0.isEmpty }.map { displayed(Array($0.utf8)) }
      return file.name + (functions.isEmpty ? "" : " (\(functions.joined(separator: ", ")))")
    }
    return shown.joined(separator: ", ") + (files.count > 3 ? " and \(files.count - 3) more" : "")
  }
}
