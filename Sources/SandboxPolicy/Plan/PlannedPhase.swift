package import KernelTypes

/// The second phase of a program: what begins it, and the filter that holds from then on.
///
/// The kernel has one filter from the start. It asks where the two phases differ, and at the event;
/// what both answer alike it answers by itself.
package struct PlannedPhase: Hashable, Sendable {
  package let event: PhaseEvent
  package let origin: Origin
  package let filter: SyscallFilter
  /// What may be the event is answered by `.notify`, the rest by `.allow`.
  package let marks: SyscallFilter

  package init(_ event: PhaseEvent, _ origin: Origin, _ filter: SyscallFilter) {
    self.event = event
    self.origin = origin
    self.filter = filter
    marks = FilterBuilder.marks(of: event, like: filter)
  }

  package func asking(_ first: SyscallFilter) -> SyscallFilter {
    first.combined(with: filter, unclear: .notify) { $0 == $1 ? $0 : .notify }
      .combined(with: marks, unclear: .notify) { $1 == .notify ? .notify : $0 }
  }
}

extension Plan {
  /// Whether the launcher is asked while the program runs.
  package var asks: Bool { watch != nil || secondPhase != nil }

  /// The filter that asks; nil where nobody is asked.
  package var askingFilter: SyscallFilter? {
    guard asks else { return nil }
    let phased = secondPhase.map { $0.asking(filter) } ?? filter
    return watch.map { $0.asking(phased) } ?? phased
  }

  /// Whether the program may run where nobody can be asked.
  package var mayGoUnasked: Bool { secondPhase == nil && watch?.isOptional ?? true }
}
