package import KernelTypes

/// Where a rule was written. Each rule carries it to the last message.
package enum Origin: Hashable, Sendable {
  /// A line of a file; lines count from 1.
  case file(Path, line: Int)
  /// An option of the command line, as it was typed up to its `=`.
  case argument(String)
  /// The launcher's own rule, with its name.
  case builtIn(String)

  package var isCommandLine: Bool {
    if case .argument = self { true } else { false }
  }
}

extension Origin: CustomStringConvertible {
  /// `firefox.profile:12` with the whole path, `--caps.keep`, or `built in (terminal)`.
  package var description: String {
    switch self {
    case .file(let path, let line): "\(path):\(line)"
    case .argument(let option): option
    case .builtIn(let name): "built in (\(name))"
    }
  }
}

/// What is wrong with a profile, a command line or a plan, and where: the line that a user reads.
package struct PolicyError: Error, Hashable, Sendable {
  package let origin: Origin?
  /// What it is about: a directive, a program, a path.
  package let subject: String
  package let message: String
  /// What to do; empty where nothing better than the message can be said.
  package let hint: String
  /// What a shell returns for it: 127 for a missing program, 126 for one that can't be executed.
  package let shellStatus: Int32?

  package init(
    _ origin: Origin?, _ subject: String, _ message: String, hint: String = "",
    shellStatus: Int32? = nil
  ) {
    self.origin = origin
    self.subject = subject
    self.message = message
    self.hint = hint
    self.shellStatus = shellStatus
  }

  /// Place, subject, message, hint: one line, without the program's name in front.
  package var line: String {
    var parts: [String] = []
    if let origin { parts.append(origin.description) }
    if !subject.isEmpty, parts.last != "--" + subject { parts.append(subject) }
    parts.append(message)
    return parts.joined(separator: ": ") + (hint.isEmpty ? "" : "; " + hint)
  }
}

/// A value of a directive that is refused. The caller adds the directive and the place.
package struct DirectiveError: Error, Hashable, Sendable {
  package let message: String
  package let hint: String

  package init(_ message: String, hint: String = "") {
    self.message = message
    self.hint = hint
  }
}

/// The entry of `candidates` that differs least from a mistyped `word`, if one is near.
package func nearest(to word: String, in candidates: some Sequence<String>) -> String? {
  let wanted = Array(word.utf8)
  guard wanted.count <= 64 else { return nil }
  let limit = max(1, wanted.count / 3)
  var best: (name: String, distance: Int)?
  for candidate in candidates {
    let letters = Array(candidate.utf8)
    guard abs(letters.count - wanted.count) <= limit else { continue }
    let distance = editDistance(wanted, letters)
    if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
  }
  return best?.name
}

/// `did you mean "read"?`, or nothing.
package func suggestion(for word: String, in candidates: some Sequence<String>) -> String {
  nearest(to: word, in: candidates).map { "did you mean \"\($0)\"?" } ?? ""
}

/// Levenshtein's distance with neighbouring letters exchanged counted as one change.
private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
  guard !left.isEmpty, !right.isEmpty else { return max(left.count, right.count) }
  var beforeLast = Array(repeating: 0, count: right.count + 1)
  var last = Array(0...right.count)
  for row in 1...left.count {
    var current = [row] + Array(repeating: 0, count: right.count)
    for column in 1...right.count {
      let same = left[row - 1] == right[column - 1]
      current[column] = min(
        last[column] + 1, current[column - 1] + 1, last[column - 1] + (same ? 0 : 1))
      if row > 1, column > 1, left[row - 1] == right[column - 2],
        left[row - 2] == right[column - 1]
      {
        current[column] = min(current[column], beforeLast[column - 2] + 1)
      }
    }
    (beforeLast, last) = (last, current)
  }
  return last[right.count]
}
