internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// `--check`: would these profiles start their programs as they are written?
struct Check {
  let host: LiveHost
  let source: ProfileSource
  /// With what the options said.
  let reader: ProfileReader
  private var isJSON: Bool { reader.recorder.options.isJSON }

  /// What was found in one profile.
  private struct Result {
    let profile: Path
    let errors: [PolicyError]
    let warnings: [PolicyError]
  }

  /// - Returns: the status to exit with.
  func run(_ words: [[UInt8]]) throws(SystemCallError) -> Int32 {
    var profiles = words.isEmpty ? try allProfiles() : []
    for word in words { profiles.append(try ProfileSearch.find(word, source, host)) }
    host.rememberFiles()
    let workers = min(Processes.processorCount, 1 + profiles.count / 16)
    let reports = workers == 1 ? profiles.map(report) : try reports(on: profiles, by: workers)
    for report in reports { Console.print(report.text) }
    let failures = reports.count { $0.failed }
    if !isJSON {
      Console.print(
        "\(reports.count) profiles checked: \(reports.count - failures) would start, "
          + "\(failures) would not; \(reports.reduce(0) { $0 + $1.warnings }) warnings\n")
    }
    return failures == 0 ? 0 : 1
  }

  /// What is printed about one profile.
  private struct Report {
    let failed: Bool
    let warnings: Int
    let text: String
  }

  private func report(on profile: Path) -> Report {
    let result = check(profile)
    return Report(
      failed: !result.errors.isEmpty, warnings: result.warnings.count,
      text: isJSON ? json(result).text + "\n" : text(result))
  }

  /// Shares the profiles among child processes, each of which takes every so manieth.
  private func reports(
    on profiles: [Path], by workers: Int
  ) throws(SystemCallError) -> [Report] {
    let ticks = try Processes.pipe()
    let tickReader = FileDescriptor(owning: ticks.read)
    let tickWriter = FileDescriptor(owning: ticks.write)
    var children: [(pid: Int32, output: Int32)] = []
    for worker in 0..<workers {
      let output = try Processes.pipe()
      if let pid = try Processes.fork() {
        _ = FileDescriptor(owning: output.write)
        children.append((pid, output.read))
        continue
      }
      var bytes: [UInt8] = []
      for index in stride(from: worker, to: profiles.count, by: workers) {
        let report = report(on: profiles[index])
        let header =
          "\(index) \(report.failed ? 1 : 0) \(report.warnings) \(report.text.utf8.count)\n"
        bytes += Array((header + report.text).utf8)
        try tickWriter.writeAll([0])
      }
      try tickWriter.close()
      try FileDescriptor.writeAll(bytes, to: output.write)
      Processes.exit(0)
    }
    try tickWriter.close()
    try showProgress(tickReader, of: profiles.count)
    var reports = [Report?](repeating: nil, count: profiles.count)
    for child in children {
      let bytes = try FileDescriptor(owning: child.output).readAll()
      _ = try Processes.wait(for: child.pid)
      Self.read(bytes[...], into: &reports)
    }
    // A worker that ended early has left some out.
    guard !reports.contains(where: { $0 == nil }) else {
      throw SystemCallError("waitpid", .noChild, subject: "a worker of --check")
    }
    return reports.compactMap { $0 }
  }

  /// A byte comes for each profile, until all workers are done.
  private func showProgress(
    _ ticks: borrowing FileDescriptor, of count: Int
  ) throws(SystemCallError) {
    let isShown = Processes.isTerminal(2)
    var done = 0
    while try !ticks.readAll(limit: 1).isEmpty {
      done += 1
      if isShown { Console.progress("checked \(done) of \(count)") }
    }
    if isShown { Console.progress("") }
  }

  private static func read(_ bytes: ArraySlice<UInt8>, into reports: inout [Report?]) {
    var rest = bytes
    while let end = rest.firstIndex(of: 10) {
      let numbers = rest[..<end].split(separator: UInt8(ascii: " "))
        .compactMap { Int(String(decoding: $0, as: UTF8.self)) }
      let text = rest[(end + 1)...].prefix(numbers[3])
      reports[numbers[0]] = Report(
        failed: numbers[1] == 1, warnings: numbers[2], text: String(decoding: text, as: UTF8.self))
      rest = rest[text.endIndex...]
    }
  }

  /// Every file of the search path whose name ends in .profile.
  private func allProfiles() throws(SystemCallError) -> [Path] {
    var profiles: [Path] = []
    for directory in source.directories where try Files.exists(directory) {
      let names = try Files.entries(of: directory)
        .filter { ProfileSearch.isFileName($0) }
        .sorted { $0.lexicographicallyPrecedes($1) }
      profiles += names.map { directory.appending($0) }
    }
    return profiles
  }

  private func check(_ profile: Path) -> Result {
    var reader = reader
    reader.stopsAtError = false
    var errors: [PolicyError] = []
    var warnings: [PolicyError] = []
    do throws(PolicyError) {
      let isThere = try reader.readFile(profile)
      errors += reader.problems
      if !isThere { throw PolicyError(nil, "\(profile)", "there is no such profile") }
      warnings += Lint.warnings(of: reader)
      if errors.isEmpty {
        let plan = try Planner.plan(
          reader.recorder.policy,
          running: ProgramSearch.commandToPlan(ProfileSearch.program(of: profile), on: host),
          on: host)
        warnings += plan.warnings
      }
    } catch { errors.append(error) }
    return Result(profile: profile, errors: errors, warnings: warnings)
  }

  private func text(_ result: Result) -> String {
    let lines = [("error", result.errors), ("warning", result.warnings)].flatMap { kind, errors in
      errors.map { "\(kind): " + ($0.origin == nil ? "\(result.profile): " : "") + $0.line + "\n" }
    }
    return lines.joined()
  }

  private func json(_ result: Result) -> JSON {
    .object([
      ("profile", .string(result.profile.description)),
      ("wouldStart", .bool(result.errors.isEmpty)),
      ("errors", .array(result.errors.map { $0.json })),
      ("warnings", .array(result.warnings.map { $0.json })),
    ])
  }
}
