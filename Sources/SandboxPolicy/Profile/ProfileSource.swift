package import KernelTypes

/// Where profile files come from: bytes and facts only; nothing is changed.
package struct ProfileSource: Sendable {
  /// Where profiles are looked up by name, first directory first.
  package let directories: [Path]
  /// Those of them that hold whole collections: a file of one includes its neighbours, before those
  /// of another.
  private let collections: [Path]
  /// The bytes of a profile file.
  package let read: @Sendable (Path) throws(ProfileReadError) -> [UInt8]

  package init(
    directories: [Path], collections: [Path] = [],
    read: @escaping @Sendable (Path) throws(ProfileReadError) -> [UInt8]
  ) {
    self.directories = directories
    self.collections = collections
    self.read = read
  }

  /// Whether a file is one of many that nobody wrote for the program at hand.
  func isInCollection(_ file: Path) -> Bool {
    collections.contains(file.parent) || file.bytes.suffix(4).elementsEqual(".inc".utf8)
  }

  /// The order in which a file looks up what it includes.
  func directories(for file: Path?) -> [Path] {
    guard let own = file?.parent, collections.contains(own) else { return directories }
    return directories.filter { !collections.contains($0) } + [own]
      + directories.filter { collections.contains($0) && $0 != own }
  }
}

/// Why a profile file has no bytes.
package enum ProfileReadError: Error, Hashable, Sendable {
  case missing
  /// It exists and can't be used: the reason, and what to do.
  case unusable(String, hint: String)
}
