package import KernelCalls
package import KernelTypes

/// The way into a sandbox that runs: its namespaces, open.
///
/// A class, because it owns descriptors, in the order in which they are to be entered.
package final class Entrance {
  private var namespaces: [Int32] = []

  /// - Parameter files: the namespaces by what /proc/PID/ns calls them, where they can be opened.
  package init(_ files: [String: Path], _ wanted: Namespaces) throws(SystemCallError) {
    // The user namespace first: it gives the right to enter the others.
    for name in wanted.names {
      guard let file = files[name] else { throw SystemCallError("setns", .noEntry, subject: name) }
      namespaces.append(try FileDescriptor.open(file, 0).released())
    }
  }

  /// Forks twice: the first child enters, and its child is inside, where `become` runs, without the
  /// signals that the launcher waits for, and does not come back. Nobody can look into these
  /// processes until the last one executes its program.
  ///
  /// - Parameter become: gets what it is to call when nothing but the program's start is left to do.
  /// - Returns: the status that it ended with, and whether it came to that call.
  package func run(
    become: (_ starts: @escaping () throws(SystemCallError) -> Void) throws(SystemCallError) ->
      Never
  ) throws(SystemCallError) -> (status: Int32, isStarted: Bool) {
    let beginning = try Channel()
    if case .launcher(let status) = try Supervisor.accompany(start: Processes.fork) {
      return (status, try beginning.hasNumber)
    }
    try Processes.refuseTracing()
    let inner = try Supervisor.accompany { () throws(SystemCallError) in
      for number in namespaces { try Processes.enter(FileDescriptor(owning: number)) }
      return try Processes.fork()
    }
    if case .launcher(let status) = inner { Processes.exit(status) }
    try SupervisedSignals.unblock()
    // It is closed when the program starts.
    let writer = beginning.writerAlone().released()
    try become { () throws(SystemCallError) in try FileDescriptor.writeAll([1], to: writer) }
  }
}
