internal import KernelTypes

/// A profile that goes on from an existing one: its lines stay, its lists grow.
///
/// One that `--build` has written has a record: what an earlier run wrote there is written anew, with
/// what is known now, and what was added by hand stays.
struct ProfileExtension {
  /// Lines of which a profile has one, a list that can grow.
  private static let lists: Set<String> = [
    "seccomp.keep", "private-bin", "private-etc", "protocol",
  ]
  /// Words that a program may need to be without.
  private static let narrowing: Set<String> = [
    "net none", "seccomp.block-secondary", "memory-deny-write-execute",
  ]
  private static let additionsMark = "# Not seen, but of the same use: "
  private static let ownComments = [
    "#: ", "# The record, which", "# A number behind", additionsMark,
  ]

  private let base: [String]
  private let writer: ProfileWriter
  /// What the earlier runs showed; nil for a profile of another origin.
  private let earlier: Learned?

  init(_ base: [UInt8], _ writer: ProfileWriter) {
    self.writer = writer
    let learned = Learned(readingFrom: base)
    earlier = learned.runs > 0 ? learned : nil
    self.base = String(decoding: base, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false
    ).map(String.init).filter { line in
      !Self.ownComments.contains { line.hasPrefix($0) && $0 != Self.additionsMark }
        && !line.utf8.holds(": made by sandbox --build from ".utf8)
    }
  }

  /// - Parameter new: the sections of a new profile.
  func lines(_ new: [[String]]) -> [String] {
    earlier.map { renewed(new, $0) } ?? extended(new.joined().map { $0 })
  }

  // MARK: One of our own

  private func renewed(_ new: [[String]], _ earlier: Learned) -> [String] {
    let written = ProfileWriter(earlier, writer.facts, additions: writer.additions).sections
    let old = Set(written.joined().map(bare))
    let added = Set(
      base.filter { $0.hasPrefix(Self.additionsMark) }
        .flatMap { items(String($0.dropFirst(Self.additionsMark.count - 1))) })
    var kept: [String] = []
    var lists: [String] = []
    for line in base where !line.hasPrefix(Self.additionsMark) {
      let text = bare(line)
      if Self.lists.contains(keyword(text)) {
        // What was added to help the list along is chosen anew.
        let own = items(text).filter { !added.contains($0) }
        lists.append(keyword(text) + " " + own.joined(separator: ","))
      } else if text.isEmpty ? !line.isEmpty : !old.contains(text) {
        kept.append(line)
      }
    }
    let isKept = Set(kept.map(bare))
    return kept
      + new.filter { !$0.isEmpty }.flatMap { section in
        [""]
          + section.map { line in lists.reduce(line) { merged($0, with: $1) } }
          .filter { !isKept.contains(bare($0)) || $0.hasPrefix("#") }
      }
  }

  // MARK: One of another origin

  private func extended(_ new: [String]) -> [String] {
    let wanted = Set(new.map(bare))
    var lines: [String] = []
    for line in base {
      let text = bare(line)
      if Self.lists.contains(keyword(text)),
        let list = new.first(where: { keyword($0) == keyword(text) })
      {
        lines.append(merged(text, with: bare(list)))
      } else if Self.narrowing.contains(text), !wanted.contains(text) {
        lines.append("# \(text): the program needs it otherwise")
      } else {
        lines.append(line)
      }
    }
    while lines.last?.isEmpty ?? false { lines.removeLast() }
    let present = Set(base.map(bare))
    let isNew = { (line: String) in !present.contains(bare(line)) }
    let hasHome = present.contains { $0.hasPrefix("whitelist ${HOME}") }
    let shown =
      hasHome ? writer.madePlaces + writer.shown.filter { $0.hasPrefix("whitelist ") } : []
    let hasList = present.contains { keyword($0) == "seccomp.keep" }
    // Before the lines that they lift.
    let first = lines.firstIndex { !bare($0).isEmpty } ?? lines.endIndex
    lines.insert(
      contentsOf: writer.lifted.filter { keyword($0) == "noblacklist" && isNew($0) }, at: first)
    let messages = new.filter { line in
      Bus.allCases.contains { bus in
        line.hasPrefix("dbus-\(bus.rawValue).") && present.contains("dbus-\(bus.rawValue) filter")
      }
    }
    return lines + (shown + messages).filter(isNew) + (hasList ? [] : writer.syscallLines.suffix(1))
  }

  // MARK: Lines

  /// The items of the first line, and those that the second has besides.
  private func merged(_ line: String, with other: String) -> String {
    guard keyword(line) == keyword(other), Self.lists.contains(keyword(line)) else { return line }
    let list = items(line)
    let rest = items(other).filter { !list.contains($0) }
    return keyword(line) + " " + (list + rest.sorted()).joined(separator: ",")
  }

  private func keyword(_ line: String) -> String { String(line.prefix { $0 != " " }) }

  private func items(_ line: String) -> [String] {
    let list = Array(line.drop { $0 != " " }.dropFirst().utf8)
    return SyscallListParser.split(list[...]).filter { !$0.isEmpty }.map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  /// A line without its comment and blanks around.
  private func bare(_ line: String) -> String {
    var text = line.prefix { $0 != "#" }
    while text.last == " " || text.last == "\t" { text.removeLast() }
    return String(text.drop { $0 == " " || $0 == "\t" })
  }
}
