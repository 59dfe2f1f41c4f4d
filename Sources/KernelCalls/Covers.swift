internal import CKernel
internal import CGlibc
package import KernelTypes

/// An inaccessible directory and file that hide others, and files with generated text that stand for
/// others.
///
/// They lie on one small file system of their own: read-only, so that their owner inside can't
/// change them; without child mounts, so that each bind takes the same short time. It is built
/// before it is attached, through descriptors alone.
package struct Covers: ~Copyable {
  private let attachment: FileDescriptor
  private let isTemporary: Bool
  private let place: Path
  private let directory: FileStatus
  private let file: FileStatus

  /// Attaches the file system to `place`, which it hides at once: until `detach` where that is
  /// meant to be temporary.
  package init(
    at place: Path, isTemporary: Bool, texts: [GeneratedText]
  ) throws(SystemCallError) {
    let pages = texts.reduce(4) { $0 + ($1.bytes.count + 4095) / 4096 }
    let context = try FileSystemContext.make(
      "tmpfs",
      options: [
        ("mode", "000"), ("size", "\(4 * pages)k"), ("nr_inodes", "\(texts.count + 8)"),
      ])
    let mount = try context.mount(flags: [.noSetuid, .noDevices, .noExecute])
    try mount.makeDirectory("directory", mode: 0)
    _ = try mount.makeFile("file", mode: 0)
    for (index, text) in texts.enumerated() {
      try mount.makeFile(Path("text\(index)"), mode: text.mode)?.writeAll(text.bytes)
    }
    try context.makeReadOnly()
    guard case .found(let directory) = try mount.lookUp("directory"),
      case .found(let file) = try mount.lookUp("file")
    else { throw SystemCallError("lstat", .noEntry, subject: place.description) }
    let target = try FileDescriptor.handle(on: place, .noSymbolicLinks)
    try Mounting.attach(mount, on: target)
    attachment = mount
    self.isTemporary = isTemporary
    self.place = place
    self.directory = directory
    self.file = file
  }

  /// Where the covers are found fastest: where they are attached, unless something lies over that now.
  package func path() throws(SystemCallError) -> Path {
    if case .found(let found) = try Files.lookUp(place.appending("file")), found.isSame(as: file) {
      return place
    }
    return attachment.link
  }

  /// Hides the file or directory of this name in the working directory. mount(2) follows a link that has
  /// taken the name's place: what the name was about would stay. `check` tells.
  ///
  /// - Parameter path: what `path()` said, after the last other mount.
  package func cover(
    _ name: Path, _ kind: FileKind, from path: Path
  ) throws(SystemCallError) {
    try Mounting.bind(path.appending(kind == .directory ? "directory" : "file"), on: name)
  }

  /// Whether a cover lies at this name in the working directory.
  package func check(_ name: Path, _ kind: FileKind) throws(SystemCallError) {
    guard case .found(let found) = try Files.lookUp(name),
      found.isSame(as: kind == .directory ? directory : file)
    else { throw SystemCallError("mount", .loop) }
  }

  /// Hides a link itself.
  package func cover(_ link: borrowing FileDescriptor) throws(SystemCallError) {
    try Mounting.bind(attachment.link.appending("file"), on: link.link)
  }

  /// Puts a generated text over a file.
  package func cover(
    _ target: borrowing FileDescriptor, byText index: Int
  ) throws(SystemCallError) {
    try Mounting.bind(attachment.link.appending("text\(index)"), on: target.link)
  }

  /// Takes a temporary attachment off; what was bound from it stays.
  package func detach() throws(SystemCallError) {
    if isTemporary { try Mounting.detach(attachment.link) }
  }
}
