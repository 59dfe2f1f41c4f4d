internal import KernelTypes

/// Services outside the sandbox: where they meet it, and how they are confined themselves.
extension ViewPlan {
  /// The directory that services share with the view: on the host something else, as soon as the
  /// view's first steps are done.
  mutating func openExchange(_ origin: Origin, _ host: some HostView) throws(PolicyError) -> Path {
    if let exchange { return exchange.place }
    for place in ["/mnt", "/media", "/srv", "/opt", "/boot"] as [Path] {
      if let found = try find(place, origin, host), found.kind == .directory, found.path == place {
        exchange = Exchange(place: place)
        return place
      }
    }
    throw PolicyError(
      origin, "services", "there is no directory to meet them in", hint: "make one called /mnt")
  }

  /// After all of what services made is mounted elsewhere, and before any other rule acts.
  mutating func closeExchange() {
    guard let exchange else { return }
    add(.closeExchange(exchange.place), .builtIn("services"))
  }

  /// A helper program, where root installs programs: the caller's PATH has no say.
  func helper(
    _ name: String, _ origin: Origin, _ host: some HostView
  ) throws(PolicyError) -> Path? {
    for directory in ["/usr/bin", "/usr/local/bin"] as [Path] {
      if let found = try find(directory.appending(name), origin, host), found.kind == .regular {
        return found.path
      }
    }
    return nil
  }

  /// What a service does to itself: no rights, no network, no process but its own, no file of the
  /// user's, nothing to write but the exchange.
  ///
  /// - Parameters:
  ///   - needed: what it has to reach; the home is hidden unless it holds some of that.
  ///   - preparation: what it mounts beforehand.
  ///   - temporary: a directory of the exchange that it sees as /tmp.
  ///   - scratch: directories that it sees empty and may write to.
  func confinement(
    _ place: Path, reaching needed: [Path] = [], preparation: [Operation] = [],
    temporary: Path? = nil, scratch: [Path] = [], compilesCode: Bool = false, _ origin: Origin,
    _ host: some HostView
  ) throws(PolicyError) -> [Step] {
    var operations: [Operation] = [.mountProcess] + preparation
    if !needed.contains(where: { $0.isWithin(home) }), try find(home, origin, host) != nil,
      home != "/", !place.isWithin(home)
    {
      operations.append(.replace(home, mode: 0o700))
    }
    operations += scratch.map { .replace($0, mode: 0o755) }
    if let temporary { operations.append(.bind(source: temporary, .directory, on: "/tmp")) }
    operations += [
      .dropCapabilities(keep: [], isRoot: host.isPrivileged, changesBoundingSet: true),
      .setNoNewPrivileges, .changeDirectory([place]),
    ]
    let version = try answer(for: origin, "landlock") { () throws(HostError) in
      try host.landlockVersion
    }
    if version > 0 {
      operations.append(
        .restrictItself(
          .write.union([.makeIPC, .makeDevices]),
          but: ([place] + scratch + (temporary == nil ? [] : ["/tmp"])).map { FileRule($0, .all) },
          scopesSockets: version >= 6))
    }
    var calls = SyscallPolicy()
    calls.native = Setting(SyscallList(.standard), origin)
    calls.protocols = EditableList(["unix"], origin)
    calls.namespaces = EditableList(NamespaceKind.all.map { $0.name }, origin)
    if !compilesCode { calls.denyWriteExecute = origin }
    calls.blocksSecondary = origin
    operations += [
      .closeDescriptors(except: [Service.readiness]),
      .installFilter(FilterBuilder.filter(for: calls)),
    ]
    return operations.map { Step($0, origin) }
  }
}
