internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// This machine and this caller.
struct LiveHost: HostView {
  let uid = Identity.uid
  let gid = Identity.gid
  var environment: [[UInt8]]
  let home: Path
  let shell: Path?
  let workingDirectory: Path?
  let launcher: Path
  let isPrivileged: Bool
  private let paths = PathLookUps()

  /// When the look for a plan began (`Processes.fileTime`).
  var lookedAt: Int? { paths.lookedAt }

  /// Keeps all answers about paths from now on.
  func rememberFiles() { paths.rememberFiles() }

  /// Makes a plan, for which each path is looked at once. What changes meanwhile is found out when the plan
  /// is carried out.
  func planning<Result>(
    _ make: () throws(PolicyError) -> Result
  ) throws(PolicyError) -> Result {
    paths.beginPlan()
    defer { paths.endPlan() }
    return try make()
  }

  init() throws(SystemCallError) {
    environment = Processes.environment()
    launcher = try Files.readLink("/proc/self/exe")
    workingDirectory = Files.workingDirectory()
    let account = try Account(uid: uid)
    shell = account?.shell
    home = try Self.home(environment, account, uid)
    let needed = ["sys_admin", "setpcap"].compactMap(Capability.init(named:))
    var hasAll = true
    for capability in needed where hasAll { hasAll = try Capabilities.has(capability) }
    isPrivileged = hasAll
  }

  /// `$HOME` where it is set, absolute and the caller's own; else what passwd says.
  private static func home(
    _ environment: [[UInt8]], _ account: Account?, _ uid: UInt32
  ) throws(SystemCallError) -> Path {
    if let value = variable("HOME", in: environment) {
      let path = Path(value).normalized
      if path.isAbsolute, try PathLookUps.locate(path)?.owner == uid { return path }
    }
    return account?.home.normalized ?? "/"
  }

  static func variable(_ name: String, in environment: [[UInt8]]) -> ArraySlice<UInt8>? {
    let prefix = Array((name + "=").utf8)
    return environment.first { $0.starts(with: prefix) }.map { $0.dropFirst(prefix.count) }
  }

  /// What a variable names, where that is an absolute path; else a place in the home directory.
  func directory(_ variable: String, default place: String) -> Path {
    let named = self.variable(variable).map { Path($0).normalized }
    return named.flatMap { $0.isAbsolute ? $0 : nil } ?? home.appending(place)
  }

  /// What runs where no program is named.
  var loginShell: Command? { shell.map { Command(program: $0.bytes, arguments: []) } }

  func variable(_ name: String) -> ArraySlice<UInt8>? { Self.variable(name, in: environment) }

  func entries(of directory: Path) throws(HostError) -> [[UInt8]] {
    try Self.answer { () throws(SystemCallError) in try paths.entries(of: directory) }
  }

  func find(_ path: Path) throws(HostError) -> FoundFile? {
    try Self.answer { () throws(SystemCallError) in try paths.find(path) }
  }

  func owner(of path: Path) throws(HostError) -> UInt32? {
    try Self.answer { () throws(SystemCallError) in try PathLookUps.locate(path)?.owner }
  }

  func find(_ path: Path, inRoot root: Path) throws(HostError) -> FoundFile? {
    try Self.answer { () throws(SystemCallError) in
      let directory = try FileDescriptor.handle(on: root, .noSymbolicLinks)
      do throws(SystemCallError) {
        let handle = try directory.handle(below: path, .inRoot)
        let status = try handle.status()
        let resolved = try Files.readLink(handle.link)
        guard resolved.isWithin(root) else { return nil }
        let inside = resolved == root ? "/" : Path(resolved.bytes[root.bytes.count...])
        return FoundFile(
          path: inside, kind: status.kind, owner: status.owner, mode: status.mode)
      } catch {
        switch error.errno {
        case .noEntry, .notDirectory, .loop, .nameTooLong: return nil
        default: throw error
        }
      }
    }
  }

  /// What a call said, or why there is no answer.
  private static func answer<Answer>(
    _ ask: () throws(SystemCallError) -> Answer
  ) throws(HostError) -> Answer {
    do throws(SystemCallError) { return try ask() } catch { throw HostError(error.description) }
  }

  func contents(of file: Path) throws(HostError) -> [UInt8]? {
    try Self.answer { () throws(SystemCallError) in
      do throws(SystemCallError) {
        return try FileDescriptor.openForReading(file).readAll(limit: 16 << 20)
      } catch {
        guard try PathLookUps.isAbsent(file, error, wants: .search) else { throw error }
        return nil
      }
    }
  }

  func randomBytes(_ count: Int) throws(HostError) -> [UInt8] {
    try Self.answer { () throws(SystemCallError) in try Processes.randomBytes(count) }
  }

  func groups() throws(HostError) -> [UInt32] {
    try Self.answer { () throws(SystemCallError) in try Identity.groups() }
  }

  /// Asked while the launcher has nothing open itself.
  func isOpen(descriptor: Int32) throws(HostError) -> Bool {
    paths.closeDirectory()
    return Processes.isOpen(descriptor)
  }

  func directoryStreams() throws(HostError) -> [Int32] {
    try Self.answer { () throws(SystemCallError) in
      var numbers: [Int32] = []
      for number in Int32(0)...2 where try FileDescriptor.status(of: number).kind == .directory {
        numbers.append(number)
      }
      return numbers
    }
  }

  var landlockVersion: Int {
    get throws(HostError) {
      try Self.answer { () throws(SystemCallError) in try Landlock.version() }
    }
  }

  func isLoaded(appArmorProfile name: String) throws(HostError) -> Bool {
    try Self.answer { () throws(SystemCallError) in try AppArmor.isLoaded(name) }
  }

  func isExecutable(_ path: Path) throws(HostError) -> Bool {
    try Self.answer { () throws(SystemCallError) in try Files.permits(.search, on: path) }
  }

  func hardLimit(of resource: Resource) throws(HostError) -> UInt64 {
    try Self.answer { () throws(SystemCallError) in try Limits.hardLimit(of: resource) }
  }

  var userNamespaceRefusal: String? {
    get throws(HostError) {
      let switches: [(name: String, file: Path, refuses: String)] = [
        ("user.max_user_namespaces", "/proc/sys/user/max_user_namespaces", "0"),
        ("kernel.unprivileged_userns_clone", "/proc/sys/kernel/unprivileged_userns_clone", "0"),
        (
          "kernel.apparmor_restrict_unprivileged_userns",
          "/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1"
        ),
      ]
      for (name, file, refuses) in switches where try Self.line(of: file) == refuses {
        // AppArmor's switch does not hold for programs that have a profile of their own.
        if refuses == "1", try Self.line(of: "/proc/self/attr/current") != "unconfined" { continue }
        return "\(name) is \(refuses)"
      }
      return nil
    }
  }

  /// The first line of a kernel's file; nil where this kernel has none.
  private static func line(of file: Path) throws(HostError) -> String? {
    try answer { () throws(SystemCallError) in
      do throws(SystemCallError) {
        let bytes = try FileDescriptor.open(file, 0).readAll(limit: 4096)
        return String(decoding: bytes.prefix { $0 != 10 && $0 != 0 }, as: UTF8.self)
      } catch {
        guard error.errno == .noEntry else { throw error }
        return nil
      }
    }
  }

  /// Where profiles mention a directory of the user's (`user-dirs.dirs`, or a translated name).
  static func userDirectory(_ macro: String, home: Path) throws(HostError) -> Path? {
    guard let names = Macros.userDirectoryNames.first(where: { $0.macro == macro }) else {
      return nil
    }
    return try answer { () throws(SystemCallError) in
      let prefix = Array("\(names.key)=\"$HOME/".utf8)
      for line in try userDirectoryLines(home) where line.starts(with: prefix) {
        let value = line.dropFirst(prefix.count).prefix { $0 != UInt8(ascii: "\"") }
        let path = home.appending(value).normalized
        if try PathLookUps.locate(path) != nil { return path }
      }
      for name in names.names where try PathLookUps.locate(home.appending(name)) != nil {
        return home.appending(name)
      }
      return nil
    }
  }

  private static func userDirectoryLines(
    _ home: Path
  ) throws(SystemCallError) -> [ArraySlice<UInt8>] {
    let file = home.appending(".config/user-dirs.dirs")
    do throws(SystemCallError) {
      return try FileDescriptor.open(file, 0).readAll(limit: 64 * 1024).split(separator: 10)
    } catch {
      guard try PathLookUps.isAbsent(file, error, wants: .search) else { throw error }
      return []
    }
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
