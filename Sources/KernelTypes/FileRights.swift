/// What Landlock can allow beneath a path, in the groups of Firejail's words.
package struct FileRights: OptionSet, Hashable, Sendable {
  package let rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }

  // LANDLOCK_ACCESS_FS_* of linux/landlock.h.
  /// Files and the names in directories.
  package static let read = FileRights(rawValue: 0x4 | 0x8)
  /// Writing, truncating, making and removing regular files, directories and links, and moving them
  /// between directories.
  package static let write = FileRights(
    rawValue: 0x2 | 0x10 | 0x20 | 0x80 | 0x100 | 0x1000 | 0x2000 | 0x4000)
  package static let execute = FileRights(rawValue: 0x1)
  /// Making sockets and named pipes.
  package static let makeIPC = FileRights(rawValue: 0x200 | 0x400)
  /// Making device files.
  package static let makeDevices = FileRights(rawValue: 0x40 | 0x800)
  package static let all: FileRights = [.read, .write, .execute, .makeIPC, .makeDevices]

  /// What a rule for something other than a directory may name.
  package static let ofFiles = FileRights(rawValue: 0x1 | 0x2 | 0x4 | 0x4000)

  package var names: [String] {
    [
      (FileRights.read, "read"), (.write, "write"), (.execute, "execute"), (.makeIPC, "makeipc"),
      (.makeDevices, "makedev"),
    ].compactMap { contains($0.0) ? $0.1 : nil }
  }
}

/// Rights beneath one path.
package struct FileRule: Hashable, Sendable {
  package let path: Path
  package let rights: FileRights

  package init(_ path: Path, _ rights: FileRights) {
    self.path = path
    self.rights = rights
  }
}
