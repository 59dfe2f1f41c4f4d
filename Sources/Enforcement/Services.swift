internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// The services outside, as the launcher sees them.
enum Services {
  /// In the launcher: enters namespaces of its own and mounts the directory that it shares.
  static func open(
    _ place: Path, _ namespaces: Namespaces, user: UserMap?, holdsPrograms: Bool
  ) throws(SystemCallError) {
    try Processes.unshare(namespaces)
    if let user { try Identity.mapOnto(uid: user.uid, gid: user.gid) }
    try Mounting.makeAllPrivate()
    let mount = try Mounting.makeFileSystem(
      "tmpfs", options: [("mode", "0700")] + (holdsPrograms ? [] : [("size", "1m")]),
      flags: holdsPrograms ? [.noSetuid, .noDevices] : [.noSetuid, .noDevices, .noExecute])
    try Mounting.attach(mount, on: try FileDescriptor.handle(on: place, .noSymbolicLinks))
  }

  /// Clones: `become` runs in the new process and does not come back. Comes back in the launcher
  /// when the service says that it is ready, with its number; nil where it has ended by then.
  static func start(
    _ service: Service, become: () throws(SystemCallError) -> Never
  ) throws(SystemCallError) -> Int32? {
    let lifeline = try Channel()
    guard let pid = try Processes.clone(into: Service.namespaces, isTraced: false) else {
      try Processes.dieWithParent()
      try Processes.refuseTracing()
      // Keys of the terminal are not for it.
      try Processes.startSession()
      try redirect(service)
      try lifeline.writerAlone().moved(to: Service.readiness)
      try Mounting.makeAllPrivate()
      try become()
    }
    let reader = lifeline.readerAlone()
    if service.endsItself {
      guard let (_, status) = try Processes.wait(for: pid),
        Processes.ending(status) == .exited(0)
      else { throw SystemCallError("start", .noChild, subject: service.name + ", which failed,") }
      return nil
    }
    guard try Processes.poll(reader.number, milliseconds: 10_000),
      try reader.readAll(limit: 1).count == 1
    else {
      throw SystemCallError("start", .noChild, subject: service.name + ", which is not ready,")
    }
    // It stays open as long as the launcher lives: the service ends when it is closed.
    _ = reader.released()
    return pid
  }

  /// Ends it and waits for that.
  static func end(_ pid: Int32) throws(SystemCallError) {
    try Processes.send(Processes.kill, to: pid)
    _ = try Processes.wait(for: pid)
  }

  private static func redirect(_ service: Service) throws(SystemCallError) {
    try FileDescriptor.open("/dev/null", 0).moved(to: 0)
    if service.isSilent { try FileDescriptor.openForReplacing("/dev/null").moved(to: 2) }
    switch service.output {
    case .nowhere: try FileDescriptor.openForReplacing("/dev/null").moved(to: 1)
    case .inherited: break
    case .file(let path): try FileDescriptor.openForReplacing(path).moved(to: 1)
    }
  }
}
