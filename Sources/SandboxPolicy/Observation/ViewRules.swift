package import KernelTypes

/// The steps of a view by path: which of them keeps a program from a path. They are the steps that
/// were carried out, so what is said here is what is in force.
package struct ViewRules: Sendable {
  private var covers: [(path: Path, step: Step)] = []
  private var replacements: [(path: Path, step: Step)] = []
  /// In order; a later one on a path counts.
  private var readOnly: [(path: Path, isSet: Bool, step: Step)] = []
  private var noExecute: [(path: Path, isSet: Bool, step: Step)] = []
  /// What layers of Landlock allow.
  private var layers: [(rights: FileRights, rules: [FileRule], step: Step)] = []
  /// `net none`, and what keeps abstract sockets away.
  package private(set) var noNetwork: Origin?
  package private(set) var scopesSockets: Origin?

  package init(_ plan: Plan) {
    for step in plan.steps { add(step) }
  }

  private mutating func add(_ step: Step) {
    switch step.operation {
    case .cover(let path, _), .coverByText(let path, _), .coverLink(let path),
      .prepareCovers(let path, isTemporary: false, _):
      covers.append((path, step))
    case .replace(let path, _), .overlay(let path, _), .mountTerminals(let path):
      replacements.append((path, step))
    case .enterRoot: replacements.append(("/", step))
    case .seal(let path): readOnly.append((path, true, step))
    case .show(let source, _, let path), .bind(let source, _, let path):
      // A copy has the flags of what it shows.
      let inherited = isReadOnly(source)
      readOnly.append((path, inherited != nil, inherited ?? step))
    case .setMountFlags(let path, _, let set, let clear):
      if set.contains(.readOnly) { readOnly.append((path, true, step)) }
      if clear.contains(.readOnly) { readOnly.append((path, false, step)) }
      if set.contains(.noExecute) { noExecute.append((path, true, step)) }
    case .restrictItself(let rights, let rules, let scopes):
      if scopes { scopesSockets = step.origin }
      layers.append((rights, rules, step))
    case .bringUpLoopback: noNetwork = step.origin
    default: return
    }
  }

  /// What covers a path or a directory above, and where that lies.
  package func cover(of path: Path) -> (path: Path, step: Step)? {
    covers.last { path.isWithin($0.path) }
  }

  /// What took the place of a directory above, and of which.
  package func replacement(above path: Path) -> (path: Path, step: Step)? {
    replacements.filter { path.isWithin($0.path) && path != $0.path }
      .max { $0.path.bytes.count < $1.path.bytes.count }
  }

  package func isReadOnly(_ path: Path) -> Step? {
    readOnly.last { path.isWithin($0.path) }.flatMap { $0.isSet ? $0.step : nil }
  }

  package func isNoExecute(_ path: Path) -> Step? {
    noExecute.last { path.isWithin($0.path) }.flatMap { $0.isSet ? $0.step : nil }
  }

  /// The layer of Landlock that keeps an access from a path.
  package func landlock(_ path: Path, _ access: PathAccess) -> Step? {
    let wanted: FileRights =
      switch access {
      case .lookUp: []
      case .read: .read
      case .write, .create: .write
      case .execute: .execute
      }
    return layers.first { layer in
      !wanted.isEmpty && layer.rights.contains(wanted)
        && !layer.rules.contains { path.isWithin($0.path) && $0.rights.contains(wanted) }
    }?.step
  }
}
