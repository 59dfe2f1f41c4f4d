/// What is asked about sandboxes that run already. A sandbox is named by its name, or by the number of
/// its launcher or of any process inside.
package enum RunningRequest: Hashable, Sendable {
  case list, tree, top, netstats
  /// Names, numbers, and `*` for all.
  case shutdown([[UInt8]])
  case join([UInt8], JoinedPart)
  case listFiles([UInt8])
  case printFile([UInt8])
  case getFile([UInt8])
  case putFile([UInt8])
  case print(PrintedState, [UInt8])

  /// Whether paths follow.
  package var takesWords: Bool {
    switch self {
    case .listFiles, .printFile, .getFile, .putFile: true
    case .list, .tree, .top, .netstats, .shutdown, .join, .print: false
    }
  }
}

/// How much of a sandbox's world a program joins; its filter, rights and limits hold for all of them.
package enum JoinedPart: Hashable, Sendable {
  case everything, network, files
}

/// What `--*.print` tells.
package enum PrintedState: String, Hashable, Sendable, CaseIterable {
  case appArmor = "apparmor"
  case capabilities = "caps"
  case processors = "cpu"
  case nameServers = "dns"
  case files = "fs"
  case profile
  case protocols = "protocol"
  case filter = "seccomp"

  package var summary: String {
    switch self {
    case .appArmor: "Print the AppArmor profile of a sandbox"
    case .capabilities: "Print the capabilities that a sandbox could ever have"
    case .processors: "Print the processors that a sandbox may use"
    case .nameServers: "Print /etc/resolv.conf as a sandbox sees it"
    case .files: "Print what a sandbox's view of the files differs by"
    case .profile: "Print the path of the first profile of a sandbox"
    case .protocols: "Print the socket families of a sandbox"
    case .filter: "Print the filter of a sandbox, instruction by instruction"
    }
  }
}
