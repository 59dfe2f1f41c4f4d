package import KernelTypes

/// The smallest edit that lifts a rule about files: a line for a .local file, which is read before the
/// profile's own lines.
package struct Remedies: Sendable {
  private let home: Path

  package init(home: Path) { self.home = home }

  /// - Parameters:
  ///   - line: the rule as it stands in its file; nil for a rule of the command line.
  ///   - path: what the program asked for.
  ///   - place: what the rule covers or replaces.
  /// - Returns: none where no line can lift it.
  package func lines(
    against origin: Origin, line: Statement?, path: Path, place: Path
  ) -> [String] {
    switch origin {
    case .argument(let option), .lineOption(let option): return ["leave out " + option]
    case .builtIn(let name):
      guard let word = name.split(separator: " ").first, name.hasSuffix(" lifts it") else {
        return []
      }
      return [word == "noblacklist" ? "noblacklist \(spelt(place))" : String(word)]
    case .file:
      guard let line else { return [] }
      return [text(line, path, place)]
    }
  }

  private func text(_ line: Statement, _ path: Path, _ place: Path) -> String {
    let keyword = String(decoding: line.keyword, as: UTF8.self)
    let whole = displayed(line.text)
    switch keyword {
    case "blacklist", "blacklist-nolog":
      let argument = line.argument ?? []
      // A noblacklist is compared with what the blacklist line spells.
      return "noblacklist "
        + (Glob.isPattern(Array(argument)) ? spelt(place) : displayed(argument))
    case "whitelist", "whitelist-ro": return "whitelist " + spelt(path)
    case "private-bin": return "private-bin " + displayed(path.lastComponent)
    case "private-etc", "private-opt", "private-srv":
      let rest = path.components.dropFirst(place.components.count)
      return keyword + " " + displayed(rest.first ?? path.lastComponent)
    case "landlock.enforce": return "ignore landlock.enforce"
    default: return "ignore " + whole
    }
  }

  /// For a capability that `caps` lines do not leave; `line` as above.
  package func lines(
    against origin: Origin, line: Statement?, _ policy: CapabilityPolicy?, _ wanted: Capability
  ) -> [String] {
    if let option = origin.option { return ["leave out " + option] }
    let new: (directive: String, capabilities: [Capability])
    switch policy {
    case .keep(let others)?: new = ("caps.keep", (others + [wanted]).sorted())
    // Without any line root has none.
    case .drop([wanted])?: new = ("caps.keep", Capability.all)
    case .drop(let others)?: new = ("caps.drop", others.filter { $0 != wanted })
    case .dropAll?, nil: new = ("caps.keep", [wanted])
    }
    let names = new.capabilities.map { $0.name }.joined(separator: ",")
    return (line.map { ["ignore " + displayed($0.text)] } ?? [])
      + [new.directive + " " + names]
  }

  /// With `${HOME}`, as profiles write it.
  package func spelt(_ path: Path) -> String {
    path.isWithin(home) && home.bytes.count > 1
      ? "${HOME}" + displayed(path.bytes[home.bytes.count...]) : path.description
  }
}
