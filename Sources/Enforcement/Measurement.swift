package import KernelCalls
package import KernelTypes

/// What the kernel says of a process: the facts of a receipt.
package struct Measurement: Sendable {
  /// A mount that the process has and the launcher has not.
  package struct Mount: Sendable {
    package let path: Path
    package let type: String
    package let options: String
    package let root: Path

    /// Whether it hides what lies there.
    package var isCover: Bool { type == "tmpfs" && (root == "/directory" || root == "/file") }
    /// Whether it is an empty directory in the place of another one.
    package var isReplacement: Bool {
      type == "tmpfs" && (root == "/" || root.lastComponent.starts(with: Scratch.name.utf8))
    }
  }

  package let pid: Int32
  /// The lines of /proc/PID/status by name.
  package let status: [String: String]
  /// Namespaces that are not the launcher's, by the names of /proc/PID/ns.
  package let newNamespaces: [String]
  package let mounts: [Mount]
  /// The lines of /proc/PID/limits by name: soft and hard limit.
  package let limits: [(name: String, soft: String, hard: String)]
  /// Instructions of the newest filter, read back; nil where the kernel does not tell.
  package let filterLength: Int?

  package init(of pid: Int32) throws(SystemCallError) {
    let directory = Path("/proc/\(pid)")
    self.pid = pid
    status = try Processes.fields(of: "\(pid)")
    newNamespaces = try Self.newNamespaces(of: directory)
    mounts = try Self.newMounts(of: directory)
    limits = Self.limits(try Self.read(directory.appending("limits")))
    filterLength = Tracing.filterLength(of: pid)
  }

  private static func read(_ path: Path) throws(SystemCallError) -> [UInt8] {
    try FileDescriptor.open(path, 0).readAll()
  }

  package static func newNamespaces(of directory: Path) throws(SystemCallError) -> [String] {
    var names: [String] = []
    for name in ["user", "mnt", "pid", "net", "ipc", "uts", "cgroup", "time"] {
      let own = try Files.readLink(Path("/proc/self/ns").appending(name))
      let other = try Files.readLink(directory.appending("ns").appending(name))
      if own != other { names.append(name) }
    }
    return names
  }

  private static func newMounts(of directory: Path) throws(SystemCallError) -> [Mount] {
    let own = Set(try read("/proc/self/mountinfo").split(separator: 10).map(Self.identity))
    let mounts = try read(directory.appending("mountinfo")).split(separator: 10)
      .filter { !own.contains(identity(of: $0)) }.compactMap(mount)
    // Of those at one place the last one can be seen.
    var paths: Set<Path> = []
    return mounts.reversed().filter { paths.insert($0.path).inserted }.reversed()
  }

  /// A line without the numbers and the propagation that every copy of a mount has anew.
  private static func identity(of line: ArraySlice<UInt8>) -> [UInt8] {
    let fields = line.split(separator: 32)
    guard fields.count > 6 else { return Array(line) }
    return Array(fields[2...5].joined(separator: [32]))
  }

  /// Fields of proc_pid_mountinfo(5): 4 root, 5 mount point, 6 options, after the dash the type.
  private static func mount(_ line: ArraySlice<UInt8>) -> Mount? {
    let fields = line.split(separator: 32)
    guard let dash = fields.firstIndex(where: { $0.elementsEqual("-".utf8) }),
      dash + 1 < fields.count, fields.count > 6
    else { return nil }
    return Mount(
      path: Path(unescaped(fields[4])), type: String(decoding: fields[dash + 1], as: UTF8.self),
      options: String(decoding: fields[5], as: UTF8.self), root: Path(unescaped(fields[3])))
  }

  /// Blanks and the like are written `\040` there.
  private static func unescaped(_ field: ArraySlice<UInt8>) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = field
    while let byte = rest.popFirst() {
      let digits = rest.prefix(3)
      if byte == UInt8(ascii: "\\"), digits.count == 3,
        let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
      {
        bytes.append(value)
        rest = rest.dropFirst(3)
      } else {
        bytes.append(byte)
      }
    }
    return bytes
  }

  private static func limits(
    _ bytes: [UInt8]
  ) -> [(name: String, soft: String, hard: String)] {
    String(decoding: bytes, as: UTF8.self).split(separator: "\n").dropFirst().compactMap { line in
      // Columns of fixed width: 26, 21, 21 (fs/proc/base.c).
      let name = String(line.prefix(26)).split(separator: " ").joined(separator: " ")
      let values = line.dropFirst(26).split(separator: " ")
      guard values.count >= 2 else { return nil }
      return (name, String(values[0]), String(values[1]))
    }
  }
}
