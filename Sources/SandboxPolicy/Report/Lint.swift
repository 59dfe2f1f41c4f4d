internal import KernelTypes

/// What a profile says without effect: rules that can never act, whatever the machine.
package enum Lint {
  package static func warnings(of reader: ProfileReader) -> [PolicyError] {
    let files = reader.recorder.policy.files
    return lateExceptions(files.rules) + hiddenWhitelists(files)
      + unusedIgnores(reader.ignored)
  }

  /// A `noblacklist` after the lines that it is about.
  private static func lateExceptions(_ rules: [PathRule]) -> [PolicyError] {
    // Compared are texts, and patterns with texts.
    let hidden = rules.enumerated().filter { $0.element.verb == .blacklist }
    var last: [Path: (offset: Int, origin: Origin)] = [:]
    for (offset, rule) in hidden { last[rule.pattern] = (offset, rule.origin) }
    return rules.enumerated().compactMap { index, rule in
      guard rule.verb == .noBlacklist else { return nil }
      var meant = last[rule.pattern]
      if Glob.isPattern(rule.pattern.bytes) {
        let matched = hidden.last { Glob.matches(rule.pattern.bytes, $0.element.pattern.bytes) }
        meant = matched.map { ($0.offset, $0.element.origin) }
      }
      guard let meant, meant.offset < index else { return nil }
      return PolicyError(
        rule.origin, "noblacklist",
        "comes after the blacklist line that it is about, at \(meant.origin)",
        hint: "move it before that")
    }
  }

  /// A `whitelist` of what a `blacklist` hides.
  private static func hiddenWhitelists(_ files: FilePolicy) -> [PolicyError] {
    var exempt = PathSet()
    var hidden: [Path: Origin] = [:]
    for rule in files.rules {
      switch rule.verb {
      case .noBlacklist: exempt.insert(rule.pattern)
      case .blacklist where !exempt.contains(rule.pattern):
        hidden[rule.pattern] = rule.origin
      default: continue
      }
    }
    return files.whitelists.filter { !$0.isDropped }.compactMap { whitelist in
      var path = whitelist.path
      while path.bytes.count > 1 {
        if let origin = hidden[path] {
          return PolicyError(
            whitelist.origin, "whitelist",
            "\"\(whitelist.path)\" stays hidden by blacklist, at \(origin)",
            hint: "add before that: noblacklist \(path)")
        }
        path = path.parent
      }
      return nil
    }
  }

  private static func unusedIgnores(_ ignored: [ProfileReader.Ignored]) -> [PolicyError] {
    ignored.filter { !$0.isUsed }.map { ignored in
      PolicyError(
        ignored.origin, "ignore",
        "skips nothing: no later line begins with \"\(displayed(ignored.prefix))\"",
        hint: "write it before the include that has the line, as it stands there")
    }
  }
}
