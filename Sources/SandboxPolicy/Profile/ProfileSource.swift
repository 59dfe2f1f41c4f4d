package import KernelTypes

/// Where profile files come from: bytes and facts only; nothing is changed.
package struct ProfileSource: Sendable {
  /// Where profiles are looked up by name, first directory first.
  package let directories: [Path]
  /// Those of them that this machine has: where files are looked for.
  package let presentDirectories: [Path]
  /// Those of them that hold whole collections: a file of one includes its neighbours, before those
  /// of another.
  private let collections: [Path]
  /// Directives that the administrator forbids, and where.
  package var forbidden: [String: Origin] = [:]
  /// The bytes of a profile file.
  package let read: @Sendable (Path) throws(ProfileReadError) -> [UInt8]

  package init(
    directories: [Path], missing: [Path] = [], collections: [Path] = [],
    read: @escaping @Sendable (Path) throws(ProfileReadError) -> [UInt8]
  ) {
    self.directories = directories
    presentDirectories = directories.filter { !missing.contains($0) }
    self.collections = collections
    self.read = read
  }

  /// The order in which files of a directory look up what they include.
  fileprivate func directories(for own: Path) -> [Path] {
    guard collections.contains(own) else { return presentDirectories }
    return presentDirectories.filter { !collections.contains($0) } + [own]
      + presentDirectories.filter { collections.contains($0) && $0 != own }
  }

  fileprivate func isCollection(_ directory: Path) -> Bool { collections.contains(directory) }
}

/// A profile file that is being read, and by what. A class, because each of its lines refers to it.
package final class ProfileFile: Sendable {
  private let path: Path
  private let includer: ProfileFile?
  /// How many files include it.
  let depth: Int
  /// Whether it was written for this program or by this user: it is not one of a collection.
  let isOwn: Bool
  /// Where it looks up what it includes, first directory first.
  let directories: [Path]

  init(_ path: Path, from includer: ProfileFile?, in source: ProfileSource) {
    let directory = path.parent
    self.path = path
    self.includer = includer
    depth = includer.map { $0.depth + 1 } ?? 0
    isOwn =
      !source.isCollection(directory) && !path.bytes.suffix(4).elementsEqual(".inc".utf8)
    directories = source.directories(for: directory)
  }

  /// Whether `path` is this file or one that includes it.
  func isIncluded(by path: Path) -> Bool {
    self.path == path || includer?.isIncluded(by: path) ?? false
  }
}

/// Why a profile file has no bytes.
package enum ProfileReadError: Error, Hashable, Sendable {
  case missing
  /// It exists and can't be used: the reason, and what to do.
  case unusable(String, hint: String)
}
