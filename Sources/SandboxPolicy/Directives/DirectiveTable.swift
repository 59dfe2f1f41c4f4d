internal import KernelTypes

/// Every directive, in the order of the manual.
package enum DirectiveTable {
  package static let all: [Directive] =
    [
      profileDirectives, fileDirectives, privateDirectives, syscallDirectives,
      capabilityDirectives, limitDirectives, environmentDirectives, deviceDirectives,
      networkDirectives, busDirectives, displayDirectives, sessionDirectives, watchDirectives,
      lookupDirectives, integrationDirectives, runningDirectives,
    ].flatMap { $0 }

  package static func named(_ name: String) -> Directive? {
    index.first(named: name.utf8) { all[$0].name == name }.map { all[$0] }
  }

  private static let index: NameSlots = {
    var slots = NameSlots(count: all.count)
    for (position, directive) in all.enumerated() {
      slots.add(position, named: directive.name.utf8)
    }
    return slots
  }()

  /// Refuses what this version can't do and checks that an argument is there exactly if needed.
  ///
  /// - Returns: the argument, empty where there is none.
  package static func check(
    _ directive: Directive, _ argument: ArraySlice<UInt8>?
  ) throws(DirectiveError) -> ArraySlice<UInt8> {
    switch directive.support {
    case .notYet:
      throw DirectiveError(
        "not supported yet", hint: "leave it out by: ignore \(directive.name)")
    case .impossible(let reason, let instead):
      throw DirectiveError("not possible: \(reason)", hint: instead)
    case .enforced, .noEffect: break
    }
    switch (directive.argument, argument) {
    case (.none, .some(let surplus)):
      throw DirectiveError("takes no value, but \"\(displayed(surplus))\" follows")
    case (.required(let placeholder), nil):
      throw DirectiveError("needs a value: \(placeholder)")
    case (.required(let placeholder), .some(let value)) where value.isEmpty:
      throw DirectiveError("has an empty value; it needs \(placeholder)")
    case (.optional(let placeholder), .some(let value)) where value.isEmpty:
      throw DirectiveError("has an empty value; it needs \(placeholder), or no value at all")
    default: return argument ?? []
    }
  }
}

/// Words of the language whose enforcement is still to come: known, refused by name.
func notYet(
  in topic: Directive.Topic, available availability: Directive.Availability = .everywhere,
  _ words: [(name: String, argument: Directive.Argument, summary: String)]
) -> [Directive] {
  words.map {
    Directive(
      $0.name, $0.argument, in: topic, availability, support: .notYet, summary: $0.summary)
  }
}
