package import KernelTypes

/// A helper program that runs outside the sandbox, confined itself, as long as the launcher does.
///
/// It shares one directory with the sandbox, the exchange: a file system in memory on which it makes
/// its socket. Nothing of it is on the host.
package struct Service: Hashable, Sendable {
  /// Where its standard output goes.
  package enum Output: Hashable, Sendable {
    case nowhere, inherited
    case file(Path)
  }

  /// The descriptor on which it says that it is ready, and at whose end it ends.
  package static let readiness: Int32 = 100

  package let name: String
  /// What it does to itself, from the clone on, and the program at the end.
  package let steps: [Step]
  package let output: Output
  /// Whether what it says on standard error is noise.
  package var isSilent = false
  /// Whether it is ready when it has ended, with status 0.
  package var endsItself = false
  package static let namespaces: Namespaces = [
    .mount, .process, .communication, .network, .hostName,
  ]
}

/// What the sandbox and its services share, and the services.
struct Exchange {
  /// A directory that exists on the host and that nothing else is done with while it is in use.
  let place: Path
  /// Whether what lies there is executed; else it is small.
  var holdsPrograms = false
  var services: [Service] = []
}
