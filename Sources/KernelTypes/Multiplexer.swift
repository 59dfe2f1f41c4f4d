/// Calls of i386 that stand for others, which their first argument names.
package enum Multiplexer {
  package static let names = ["socketcall", "ipc"]

  /// By number (`linux/net.h`, `linux/ipc.h`); nil for other calls.
  static func parts(of call: String) -> [(number: UInt64, name: String)]? {
    switch call {
    case "socketcall": socketcall
    case "ipc": ipc
    default: nil
    }
  }

  private static let socketcall: [(number: UInt64, name: String)] = [
    (1, "socket"), (2, "bind"), (3, "connect"), (4, "listen"), (5, "accept"), (6, "getsockname"),
    (7, "getpeername"), (8, "socketpair"), (9, "send"), (10, "recv"), (11, "sendto"),
    (12, "recvfrom"), (13, "shutdown"), (14, "setsockopt"), (15, "getsockopt"), (16, "sendmsg"),
    (17, "recvmsg"), (18, "accept4"), (19, "recvmmsg"), (20, "sendmmsg"),
  ]

  private static let ipc: [(number: UInt64, name: String)] = [
    (1, "semop"), (2, "semget"), (3, "semctl"), (4, "semtimedop"), (11, "msgsnd"), (12, "msgrcv"),
    (13, "msgget"), (14, "msgctl"), (21, "shmat"), (22, "shmdt"), (23, "shmget"), (24, "shmctl"),
  ]

  /// The bits of the argument that count: the upper half of ipc's is a version.
  static func mask(of call: String) -> UInt64 { call == "ipc" ? 0xffff : 0xffff_ffff }
}
