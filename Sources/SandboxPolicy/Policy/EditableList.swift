/// A list that lines edit: `item` or `+item` adds, `-item` removes, `=item` empties it first.
///
/// The command line is applied after the profiles. A plain list there replaces what they say, and
/// signed items change it, so that a value given by hand counts.
package struct EditableList: Hashable, Sendable {
  private var profile: [Edit] = []
  private var commandLine: [Edit] = []
  /// Where the list was last touched.
  package private(set) var origin: Origin?

  private enum Edit: Hashable, Sendable {
    case add(String)
    case remove(String)
    case clear
  }

  package init() {}

  /// A list of the launcher's own.
  init(_ items: [String], _ origin: Origin) {
    profile = items.map { .add($0) }
    self.origin = origin
  }

  package var isGiven: Bool { origin != nil }

  /// What the list holds after all edits, in the order of adding.
  package var items: [String] {
    var items: [String] = []
    for edit in profile + commandLine {
      switch edit {
      case .add(let item): if !items.contains(item) { items.append(item) }
      case .remove(let item): items.removeAll { $0 == item }
      case .clear: items = []
      }
    }
    return items
  }

  /// Adds one line's edits. `check` refuses an item that does not exist.
  package mutating func edit(
    _ argument: ArraySlice<UInt8>, origin: Origin,
    check: (String) throws(DirectiveError) -> Void
  ) throws(DirectiveError) {
    var edits: [Edit] = []
    for part in argument.split(separator: UInt8(ascii: ",")) {
      let text = String(decoding: part, as: UTF8.self)
      let item = String(text.drop { "+-=".contains($0) })
      try check(item)
      switch part.first {
      case UInt8(ascii: "-"): edits.append(.remove(item))
      case UInt8(ascii: "="): edits += [.clear, .add(item)]
      case UInt8(ascii: "+"): edits.append(.add(item))
      default:
        if origin.isCommandLine, !edits.contains(.clear) { edits.insert(.clear, at: 0) }
        edits.append(.add(item))
      }
    }
    guard !edits.isEmpty else { throw DirectiveError("the list is empty") }
    if origin.isCommandLine { commandLine += edits } else { profile += edits }
    if !(self.origin?.isCommandLine ?? false) { self.origin = origin }
  }
}
