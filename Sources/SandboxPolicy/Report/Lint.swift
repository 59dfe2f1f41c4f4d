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
    // The last blacklist line of each text; patterns are compared as texts and as patterns.
    let hidden = rules.enumerated().filter { $0.element.verb == .blacklist }
    return rules.enumerated().compactMap { index, rule in
      guard rule.verb == .noBlacklist else { return nil }
      let meant = hidden.filter { Glob.matches(rule.pattern.bytes, $0.element.pattern.bytes) }
      guard let last = meant.last, last.offset < index else { return nil }
      return PolicyError(
        rule.origin, "noblacklist",
        "comes after the blacklist line that it is about, at \(last.element.origin)",
        hint: "move it before that")
    }
  }

  /// A `whitelist` of what a `blacklist` hides.
  private static func hiddenWhitelists(_ files: FilePolicy) -> [PolicyError] {
    var exempt: [Path] = []
    var hidden: [Path: Origin] = [:]
    for rule in files.rules {
      switch rule.verb {
      case .noBlacklist: exempt.append(rule.pattern)
      case .blacklist where !exempt.contains { Glob.matches($0.bytes, rule.pattern.bytes) }:
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
