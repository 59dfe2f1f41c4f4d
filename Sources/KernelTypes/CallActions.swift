/// What a filter does with each system call that has a rule, by the table's row.
package struct CallActions: Hashable, Sendable, ExpressibleByDictionaryLiteral {
  private var actions = [FilterAction?](repeating: nil, count: SystemCall.count)

  package init() {}

  package init(dictionaryLiteral elements: (String, FilterAction)...) {
    for (name, action) in elements { self[name] = action }
  }

  package subscript(call: SystemCall) -> FilterAction? {
    get { actions[call.row] }
    set { actions[call.row] = newValue }
  }

  /// By name. What has a rule must stand in the table: a call without a number can't be filtered.
  package subscript(name: String) -> FilterAction? {
    get { SystemCall(named: name).flatMap { self[$0] } }
    set {
      guard let call = SystemCall(named: name) else {
        preconditionFailure("a rule is about a call of the table")
      }
      self[call] = newValue
    }
  }

  func mapped(_ change: (FilterAction) -> FilterAction) -> CallActions {
    var result = self
    for row in actions.indices { result.actions[row] = actions[row].map(change) }
    return result
  }

  func contains(_ isWanted: (FilterAction) -> Bool) -> Bool {
    actions.contains { $0.map(isWanted) ?? false }
  }

  /// The calls that have a rule here or there.
  func calls(with other: CallActions) -> [SystemCall] {
    actions.indices.filter { actions[$0] != nil || other.actions[$0] != nil }.map(SystemCall.init)
  }
}
