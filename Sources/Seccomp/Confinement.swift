internal import KernelCalls
internal import KernelTypes

extension Filter {
  /// Who a filter is for.
  public enum Scope: Sendable {
    /// The calling thread, and what it starts later: threads, processes, programs.
    case thread
    /// All threads of the process (SECCOMP_FILTER_FLAG_TSYNC).
    case process
  }

  /// Compiles, and puts the filter in force from the next call on, for good. No new privileges can be
  /// gained after it (PR_SET_NO_NEW_PRIVS). A filter that is added later can be tighter only: each is
  /// asked, and the strictest answer counts.
  ///
  /// - Throws: what ``compile()`` throws, ``SeccompError/failed(call:errno:hint:)`` and, for all
  ///   threads, ``SeccompError/threadDiffers(_:)``; nothing is in force then.
  public func install(for scope: Scope = .thread) throws(SeccompError) {
    try compile().install(for: scope)
  }

  /// The same for this thread, with a listener for the calls that ``Action/userNotification`` holds up.
  ///
  /// - Returns: its descriptor (`seccomp_unotify(2)`), close-on-exec; the caller closes it.
  public func installWithListener() throws(SeccompError) -> Int32 {
    try NoNewPrivileges.set()
    let program = try compile()
    return try asSeccompError { () throws(SystemCallError) in
      try program.program.installWithListener()
    }
  }
}

extension Program {
  /// See ``Filter/install(for:)``.
  public func install(for scope: Filter.Scope = .thread) throws(SeccompError) {
    try NoNewPrivileges.set()
    let other = try asSeccompError { () throws(SystemCallError) in
      try program.install(forAllThreads: scope == .process)
    }
    if let other { throw .threadDiffers(other) }
  }
}

/// Whether programs that this one starts can gain privileges, by set-user-ID bits for one (`prctl(2)`,
/// PR_SET_NO_NEW_PRIVS).
public enum NoNewPrivileges {
  /// For this thread and what it starts, for good.
  public static func set() throws(SeccompError) {
    try asSeccompError { () throws(SystemCallError) in try Processes.setNoNewPrivileges() }
  }
}

/// The strict mode: `read`, `write`, `exit` and `rt_sigreturn` alone, for this thread; any other call
/// ends it by SIGKILL (`seccomp(2)`, SECCOMP_SET_MODE_STRICT). It allows no `exit_group`, so a
/// program can't end as usual.
public enum StrictMode {
  /// From the next call on, for good.
  public static func enter() throws(SeccompError) {
    try asSeccompError { () throws(SystemCallError) in try FilterProgram.enterStrictMode() }
  }
}

/// What root is made of (`capabilities(7)`).
public enum Privileges {
  /// Gives up all capabilities but these, by libcap: permitted and effective for this thread; none
  /// is inheritable or ambient. Programs that are started get none.
  ///
  /// - Parameter kept: names in lower case, without `cap_`; those that are not held stay away.
  /// - Throws: ``SeccompError/unknownName(_:hint:)``, ``SeccompError/failed(call:errno:hint:)``.
  public static func drop(keeping kept: [String] = []) throws(SeccompError) {
    var capabilities: [Capability] = []
    for name in kept {
      guard let capability = Capability(named: name) else {
        throw .unknownName(name, hint: suggestion(for: name, in: Capability.names))
      }
      capabilities.append(capability)
    }
    try asSeccompError { () throws(SystemCallError) in try Capabilities.set(to: capabilities) }
  }
}

func asSeccompError<Result>(
  _ body: () throws(SystemCallError) -> Result
) throws(SeccompError) -> Result {
  do throws(SystemCallError) {
    return try body()
  } catch {
    throw SeccompError(error)
  }
}
