internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// This machine and this caller.
struct LiveHost: HostView {
  let uid = Identity.uid
  let gid = Identity.gid
  let environment: [[UInt8]]
  let home: Path
  let shell: Path?
  let workingDirectory: Path?
  let launcher: Path
  let isPrivileged: Bool

  init() throws(SystemCallError) {
    environment = Processes.environment()
    launcher = try Files.readLink("/proc/self/exe")
    workingDirectory = Files.workingDirectory()
    let account = try Account(uid: uid)
    shell = account?.shell
    home = Self.home(environment, account, uid)
    let needed = ["sys_admin", "setpcap"].compactMap(Capability.init(named:))
    var hasAll = true
    for capability in needed where hasAll { hasAll = try Capabilities.has(capability) }
    isPrivileged = hasAll
  }

  /// `$HOME` where it is set, absolute and the caller's own; else what passwd says.
  private static func home(_ environment: [[UInt8]], _ account: Account?, _ uid: UInt32) -> Path {
    if let value = variable("HOME", in: environment) {
      let path = Path(value).normalized
      if path.isAbsolute, find(path)?.owner == uid { return path }
    }
    return account?.home.normalized ?? "/"
  }

  static func variable(_ name: String, in environment: [[UInt8]]) -> ArraySlice<UInt8>? {
    let prefix = Array((name + "=").utf8)
    return environment.first { $0.starts(with: prefix) }.map { $0.dropFirst(prefix.count) }
  }

  func variable(_ name: String) -> ArraySlice<UInt8>? { Self.variable(name, in: environment) }

  /// A directory that can't be read has no entries that a rule could name.
  func entries(of directory: Path) -> [[UInt8]] {
    do throws(SystemCallError) { return try Files.entries(of: directory) } catch { return [] }
  }

  func find(_ path: Path) -> FoundFile? { Self.find(path) }

  /// A path that can't be reached does not exist for the caller, nor for the program.
  private static func find(_ path: Path) -> FoundFile? {
    do throws(SystemCallError) {
      let handle = try FileDescriptor.handle(on: path, .noMagicLinks)
      let status = try handle.status()
      let resolved = try Files.readLink(Path("/proc/self/fd/\(handle.number)"))
      return FoundFile(
        path: resolved, kind: status.kind, owner: status.owner, mode: status.mode)
    } catch { return nil }
  }

  func isExecutable(_ path: Path) -> Bool {
    do throws(SystemCallError) { return try Files.isExecutable(path) } catch { return false }
  }

  func hardLimit(of resource: Resource) -> UInt64 {
    do throws(SystemCallError) { return try Limits.hardLimit(of: resource) } catch { return .max }
  }

  var userNamespaceRefusal: String? {
    let switches: [(name: String, file: Path, refuses: String)] = [
      ("user.max_user_namespaces", "/proc/sys/user/max_user_namespaces", "0"),
      ("kernel.unprivileged_userns_clone", "/proc/sys/kernel/unprivileged_userns_clone", "0"),
      (
        "kernel.apparmor_restrict_unprivileged_userns",
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1"
      ),
    ]
    for (name, file, refuses) in switches where Self.line(of: file) == refuses {
      // AppArmor's switch does not hold for programs that have a profile of their own.
      if refuses == "1", Self.line(of: "/proc/self/attr/current") != "unconfined" { continue }
      return "\(name) is \(refuses)"
    }
    return nil
  }

  private static func line(of file: Path) -> String? {
    do throws(SystemCallError) {
      let bytes = try FileDescriptor.open(file, 0).readAll(limit: 4096)
      return String(decoding: bytes.prefix { $0 != 10 && $0 != 0 }, as: UTF8.self)
    } catch { return nil }
  }

  /// Where profiles mention a directory of the user's (`user-dirs.dirs`, or a translated name).
  static func userDirectory(_ macro: String, home: Path) -> Path? {
    guard let names = Macros.userDirectoryNames.first(where: { $0.macro == macro }) else {
      return nil
    }
    let file = home.appending(".config/user-dirs.dirs")
    var bytes: [UInt8] = []
    do throws(SystemCallError) {
      bytes = try FileDescriptor.open(file, 0).readAll(limit: 64 * 1024)
    } catch { bytes = [] }
    let prefix = Array("\(names.key)=\"$HOME/".utf8)
    for line in bytes.split(separator: 10) where line.starts(with: prefix) {
      let value = line.dropFirst(prefix.count).prefix { $0 != UInt8(ascii: "\"") }
      let path = home.appending(value).normalized
      if find(path) != nil { return path }
    }
    return names.names.map { home.appending($0) }.first { find($0) != nil }
  }
}

/// The caller's line of /etc/passwd.
struct Account {
  let home: Path
  let shell: Path

  /// Nil where the user has no line there.
  init?(uid: UInt32) throws(SystemCallError) {
    let bytes: [UInt8]
    do throws(SystemCallError) {
      bytes = try FileDescriptor.open("/etc/passwd", 0).readAll()
    } catch {
      guard error.errno == .noEntry else { throw error }
      return nil
    }
    let separator = UInt8(ascii: ":")
    for line in bytes.split(separator: 10) {
      let fields = line.split(separator: separator, omittingEmptySubsequences: false)
      guard fields.count == 7, String(decoding: fields[2], as: UTF8.self) == String(uid) else {
        continue
      }
      home = Path(fields[5])
      shell = Path(fields[6])
      return
    }
    return nil
  }
}
