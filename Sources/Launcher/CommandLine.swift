internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// The words of the command line, by the name that the launcher was started under.
struct CommandLine {
  /// Options, and what follows them.
  private(set) var words: [[UInt8]] = []
  /// What is started whatever the words are.
  private(set) var program: Command?
  private let isQuiet: Bool

  init(_ host: LiveHost) {
    let all = Processes.arguments()
    isQuiet = host.variable("FIREJAIL_QUIET").map { $0.elementsEqual("yes".utf8) } ?? false
    switch Convention.current {
    case .program(let name):
      program = Command(program: name, arguments: Array(all.dropFirst()))
    case .firejail where Self.isLoginShell(all):
      program = Self.shell(host, Array(all.dropFirst()))
    case .own, .firejail: words = Array(all.dropFirst())
    }
  }

  /// In Firejail's place it may be somebody's login shell: started as `-firejail`, or with `-c`.
  private static func isLoginShell(_ words: [[UInt8]]) -> Bool {
    words.first?.first == UInt8(ascii: "-")
      || words.dropFirst().first.map { $0.elementsEqual("-c".utf8) } ?? false
  }

  /// `$SHELL` or the user's own one, unless that is the launcher or none.
  private static func shell(_ host: LiveHost, _ arguments: [[UInt8]]) -> Command {
    let others = ["firejail", "sandbox", "nologin", "false"].map { Array($0.utf8) }
    let shells = [host.variable("SHELL").map { Path($0) }, host.shell, "/bin/sh"]
    let shell = shells.compactMap { $0 }.first {
      $0.isAbsolute && !others.contains(Array($0.lastComponent))
    }
    return Command(program: (shell ?? "/bin/sh").bytes, arguments: arguments)
  }

  /// What is started as it is where an existing sandbox is taken for enough, as far as the words alone
  /// tell; nil where it never is.
  var commandInside: Command? {
    guard Convention.current != .own else { return nil }
    if let program { return program }
    let rest = words.drop { $0.starts(with: "--".utf8) && $0.count > 2 }
    let command = rest.first?.elementsEqual("--".utf8) ?? false ? rest.dropFirst() : rest
    return command.first.map { Command(program: $0, arguments: Array(command.dropFirst())) }
  }

  /// What Firejail does by variables and by its configuration.
  func adapt(_ policy: inout Policy, _ configuration: FirejailConfiguration) {
    guard Convention.current == .firejail else { return }
    if isQuiet || configuration.isQuiet { policy.isQuiet = true }
    if let action = configuration.errorAction, policy.syscalls.errorAction == nil {
      policy.syscalls.errorAction = action
    }
    if let origin = configuration.disablesMounts, policy.files.flags[.disableMnt] == nil {
      policy.files.flags[.disableMnt] = origin
    }
    var variables = [("container", "firejail")]
    // For those inside, too.
    if policy.isQuiet { variables.append(("FIREJAIL_QUIET", "yes")) }
    for (name, value) in variables {
      policy.environment.edits.insert(
        Setting(
          .set(name: Array(name.utf8), value: Array(value.utf8)),
          .builtIn("Firejail's convention")), at: 0)
    }
  }
}

/// Sandboxes inside sandboxes: as `firejail`, and by a link that is called like a program, an existing
/// one is enough.
enum Nesting {
  /// Whether the kernel vouches that this process is in a sandbox that it can't leave: no new
  /// privileges, a filter, and one user alone.
  static func isConfined() throws(PolicyError) -> Bool {
    do throws(SystemCallError) {
      let status = try Processes.fields(of: "self")
      guard status["NoNewPrivs"] == "1", status["Seccomp"] == "2" else { return false }
      let map = try FileDescriptor.open("/proc/self/uid_map", 0).readAll(limit: 4096)
      let fields = map.split { $0 == 32 || $0 == 10 }
      return fields.count == 3 && fields[2].elementsEqual("1".utf8)
    } catch { throw PolicyError(nil, "nesting", error.description) }
  }

  static func runDirectly(_ command: Command, _ host: LiveHost) throws(PolicyError) -> Never {
    let found = try ProgramSearch.find(command.program, on: host)
    Console.warn(
      "an existing sandbox was detected. \(displayed(command.program)) will run without any "
        + "additional sandboxing features")
    do throws(SystemCallError) {
      try Processes.become(found.path, [command.program] + command.arguments, host.environment)
      Console.fail("\(found.path) did not start")
    } catch { throw PolicyError(nil, displayed(command.program), error.description) }
  }
}
