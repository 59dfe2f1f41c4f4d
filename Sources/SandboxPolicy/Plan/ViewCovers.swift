internal import KernelTypes

/// Where the covers lie, and what stays writable.
extension ViewPlan {
  /// The top-level directories that the view leaves writable, and what it puts into others.
  func writableDirectories(_ host: some HostView) throws(PolicyError) -> [Path] {
    var isReadOnly: Set<Path> = []
    for step in steps {
      if case .setMountFlags(let path, _, let set, _) = step.operation, set.contains(.readOnly) {
        isReadOnly.insert(path)
      }
    }
    var paths: [Path] = []
    let names = try answer(for: nil, "/") { () throws(HostError) in
      try model.names(in: "/", host)
    }
    for name in names {
      let path = Path("/").appending(name)
      guard let found = try find(path, .builtIn("view"), host), found.path == path,
        !isReadOnly.contains(path), found.kind != .other
      else { continue }
      paths.append(path)
    }
    var sealed: Set<Path> = []
    for step in steps {
      if case .seal(let path) = step.operation { sealed.insert(path) }
    }
    let isInReadOnly = { (path: Path) in isReadOnly.contains { path.isWithin($0) } }
    for step in steps {
      let inner: Path? =
        switch step.operation {
        case .replace(let path, _): sealed.contains(path) ? nil : path
        case .show(let source, _, let path), .bind(let source, _, let path):
          isInReadOnly(source) ? nil : path
        case .setMountFlags(let path, _, _, let clear): clear.contains(.readOnly) ? path : nil
        default: nil
        }
      // One for each, so only where no other one holds.
      if let inner, model.isVisible(inner), isInReadOnly(inner),
        !paths.contains(where: { inner.isWithin($0) })
      {
        paths.append(inner)
      }
    }
    return paths
  }

  /// The covers' file system lies on the first directory that is hidden: it is a cover itself.
  /// Where none is, it lies for a moment on a directory that no rule is about.
  mutating func insertCovers(_ host: some HostView) throws(PolicyError) {
    let isCover = { (step: Step) in
      switch step.operation {
      case .cover, .coverLink, .coverByText: true
      default: false
      }
    }
    guard let start = steps.firstIndex(where: isCover) else { return }
    var place: (path: Path, step: Step)?
    for step in steps {
      guard case .cover(let path, .directory) = step.operation,
        // What is lent comes later.
        !places.contains(where: { $0.isLent && $0.path == path })
      else { continue }
      place = (path, step)
      break
    }
    if let place {
      steps.removeAll { $0 == place.step }
      steps.insert(
        Step(
          .prepareCovers(at: place.path, isTemporary: false, texts: texts), place.step.origin),
        at: start)
    } else {
      let origin = steps[start].origin
      let spare = try spareDirectory(host)
      guard let spare else {
        throw PolicyError(origin, "blacklist", "there is no directory to prepare it in")
      }
      steps.insert(
        Step(.prepareCovers(at: spare, isTemporary: true, texts: texts), origin), at: start)
      steps.append(Step(.releaseCovers, origin))
    }
  }

  /// A directory that exists nearly everywhere and that nothing is done to.
  func spareDirectory(_ host: some HostView) throws(PolicyError) -> Path? {
    for name in ["/proc/driver", "/media", "/mnt", "/srv", "/tmp"] {
      let found = try answer(for: nil, name) { () throws(HostError) in try host.find(Path(name)) }
      guard let found, found.kind == .directory else { continue }
      let isUsed = steps.contains { step in
        switch step.operation {
        case .cover(let path, _), .coverByText(let path, _), .replace(let path, _):
          path.isWithin(found.path) || found.path.isWithin(path)
        default: false
        }
      }
      if !isUsed { return found.path }
    }
    return nil
  }
}
