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

  /// Attaches the file system to `place`, which it hides at once: until `detach` where that is
  /// meant to be temporary. It becomes the working directory, from which the covers are bound.
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
    let target = try FileDescriptor.handle(on: place, .noSymbolicLinks)
    try Mounting.attach(mount, on: target)
    // Their short names are the fastest to look up.
    try Files.changeDirectory(to: mount.link)
    attachment = mount
    self.isTemporary = isTemporary
  }

  /// Hides a file or directory.
  package func cover(
    _ target: borrowing FileDescriptor, _ kind: FileKind
  ) throws(SystemCallError) {
    try Mounting.bind(kind == .directory ? "directory" : "file", on: target.link)
  }

  /// Puts a generated text over a file.
  package func cover(
    _ target: borrowing FileDescriptor, byText index: Int
  ) throws(SystemCallError) {
    try Mounting.bind(Path("text\(index)"), on: target.link)
  }

  /// Takes a temporary attachment off; what was bound from it stays.
  package func detach() throws(SystemCallError) {
    if isTemporary { try Mounting.detach(attachment.link) }
  }
}
