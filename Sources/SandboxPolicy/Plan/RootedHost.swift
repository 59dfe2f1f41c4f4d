internal import KernelTypes

/// A host as it looks from another root directory (`chroot`): /proc, /sys and /dev are the host's
/// own, which are mounted there; everything else is looked up inside, links included.
struct RootedHost<Base: HostView>: HostView {
  let base: Base
  let directory: Path
  var root: Path? { directory }

  init(base: Base, root: Path) {
    self.base = base
    directory = root
  }

  var uid: UInt32 { base.uid }
  var gid: UInt32 { base.gid }
  var isPrivileged: Bool { base.isPrivileged }
  var userNamespaceRefusal: String? {
    get throws(HostError) { try base.userNamespaceRefusal }
  }
  var home: Path { base.home }
  /// The caller's directory is not there.
  var workingDirectory: Path? { nil }
  var environment: [[UInt8]] { base.environment }
  var launcher: Path { "/proc/self/exe" }
  var landlockVersion: Int { get throws(HostError) { try base.landlockVersion } }

  /// The directories that come from the host.
  static var shared: [Path] { ["/proc", "/sys", "/dev"] }

  private func isShared(_ path: Path) -> Bool { Self.shared.contains { path.isWithin($0) } }

  func find(_ path: Path) throws(HostError) -> FoundFile? {
    isShared(path) ? try base.find(path) : try base.find(path, inRoot: directory)
  }

  func find(_ path: Path, inRoot root: Path) throws(HostError) -> FoundFile? {
    try base.find(path, inRoot: root)
  }

  func owner(of path: Path) throws(HostError) -> UInt32? {
    isShared(path) ? try base.owner(of: path) : try find(path)?.owner
  }

  /// Where a path of the other root lies on the host, all links followed.
  private func outside(_ path: Path) throws(HostError) -> Path? {
    if isShared(path) { return path }
    return try find(path).map { $0.path == "/" ? directory : Path(directory.bytes + $0.path.bytes) }
  }

  func entries(of directory: Path) throws(HostError) -> [[UInt8]] {
    guard let directory = try outside(directory) else { return [] }
    return try base.entries(of: directory)
  }

  func contents(of file: Path) throws(HostError) -> [UInt8]? {
    guard let file = try outside(file) else { return nil }
    return try base.contents(of: file)
  }

  func isExecutable(_ path: Path) throws(HostError) -> Bool {
    guard let path = try outside(path) else { return false }
    return try base.isExecutable(path)
  }

  func hardLimit(of resource: Resource) throws(HostError) -> UInt64 {
    try base.hardLimit(of: resource)
  }
  func randomBytes(_ count: Int) throws(HostError) -> [UInt8] { try base.randomBytes(count) }
  func isLoaded(appArmorProfile name: String) throws(HostError) -> Bool {
    try base.isLoaded(appArmorProfile: name)
  }
  func groups() throws(HostError) -> [UInt32] { try base.groups() }
  func isOpen(descriptor: Int32) throws(HostError) -> Bool {
    try base.isOpen(descriptor: descriptor)
  }
  func directoryStreams() throws(HostError) -> [Int32] { try base.directoryStreams() }
}
