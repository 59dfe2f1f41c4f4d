internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// `--list` and `--tree`.
struct RunningList {
  let isJSON: Bool
  private let running: RunningSandboxes
  private let users: AccountNames

  private let wraps: Bool
  private let shown: [RunningSandbox]

  /// - Parameters:
  ///   - wraps: whether lines are left whole where the terminal is narrower.
  ///   - only: one sandbox instead of all.
  init(
    isJSON: Bool, _ running: RunningSandboxes, wraps: Bool = false, only: RunningSandbox? = nil
  ) throws(SystemCallError) {
    self.isJSON = isJSON
    self.wraps = wraps
    self.running = running
    shown = only.map { [$0] } ?? running.all
    users = try AccountNames("/etc/passwd")
  }

  func printList() throws(SystemCallError) { for sandbox in shown { try print(sandbox) } }

  func print(_ sandbox: RunningSandbox) throws(SystemCallError) {
    Console.print(isJSON ? try json(sandbox, []).text + "\n" : fitting(try line(sandbox)))
  }

  func printTree() throws(SystemCallError) {
    for sandbox in shown {
      if isJSON {
        let inside = try running.table.children(of: sandbox.pid).map(json)
        Console.print(try json(sandbox, [("processes", .array(inside))]).text + "\n")
      } else {
        Console.print(fitting(try line(sandbox)))
        try printChildren(of: sandbox.pid, depth: 1)
        Console.print("\n")
      }
    }
  }

  private func line(_ sandbox: RunningSandbox) throws(SystemCallError) -> String {
    ProcessLine.text(
      sandbox.pid, user: users[sandbox.user], name: sandbox.record.name ?? "",
      command: try sandbox.command)
  }

  private func printChildren(of pid: Int32, depth: Int) throws(SystemCallError) {
    for child in running.table.children(of: pid) where child != Processes.identifier {
      let indent = String(repeating: "  ", count: depth)
      let (user, command) = try facts(child)
      let isZombie = running.table.entries[child]?.isZombie ?? false
      let text =
        isZombie
        ? "\(child): (zombie)"
        : command.isEmpty
          ? "\(child):"
          : ProcessLine.text(child, user: user, name: "", command: command)
      Console.print(fitting(indent + text))
      try printChildren(of: child, depth: depth + 1)
    }
  }

  private func facts(_ pid: Int32) throws(SystemCallError) -> (user: String, command: String) {
    do throws(SystemCallError) {
      let uid = try Processes.fields(of: "\(pid)")["Uid"]?.split(separator: "\t").first
      return (uid.flatMap { UInt32($0) }.map { users[$0] } ?? "", try ProcessLine.command(of: pid))
    } catch {
      guard error.meansEnded else { throw error }
      return ("", "")
    }
  }

  /// Cut to the terminal's width, where somebody reads it there.
  private func fitting(_ line: String) -> String {
    guard !wraps, Processes.isTerminal(0), let width = Terminal.size(of: 1)?.columns else {
      return line + "\n"
    }
    return String(line.prefix(width)) + "\n"
  }

  private func json(
    _ sandbox: RunningSandbox, _ more: [(String, JSON)]
  ) throws(SystemCallError) -> JSON {
    .object(
      [
        ("pid", .number(Int(sandbox.pid))), ("user", .string(users[sandbox.user])),
        ("name", sandbox.record.name.map(JSON.string) ?? .null),
        ("profile", sandbox.record.profile.map { .string($0.description) } ?? .null),
        ("command", .string(try sandbox.command)),
      ] + more)
  }

  private func json(_ pid: Int32) throws(SystemCallError) -> JSON {
    let (user, command) = try facts(pid)
    return .object([
      ("pid", .number(Int(pid))), ("user", .string(user)), ("command", .string(command)),
      ("isZombie", .bool(running.table.entries[pid]?.isZombie ?? false)),
      ("processes", .array(try running.table.children(of: pid).map(json))),
    ])
  }
}
