internal import KernelTypes

/// A place that a rule is about by its name, whatever lies there.
package struct HeldPlace {
  /// Marks a directory that is only lent to the host (S_ISVTX has no effect on one's own directory).
  package static let lentMode: UInt32 = 0o1700

  let path: Path
  /// Whether nothing lies there: a directory is lent to the host as long as the sandbox is.
  let isLent: Bool
  /// Whether each launch lends it anew where it is missing: what an abrupt end left there does not stay.
  var isLentByAll = false
  let origin: Origin
}

/// What keeps a program from making a new file at a denied place.
extension ViewPlan {
  /// A profile that names more missing paths is a list, and would fill the home with directories.
  static let mostLent = 64

  /// Whether another sandbox lent the host a directory: it goes when that one does, so no rule may
  /// count on it.
  func isLent(_ found: FoundFile) -> Bool {
    found.mode == HeldPlace.lentMode && found.kind == .directory && found.owner == callerID
  }

  /// The same for a rule of the user's, of which there may be many.
  mutating func lend(
    _ path: Path, for rule: PathRule, _ host: some HostView
  ) throws(PolicyError) {
    guard places.count(where: { $0.isLent }) < Self.mostLent else {
      notes.append(
        PolicyError(
          rule.origin, rule.verb.name,
          "\"\(path)\" does not exist and is not held: too many are already"))
      return
    }
    try lend(path, rule.origin, byAll: false, host)
  }

  /// Hides a place where nothing lies, if what is made there would have an effect on the host.
  mutating func lend(
    _ path: Path, _ origin: Origin, byAll: Bool, _ host: some HostView
  ) throws(PolicyError) {
    guard files.overlay == nil, files.root == nil,
      let place = try existingParent(of: path, origin, host),
      !places.contains(where: { $0.path == place })
    else { return }
    places.append(HeldPlace(path: place, isLent: true, isLentByAll: byAll, origin: origin))
  }

  /// A missing path in the nearest directory that exists, without links; nil where what is made there
  /// has no effect on the host.
  private func existingParent(
    of path: Path, _ origin: Origin, _ host: some HostView
  ) throws(PolicyError) -> Path? {
    var parent = path
    var found: FoundFile?
    while found == nil, parent.bytes.count > 1 {
      parent = parent.parent
      found = try find(parent, origin, host)
      if found == nil, !model.isVisible(parent) { return nil }
    }
    guard let found, found.kind == .directory,
      found.owner == host.uid || found.mode & 0o002 != 0
    else { return nil }
    let place = Path(found.path.bytes + path.bytes[parent.bytes.count...])
    return model.isVisible(place) ? place : nil
  }

  /// Covers lent places, and makes the directories above held ones mounts, which can't be renamed to
  /// make room for others of their names.
  mutating func holdPlaces(_ host: some HostView) throws(PolicyError) {
    let lent = places.filter { $0.isLent }
    let hasCaretaker = !lent.allSatisfy { $0.isLentByAll }
    if let origin = lent.first?.origin {
      hostSteps.append(
        Step(.lendHostDirectories(lent.map { $0.path }, hasCaretaker: hasCaretaker), origin))
    }
    var seen: Set<Path> = []
    var pins: [(path: Path, origin: Origin)] = []
    for place in places {
      var directory = place.path.parent
      while directory.bytes.count > 1, seen.insert(directory).inserted {
        if try isOwn(directory, place.origin, host) { pins.append((directory, place.origin)) }
        directory = directory.parent
      }
    }
    // From the outside in.
    for pin in pins.sorted(by: { $0.path.bytes.count > $1.path.bytes.count }) {
      addFirst([.bind(source: pin.path, .directory, on: pin.path)], pin.origin)
    }
    if let origin = lent.first?.origin, !hasCaretaker { addFirst([.awaitLoan], origin) }
    for place in lent where model.isVisible(place.path) {
      add(.cover(place.path, .directory), place.origin)
      model.hide(place.path, .directory, place.origin)
    }
  }

  /// Whether the caller could rename a directory, or what will be there is the caller's.
  private func isOwn(
    _ directory: Path, _ origin: Origin, _ host: some HostView
  ) throws(PolicyError) -> Bool {
    try answer(for: origin, "\(directory)") { () throws(HostError) in
      try host.find(directory).map { $0.owner == host.uid } ?? true
    }
  }
}
