internal import KernelTypes

/// What the arguments of a call are, in order (section 2 of the manual pages).
enum CallSignature {
  enum Kind: Hashable {
    case directory
    case path(PathAccess)
    case text
    /// A pointer to `struct sockaddr`, and its length.
    case address
    case number, octal, hexadecimal
    case openFlags, protection, mapping, family, socketType, namespaces, accessMode
    case hidden

    func text(of value: UInt64) -> String {
      let word = UInt32(truncatingIfNeeded: value)
      switch self {
      case .number: return String(Int32(bitPattern: word))
      case .octal: return "0" + String(word & 0o7777, radix: 8)
      case .openFlags: return Constants.openFlags(word)
      case .protection: return Constants.names(word, Constants.protection, zero: "PROT_NONE")
      case .mapping: return Constants.names(word, Constants.mapping, zero: "0")
      case .family: return Constants.family(word)
      case .socketType: return Constants.socketType(word)
      case .namespaces: return Constants.names(word & ~0xff, Constants.clone, zero: "0")
      case .accessMode: return Constants.names(word, Constants.access, zero: "F_OK")
      default: return "0x" + String(value, radix: 16)
      }
    }
  }

  static let workingDirectory: Int32 = -100

  static func of(_ name: String) -> [Kind] { table[name] ?? [] }

  /// The calls whose arguments name a path.
  static let pathCalls: Set<String> = Set(
    table.filter { _, kinds in
      kinds.contains { kind in
        if case .path = kind { true } else { kind == .address }
      }
    }.keys)

  /// What a call wants of its path, by its flags; `index` is the argument after the path.
  static func use(
    _ name: String, _ access: PathAccess, _ arguments: [UInt64], _ index: Int,
    _ memory: (UInt64, Int) -> [UInt8]
  ) -> (access: PathAccess, followsLast: Bool) {
    let next = index < arguments.count ? arguments[index] : 0
    let noFollow: UInt64 = 0x100
    switch name {
    case "open", "openat": return opening(UInt32(truncatingIfNeeded: next))
    case "openat2":
      let how = memory(next, 8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      return opening(UInt32(truncatingIfNeeded: how))
    case "access", "faccessat", "faccessat2":
      let wanted = next & 7
      if wanted & 2 != 0 { return (.write, true) }
      return (wanted & 1 != 0 ? .execute : wanted != 0 ? .read : .lookUp, true)
    case "newfstatat", "utimensat": return (access, arguments[3] & noFollow == 0)
    case "statx": return (access, arguments[2] & noFollow == 0)
    case "fchownat": return (access, arguments[4] & noFollow == 0)
    case "lstat", "readlink", "readlinkat", "lchown", "lgetxattr", "llistxattr", "lsetxattr",
      "lremovexattr", "unlink", "unlinkat", "rmdir", "rename", "renameat", "renameat2", "link",
      "symlink", "symlinkat", "mkdir", "mkdirat", "mknod", "mknodat":
      return (access, false)
    default: return (access, true)
    }
  }

  private static func opening(_ flags: UInt32) -> (access: PathAccess, followsLast: Bool) {
    let follows = flags & Constants.noFollow == 0
    // O_PATH reads nothing.
    if flags & Constants.pathOnly != 0 { return (.lookUp, follows) }
    if flags & Constants.create != 0 { return (.create, follows) }
    return (flags & 3 == 0 && flags & Constants.truncate == 0 ? .read : .write, follows)
  }

  /// d directory, p looked at, r read, w written, c created or removed, x executed, s text,
  /// A address, i number, o octal, h hexadecimal, O P M F T N R flags, - not shown.
  private static let table: [String: [Kind]] = [
    "open": "pOo", "openat": "dpOo", "openat2": "dp", "creat": "co",
    "stat": "p", "lstat": "p", "newfstatat": "dp", "statx": "dp", "statfs": "p",
    "access": "pR", "faccessat": "dpR", "faccessat2": "dpR", "readlink": "p", "readlinkat": "dp",
    "chdir": "p", "chroot": "p", "execve": "x", "execveat": "dx", "uselib": "x",
    "mkdir": "co", "mkdirat": "dco", "mknod": "co", "mknodat": "dco", "rmdir": "c",
    "unlink": "c", "unlinkat": "dc", "rename": "cc", "renameat": "dcdc", "renameat2": "dcdch",
    "link": "pc", "linkat": "dpdc", "symlink": "sc", "symlinkat": "sdc",
    "truncate": "wi", "chmod": "wh", "fchmodat": "dwh", "fchmodat2": "dwh", "chown": "wii",
    "lchown": "wii", "fchownat": "dwii", "utime": "w", "utimes": "w", "utimensat": "dw",
    "futimesat": "dw", "getxattr": "ps", "lgetxattr": "ps", "listxattr": "p", "llistxattr": "p",
    "setxattr": "ws", "lsetxattr": "ws", "removexattr": "ws", "lremovexattr": "ws",
    "inotify_add_watch": "iph", "swapon": "p", "swapoff": "p", "acct": "p",
    "mount": "sss", "umount2": "p", "pivot_root": "pp",
    "connect": "iA", "bind": "iA", "sendto": "i-i-A",
    "socket": "FTi", "socketpair": "FTi", "listen": "ii", "accept": "i", "accept4": "i",
    "mmap": "-iPMi", "mmap2": "-iPMi", "mprotect": "-iP", "pkey_mprotect": "-iPi", "shmat": "i-h",
    "ioctl": "ih", "prctl": "ih", "clone": "N", "unshare": "N", "setns": "iN",
    "ptrace": "ii", "kill": "ii", "tgkill": "iii", "tkill": "ii", "personality": "h",
    "bpf": "i", "keyctl": "i", "seccomp": "ih", "memfd_create": "sh", "io_uring_setup": "i",
    "setuid": "i", "setgid": "i", "setresuid": "iii", "setresgid": "iii", "setreuid": "ii",
    "setregid": "ii", "setpriority": "iii", "sethostname": "si", "init_module": "-i",
    "finit_module": "is", "delete_module": "s", "reboot": "hh", "exit_group": "i",
    "perf_event_open": "-iii", "userfaultfd": "h", "add_key": "ss", "request_key": "ss",
    "open_by_handle_at": "i-O", "name_to_handle_at": "dp",
  ].mapValues { $0.map(kind) }

  private static func kind(_ letter: Character) -> Kind {
    switch letter {
    case "d": .directory
    case "p": .path(.lookUp)
    case "w": .path(.write)
    case "c": .path(.create)
    case "x": .path(.execute)
    case "s": .text
    case "A": .address
    case "i": .number
    case "o": .octal
    case "O": .openFlags
    case "P": .protection
    case "M": .mapping
    case "F": .family
    case "T": .socketType
    case "N": .namespaces
    case "R": .accessMode
    case "h": .hexadecimal
    default: .hidden
    }
  }
}

/// Names of bits and numbers (`asm-generic/fcntl.h`, `mman-common.h`, `linux/socket.h`, `sched.h`).
enum Constants {
  static let create: UInt32 = 0o100
  static let truncate: UInt32 = 0o1000
  #if arch(arm64)
    static let noFollow: UInt32 = 0o100000
    static let directory: UInt32 = 0o40000
  #else
    static let noFollow: UInt32 = 0o400000
    static let directory: UInt32 = 0o200000
  #endif
  static let pathOnly: UInt32 = 0o10000000

  static func openFlags(_ flags: UInt32) -> String {
    let modes = ["O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE"]
    let bits: [(UInt32, String)] = [
      (create, "O_CREAT"), (0o200, "O_EXCL"), (0o400, "O_NOCTTY"), (truncate, "O_TRUNC"),
      (0o2000, "O_APPEND"), (0o4000, "O_NONBLOCK"), (directory, "O_DIRECTORY"),
      (noFollow, "O_NOFOLLOW"), (0o2000000, "O_CLOEXEC"), (pathOnly, "O_PATH"),
    ]
    let rest = names(flags & ~0o100003, bits, zero: "")
    return modes[Int(flags & 3)] + (rest.isEmpty ? "" : "|" + rest)
  }

  static let protection: [(UInt32, String)] = [
    (1, "PROT_READ"), (2, "PROT_WRITE"), (4, "PROT_EXEC"),
  ]
  static let mapping: [(UInt32, String)] = [
    (1, "MAP_SHARED"), (2, "MAP_PRIVATE"), (0x10, "MAP_FIXED"), (0x20, "MAP_ANONYMOUS"),
  ]
  static let access: [(UInt32, String)] = [(4, "R_OK"), (2, "W_OK"), (1, "X_OK")]
  static let clone: [(UInt32, String)] = [
    (0x100, "CLONE_VM"), (0x1_0000, "CLONE_THREAD"), (0x4000, "CLONE_VFORK"),
    (0x2_0000, "CLONE_NEWNS"), (0x0200_0000, "CLONE_NEWCGROUP"), (0x0400_0000, "CLONE_NEWUTS"),
    (0x0800_0000, "CLONE_NEWIPC"), (0x1000_0000, "CLONE_NEWUSER"), (0x2000_0000, "CLONE_NEWPID"),
    (0x4000_0000, "CLONE_NEWNET"),
  ]

  static func names(_ value: UInt32, _ bits: [(UInt32, String)], zero: String) -> String {
    if value == 0 { return zero }
    var rest = value
    var names: [String] = []
    for (bit, name) in bits where value & bit != 0 {
      names.append(name)
      rest &= ~bit
    }
    if rest != 0 { names.append("0x" + String(rest, radix: 16)) }
    return names.joined(separator: "|")
  }

  static func family(_ number: UInt32) -> String {
    let names: [UInt32: String] = [
      0: "AF_UNSPEC", 1: "AF_UNIX", 2: "AF_INET", 10: "AF_INET6", 16: "AF_NETLINK", 17: "AF_PACKET",
      31: "AF_BLUETOOTH", 38: "AF_ALG", 40: "AF_VSOCK", 44: "AF_XDP",
    ]
    return names[number] ?? "\(number)"
  }

  static func socketType(_ value: UInt32) -> String {
    let names: [UInt32: String] = [
      1: "SOCK_STREAM", 2: "SOCK_DGRAM", 3: "SOCK_RAW", 5: "SOCK_SEQPACKET",
    ]
    let bits: [(UInt32, String)] = [(0o2000000, "SOCK_CLOEXEC"), (0o4000, "SOCK_NONBLOCK")]
    let rest = Self.names(value & ~0xf, bits, zero: "")
    return (names[value & 0xf] ?? "\(value & 0xf)") + (rest.isEmpty ? "" : "|" + rest)
  }
}
