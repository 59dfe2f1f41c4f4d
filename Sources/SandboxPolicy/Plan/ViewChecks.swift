internal import KernelTypes

/// What makes no mount of its own: directories on the host, and whether the program can be reached.
extension ViewPlan {
  /// `mkdir` and `mkfile`.
  mutating func makeOnHost(_ host: some HostView) throws(PolicyError) {
    for made in files.made {
      let name = made.kind == .directory ? "mkdir" : "mkfile"
      let places = [host.home, "/tmp", Path("/run/user/\(host.uid)")]
      guard places.contains(where: { made.path.isWithin($0) && made.path != $0 }) else {
        throw PolicyError(
          made.origin, name, "\"\(made.path)\" lies elsewhere",
          hint: "it may lie below the home directory, /tmp and /run/user/\(host.uid)")
      }
      guard try find(made.path, made.origin, host) == nil else { continue }
      var missing: [Path] = [made.path]
      var base = made.path.parent
      var found = try find(base, made.origin, host)
      while found == nil, base.bytes.count > 1 {
        missing.append(base)
        base = base.parent
        found = try find(base, made.origin, host)
      }
      guard let found, found.kind == .directory else {
        throw PolicyError(made.origin, name, "\"\(base)\" is no directory")
      }
      for path in missing {
        model.expect(
          path, resolved: Path(found.path.bytes + path.bytes[base.bytes.count...]),
          path == made.path ? made.kind : .directory, owner: host.uid)
      }
      let resolved = Path(found.path.bytes + made.path.bytes[base.bytes.count...])
      hostSteps.append(
        Step(
          made.kind == .directory ? .makeHostDirectory(resolved) : .makeHostFile(resolved),
          made.origin))
    }
  }

  /// What `mkdir` and `mkfile` make is there in an empty home as well.
  mutating func makeInside(_ host: some HostView) {
    for made in files.made where !model.isVisible(made.path) {
      guard model.replacement(of: made.path) != nil else { continue }
      add(
        made.kind == .directory
          ? .makeDirectory(made.path, mode: 0o700)
          : .makeFile(made.path, GeneratedText([], mode: 0o600)), made.origin)
      model.make(made.path, made.kind, owner: host.uid)
    }
  }

  /// Says which rule keeps the program from running, where one does, before anything is done.
  func checkReachable(_ program: FoundFile, _ host: some HostView) throws(PolicyError) {
    let found = try answer(for: nil, program.path.description) { () throws(HostError) in
      try host.find(program.path)
    }
    guard let found else { return }
    // The link by which it was found has to be there as well.
    let parent = try find(program.path.parent, .builtIn("program"), host)
    let name = parent.map { $0.path.appending(program.path.lastComponent) } ?? program.path
    for path in [found.path, name] {
      if let origin = model.obstacle(of: path) {
        throw PolicyError(
          origin, "", "hides the program \(program.path)",
          hint: "show it, for one by: noblacklist, whitelist or private-bin \(program.path)")
      }
    }
    for step in steps {
      guard case .setMountFlags(let path, _, let set, let clear) = step.operation,
        found.path.isWithin(path), set.contains(.noExecute), !clear.contains(.noExecute)
      else { continue }
      throw PolicyError(
        step.origin, "noexec", "lets nothing below \(path) run, and \(program.path) lies there",
        hint: "move the program, or skip the rule by --ignore=noexec")
    }
  }

  /// `private-cwd` with a directory that is not there.
  func checkWorkingDirectory(_ host: some HostView) throws(PolicyError) {
    guard let wanted = files.workingDirectory, let path = wanted.value else { return }
    let found = try find(path, wanted.origin, host)
    guard let found, found.kind == .directory, found.path == path else {
      throw PolicyError(
        wanted.origin, "private-cwd", "\"\(path)\" is no directory inside",
        hint: "name one without links that the sandbox shows")
    }
  }
}
