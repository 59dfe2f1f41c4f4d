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

  /// Returns the status to exit with.
  func run(_ words: [[UInt8]]) throws(SystemCallError) -> Int32 {
    let profiles = words.isEmpty ? try allProfiles() : try words.map(find)
    let showsProgress = Processes.isTerminal(2) && profiles.count > 1
    var (failures, warnings) = (0, 0)
    for (index, profile) in profiles.enumerated() {
      if showsProgress { Console.progress("checked \(index) of \(profiles.count)") }
      let result = check(profile)
      if showsProgress { Console.progress("") }
      failures += result.errors.isEmpty ? 0 : 1
      warnings += result.warnings.count
      Console.print(isJSON ? json(result).text + "\n" : text(result))
    }
    if !isJSON {
      Console.print(
        "\(profiles.count) profiles checked: \(profiles.count - failures) would start, "
          + "\(failures) would not; \(warnings) warnings\n")
    }
    return failures == 0 ? 0 : 1
  }

  /// Every file of the search path whose name ends in .profile.
  private func allProfiles() throws(SystemCallError) -> [Path] {
    var profiles: [Path] = []
    for directory in source.directories where try Files.exists(directory) {
      let names = try Files.entries(of: directory)
        .filter { $0.count > 8 && $0.suffix(8).elementsEqual(".profile".utf8) }
        .sorted { $0.lexicographicallyPrecedes($1) }
      profiles += names.map { directory.appending($0) }
    }
    return profiles
  }

  /// A path as it stands, or the first profile of a name.
  private func find(_ word: [UInt8]) throws(SystemCallError) -> Path {
    if word.contains(UInt8(ascii: "/")) {
      let path = Path(word)
      return path.isAbsolute ? path : (host.workingDirectory ?? "/").appending(word).normalized
    }
    let isWhole = word.count > 8 && word.suffix(8).elementsEqual(".profile".utf8)
    let name = isWhole ? word : word + Array(".profile".utf8)
    for directory in source.directories where try Files.exists(directory.appending(name)) {
      return directory.appending(name)
    }
    return Path(name)
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
          reader.recorder.policy, running: command(of: profile), on: host)
        warnings += plan.warnings
      }
    } catch { errors.append(error) }
    return Result(profile: profile, errors: errors, warnings: warnings)
  }

  /// The program that a profile is named after, or one that is everywhere.
  private func command(of profile: Path) throws(PolicyError) -> Command {
    let program = Array(profile.lastComponent.dropLast(8))
    let named = Command(program: program, arguments: [])
    do throws(PolicyError) {
      _ = try ProgramSearch.find(program, on: host)
      return named
    } catch {
      guard error.shellStatus == 127 else { throw error }
      return Command(program: Array("true".utf8), arguments: [])
    }
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
      ("errors", .array(result.errors.map(\.json))),
      ("warnings", .array(result.warnings.map(\.json))),
    ])
  }
}
