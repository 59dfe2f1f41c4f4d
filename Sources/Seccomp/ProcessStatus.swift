internal import KernelCalls
internal import KernelTypes

/// How a process or thread is confined (`proc_pid_status(5)`).
public struct ProcessStatus: Hashable, Sendable {
  /// The line `Seccomp` of the status.
  public enum Mode: Int, Sendable {
    case none = 0
    case strict = 1
    case filter = 2
  }

  /// Whether seccomp is in force, and how.
  public let mode: Mode
  /// How many filters are in force; nil on kernels before 5.9, which do not say.
  public let filterCount: Int?
  /// Whether no program that it starts can gain privileges.
  public let hasNoNewPrivileges: Bool
  /// The effective ones, by their names in lower case without `cap_`.
  public let capabilities: [String]

  /// - Parameter process: its number, or a thread's; nil for the calling thread.
  /// - Throws: ``SeccompError/failed(call:errno:hint:)`` where there is no such process, or this
  ///   kernel says nothing of it.
  public init(of process: Int32? = nil) throws(SeccompError) {
    let directory = process.map { "\($0)" } ?? "thread-self"
    let fields = try asSeccompError { () throws(SystemCallError) in
      try Processes.fields(of: directory)
    }
    guard let mode = fields["Seccomp"].flatMap({ Int($0) }).flatMap(Mode.init(rawValue:)),
      let effective = fields["CapEff"].flatMap({ UInt64($0, radix: 16) })
    else {
      throw .failed(
        call: "/proc/\(directory)/status", errno: Int32(Errno.unsupportedCall.code),
        hint: "this kernel has no seccomp")
    }
    self.mode = mode
    filterCount = fields["Seccomp_filters"].flatMap { Int($0) }
    hasNoNewPrivileges = fields["NoNewPrivs"] == "1"
    capabilities = Capability.names(in: effective)
  }
}
