internal import Enforcement
internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// A sandbox that runs, as the kernel vouches for it.
struct RunningSandbox {
  let record: SandboxRecord
  /// The real user of the launcher.
  let user: UInt32
  /// The namespaces that the launcher holds open, by what /proc/PID/ns calls them.
  let namespaces: [String: Path]
  let launcher: ProcessTable.Entry

  var pid: Int32 { record.launcher }

  /// Nil where the process is no launcher with a sandbox.
  ///
  /// Nobody inside a sandbox can pass for one: what counts is that the process runs this very
  /// file, is no more confined than the caller, in the caller's process namespace, and holds a record
  /// that cannot be changed and names it.
  fileprivate init?(_ entry: ProcessTable.Entry, seenBy own: Observer) throws(SystemCallError) {
    let directory = Path("/proc/\(entry.pid)")
    do throws(SystemCallError) {
      let program = try FileDescriptor.handle(on: directory.appending("exe"), []).status()
      guard program.device == own.program.device, program.inode == own.program.inode,
        let (record, namespaces) = try Self.holdings(of: directory), record.launcher == entry.pid
      else { return nil }
      let status = try Processes.fields(of: "\(entry.pid)")
      guard Observer.confinement(status) == own.confinement,
        let user = status["Uid"]?.split(separator: "\t").first.flatMap({ UInt32($0) }),
        user == own.user || own.user == 0,
        try entry.isThere
      else { return nil }
      self.record = record
      self.user = user
      self.namespaces = namespaces
      launcher = entry
    } catch {
      // It has ended, or is another user's.
      switch error.errno {
      case .noEntry, .noProcess, .accessDenied, .notPermitted: return nil
      default: throw error
      }
    }
  }

  private static func holdings(
    of directory: Path
  ) throws(SystemCallError) -> (SandboxRecord, [String: Path])? {
    var found: SandboxRecord?
    var namespaces: [String: Path] = [:]
    let descriptors = directory.appending("fd")
    let memory = Path("/memfd:\(SandboxRecord.fileName) (deleted)")
    for number in try Files.entries(of: descriptors) {
      let descriptor = descriptors.appending(number)
      let target = try Files.readLink(descriptor)
      if target == memory {
        let file = try FileDescriptor.open(descriptor, 0)
        guard file.isSealed else { continue }
        found = SandboxRecord(bytes: try file.readAll(limit: 16 << 20))
      } else if target.bytes.last == UInt8(ascii: "]"),
        let colon = target.bytes.firstIndex(of: UInt8(ascii: ":"))
      {
        namespaces[String(decoding: target.bytes[..<colon], as: UTF8.self)] = descriptor
      }
    }
    return found.map { ($0, namespaces) }
  }

  /// The first program, once it runs under its filter; nil before.
  func program(in table: ProcessTable) throws(SystemCallError) -> Int32? {
    for pid in table.children(of: record.first) {
      let status: [String: String]
      do throws(SystemCallError) {
        status = try Processes.fields(of: "\(pid)")
      } catch {
        guard error.meansEnded else { throw error }
        continue
      }
      // The first process is the first in its namespace, and its first child the second.
      if status["NSpid"]?.split(separator: "\t").last == "2", status["NoNewPrivs"] == "1",
        status["Seccomp"] == "2"
      {
        return pid
      }
    }
    return nil
  }

  /// The launcher's command line: a blank behind each word, control characters as C writes them.
  var command: String {
    get throws(SystemCallError) { try ProcessLine.command(of: pid) }
  }
}

/// Who looks, by what a launcher must be like that it started.
private struct Observer {
  let user = Identity.uid
  let program: FileStatus
  let confinement: [String]

  init() throws(SystemCallError) {
    program = try FileDescriptor.handle(on: "/proc/self/exe", []).status()
    confinement = Self.confinement(try Processes.fields(of: "self"))
  }

  /// A program in a sandbox differs in one of these at least.
  static func confinement(_ status: [String: String]) -> [String] {
    let depth = status["NSpid"]?.split(separator: "\t").count ?? 0
    return ["\(depth)"] + ["Seccomp", "Seccomp_filters", "NoNewPrivs"].map { status[$0] ?? "" }
  }
}

/// All sandboxes of the caller's that run; root sees everyone's.
struct RunningSandboxes {
  let table: ProcessTable
  let all: [RunningSandbox]

  init() throws(SystemCallError) {
    let own = try Observer()
    let table = try ProcessTable()
    var all: [RunningSandbox] = []
    for pid in table.entries.keys.sorted() where pid != Processes.identifier {
      guard let entry = table.entries[pid], !entry.isZombie else { continue }
      if let sandbox = try RunningSandbox(entry, seenBy: own) { all.append(sandbox) }
    }
    self.table = table
    self.all = all
  }

  /// Whether a word is a process's number rather than a name.
  static func isNumber(_ word: [UInt8]) -> Bool {
    !word.isEmpty && word.allSatisfy { (0x30...0x39).contains($0) }
  }

  /// By a name, or by the number of the launcher or of any process inside.
  func find(_ word: [UInt8]) -> RunningSandbox? {
    let text = String(decoding: word, as: UTF8.self)
    guard Self.isNumber(word) else {
      return all.first { $0.record.name == text }
    }
    var pid = Int32(text) ?? 0
    while pid > 1, let entry = table.entries[pid] {
      if let sandbox = all.first(where: { $0.pid == pid }) { return sandbox }
      pid = entry.parent
    }
    return nil
  }

  /// The one that a command line names.
  static func named(_ word: [UInt8]) throws(RunningError) -> RunningSandbox {
    let found = try RunningError.passing { () throws(SystemCallError) in
      try RunningSandboxes().find(word)
    }
    guard let found else {
      if Convention.current == .firejail, isNumber(word) {
        throw RunningError("cannot find process with pid \(displayed(word))")
      }
      throw RunningError(
        "cannot find sandbox \(displayed(word))", hint: "--list names those that run")
    }
    return found
  }

  /// The one that a command line names, with its first program.
  static func ready(_ word: [UInt8]) throws(RunningError) -> (RunningSandbox, program: Int32) {
    let sandbox = try named(word)
    guard let program = try sandbox.waitForProgram() else {
      throw .ended(word)
    }
    return (sandbox, program)
  }
}

extension RunningSandbox {
  /// Waits until the program runs under its filter: ready to be joined. Nil where the sandbox ends.
  func waitForProgram() throws(RunningError) -> Int32? {
    let deadline = Processes.now() + 5000
    while true {
      let found = try RunningError.passing { () throws(SystemCallError) -> (Bool, Int32?) in
        let isThere = try launcher.isThere
        let program = isThere ? try program(in: ProcessTable()) : nil
        if isThere, program == nil { try Processes.pause(milliseconds: 10) }
        return (isThere, program)
      }
      if found.1 != nil || !found.0 { return found.1 }
      guard Processes.now() < deadline else {
        throw RunningError(
          "no valid sandbox: \(pid) has not started its program within five seconds",
          hint: "see --tree")
      }
    }
  }
}

/// Why something can't be done with a running sandbox.
struct RunningError: Error {
  let message: String
  let hint: String

  init(_ message: String, hint: String = "") {
    self.message = message
    self.hint = hint
  }

  static func ended(_ word: [UInt8]) -> RunningError {
    RunningError("sandbox \(displayed(word)) has just ended")
  }

  static func passing<Answer>(
    _ ask: () throws(SystemCallError) -> Answer
  ) throws(RunningError) -> Answer {
    do throws(SystemCallError) {
      return try ask()
    } catch { throw RunningError(error.description) }
  }
}
