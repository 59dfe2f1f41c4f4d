internal import KernelTypes

/// What the kernel does with a system call (`seccomp(2)`, SECCOMP_RET_*).
///
/// Where several filters are in force, each is asked, and the strictest answer counts: the cases stand in
/// that order, and `<` compares by it.
public enum Action: Hashable, Sendable, Comparable {
  /// The process ends, as if by SIGSYS; the signal can't be caught (SECCOMP_RET_KILL_PROCESS).
  case killProcess
  /// The calling thread ends, and the others go on without it (SECCOMP_RET_KILL_THREAD).
  case killThread
  /// The thread gets SIGSYS, which it may handle (SECCOMP_RET_TRAP).
  case trap
  /// The call fails with this error number, 1 to 4095, and is not made (SECCOMP_RET_ERRNO).
  case errno(Int32)
  /// The call waits for who holds the filter's listener (SECCOMP_RET_USER_NOTIF): see
  /// ``Filter/installWithListener()``.
  case userNotification
  /// A tracer is told, with this number, and decides; without one the call fails with ENOSYS
  /// (SECCOMP_RET_TRACE).
  case trace(UInt16)
  /// The call is made, and the kernel's log has a line of it (SECCOMP_RET_LOG).
  case log
  /// The call is made (SECCOMP_RET_ALLOW).
  case allow

  private var strictness: Int {
    switch self {
    case .killProcess: 0
    case .killThread: 1
    case .trap: 2
    case .errno: 3
    case .userNotification: 4
    case .trace: 5
    case .log: 6
    case .allow: 7
    }
  }

  /// Whether the first is the stricter one.
  public static func < (left: Action, right: Action) -> Bool { left.strictness < right.strictness }

  var internalAction: FilterAction {
    switch self {
    case .killProcess: .killProcess
    case .killThread: .killThread
    case .trap: .trap
    case .errno(let code): .errno(Errno(code))
    case .userNotification: .notify
    case .trace(let number): .trace(number)
    case .log: .log
    case .allow: .allow
    }
  }

  /// From the value that a filter returns; one that the kernel does not know ends the process.
  init(returnValue: UInt32) {
    let data = UInt16(truncatingIfNeeded: returnValue)
    self =
      switch returnValue & 0xffff_0000 {
      case 0x7fff_0000: .allow
      case 0x7ffc_0000: .log
      case 0x7ff0_0000: .trace(data)
      case 0x7fc0_0000: .userNotification
      case 0x0005_0000: .errno(Int32(min(data, 4095)))
      case 0x0003_0000: .trap
      case 0: .killThread
      default: .killProcess
      }
  }
}

/// An instruction set whose programs enter the kernel by a table of their own (`linux/audit.h`).
public enum Architecture: String, Hashable, Sendable, CaseIterable {
  case x86_64, i386, aarch64

  /// That of this program.
  public static var native: Architecture { Self(KernelTypes.Architecture.native) }

  init(_ architecture: KernelTypes.Architecture) {
    self =
      switch architecture {
      case .x86_64: .x86_64
      case .i386: .i386
      case .aarch64: .aarch64
      }
  }

  var internalArchitecture: KernelTypes.Architecture {
    switch self {
    case .x86_64: .x86_64
    case .i386: .i386
    case .aarch64: .aarch64
    }
  }
}
