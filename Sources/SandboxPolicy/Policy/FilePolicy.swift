package import KernelTypes

/// A rule about a path, as written: macros replaced, patterns and symbolic links not.
package struct PathRule: Hashable, Sendable {
  package enum Verb: Hashable, Sendable {
    case blacklist, noBlacklist, readOnly, readWrite, noExecute, temporary
    /// What lies at this path is shown at the rule's.
    case bind(Path)

    /// The directive's name.
    package var name: String {
      switch self {
      case .blacklist: "blacklist"
      case .noBlacklist: "noblacklist"
      case .readOnly: "read-only"
      case .readWrite: "read-write"
      case .noExecute: "noexec"
      case .temporary: "tmpfs"
      case .bind: "bind"
      }
    }
  }

  package let verb: Verb
  package let pattern: Path
  package let origin: Origin
  /// Whether it was written for this program or by this user: not in a file of a collection.
  package let isOwn: Bool
  /// Left out, with a warning, on a host that refuses user namespaces (`view-optional`).
  package let isOptional: Bool

  package init(
    _ verb: Verb, _ pattern: Path, _ origin: Origin, isOwn: Bool = false, isOptional: Bool = false
  ) {
    self.verb = verb
    self.pattern = pattern
    self.origin = origin
    self.isOwn = isOwn
    self.isOptional = isOptional
  }
}

/// A `whitelist` line, or a `nowhitelist` line that drops later ones.
package struct WhitelistRule: Hashable, Sendable {
  package let path: Path
  package let isDropped: Bool
  package let origin: Origin
}

/// A directory or file that `mkdir` or `mkfile` makes on the host.
package struct MadePath: Hashable, Sendable {
  package let path: Path
  package let kind: FileKind
  package let origin: Origin
}

/// A word of a profile that asks for a part of the view and takes no value.
package enum ViewFlag: String, Sendable, CaseIterable {
  case privateTmp = "private-tmp"
  case privateCache = "private-cache"
  case privateDev = "private-dev"
  case disableMnt = "disable-mnt"
  case allUsers = "allusers"
  case writableEtc = "writable-etc"
  case writableVar = "writable-var"
  case writableVarLog = "writable-var-log"
  case writableRunUser = "writable-run-user"
  case keepDevShm = "keep-dev-shm"
  case keepVarTmp = "keep-var-tmp"
  case keepDevTpm = "keep-dev-tpm"
  case keepDevNtsync = "keep-dev-ntsync"
  case keepShellRc = "keep-shell-rc"
  case keepConfigPulse = "keep-config-pulse"
  case unhideFirst = "unhide-pid1"
  case noSound = "nosound"
  case no3D = "no3d"
  case noDVD = "nodvd"
  case noTV = "notv"
  case noU2F = "nou2f"
  case noVideo = "novideo"
  case noInput = "noinput"
  case noPrinters = "noprinters"
  case machineID = "machine-id"
  case ipcNamespace = "ipc-namespace"
  case netNone = "net"
  case x11None = "x11"

  /// Whether it gives something that would be hidden else, and so asks for nothing.
  package var lifts: Bool {
    switch self {
    case .allUsers, .writableEtc, .writableVar, .writableVarLog, .writableRunUser, .keepDevShm,
      .keepVarTmp, .keepDevTpm, .keepDevNtsync, .keepShellRc, .keepConfigPulse, .unhideFirst:
      true
    default: false
    }
  }
}

/// The directories of which a list of entries can be shown alone.
package enum PrivateList: String, Sendable, CaseIterable {
  case programs = "private-bin"
  case configuration = "private-etc"
  case optional = "private-opt"
  case services = "private-srv"
  case libraries = "private-lib"
}

/// What takes the changes of the home directory (`overlay-tmpfs`, `overlay`, `overlay-named`).
package enum Layer: Hashable, Sendable {
  case inMemory
  /// Kept in a directory of the user's; nil for a new one.
  case kept(name: String?)

  /// Where layers are kept, below the home directory.
  package static let directory = ".local/share/sandbox/layers"
}

/// What was said about files, devices and the names of the machine.
package struct FilePolicy: Hashable, Sendable {
  /// A part of the view that a line asks for.
  package struct Request: Hashable, Sendable {
    package let directive: String
    package let origin: Origin
    /// Left out, with a warning, on a host that refuses user namespaces (`view-optional`).
    package let isOptional: Bool
  }

  /// A list that lines add to.
  package struct List: Hashable, Sendable {
    package var items: [[UInt8]] = []
    package let origin: Origin
  }

  /// The path rules, in the order in which they were read: command line first.
  package var rules: [PathRule] = []
  package var whitelists: [WhitelistRule] = []
  package var made: [MadePath] = []
  package var flags: [ViewFlag: Origin] = [:]
  package var lists: [PrivateList: List] = [:]
  /// `private`: nil is an empty home, else what to show there.
  package var home: Setting<Path?>?
  /// `private-cwd`: nil is the home.
  package var workingDirectory: Setting<Path?>?
  /// `chroot`.
  package var root: Setting<Path>?
  /// Where changes of the home go instead.
  package var overlay: Setting<Layer>?
  package var hostName: Setting<[UInt8]>?
  /// `hostname-randomize`.
  package var randomHostName: Origin?
  package var hostsFile: Setting<Path>?
  package var nameServers: [Setting<[UInt8]>] = []
  /// What other lines than path rules ask for.
  package var otherRequests: [Request] = []
  /// Where `view-optional` stood: lines read later are optional.
  package var optionalFrom: Origin?

  /// The order in which the rules act: a change of mode that the command line asks for comes after
  /// the profile's, so that it counts; a `blacklist` can't be undone, so it may stay first.
  package var rulesInOrder: [PathRule] {
    let isLate = { (rule: PathRule) in
      rule.origin.isCommandLine && rule.verb != .blacklist && rule.verb != .noBlacklist
    }
    return rules.filter { !isLate($0) } + rules.filter(isLate)
  }

  /// What each line asks for that needs a view.
  package var requests: [Request] {
    var requests = otherRequests
    for rule in rules where rule.verb != .noBlacklist && requests.last?.origin != rule.origin {
      requests.append(
        Request(directive: rule.verb.name, origin: rule.origin, isOptional: rule.isOptional))
    }
    return requests
  }

  package func has(_ flag: ViewFlag) -> Bool { flags[flag] != nil }
}
