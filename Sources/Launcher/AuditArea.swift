internal import KernelTypes
internal import SandboxPolicy

/// One area of an audit with its grade: `A` closed, to `D` open.
struct AuditArea {
  private let name: String
  private let grade: Character
  /// What was found open, or how all is closed.
  private let findings: [String]
  /// The lines that would improve it.
  private let remedies: [String]

  /// - Parameter most: so many findings are as good as no sandbox.
  init(_ name: String, _ findings: [String], of most: Int, closed: String, remedies: [String]) {
    self.name = name
    let share = findings.count * 4
    grade = findings.isEmpty ? "A" : share <= most ? "B" : share <= 2 * most ? "C" : "D"
    self.findings = findings.isEmpty ? [closed] : findings
    self.remedies = findings.isEmpty ? [] : remedies
  }

  private var isClosed: Bool { grade == "A" }

  // MARK: Text

  private static let column = 27

  /// A line or two for each area.
  static func text(_ areas: [AuditArea]) -> String {
    areas.flatMap { $0.lines }.joined(separator: "\n") + "\n"
  }

  private var lines: [String] {
    let padding = String(repeating: " ", count: max(1, Self.column - name.count))
    let shown = findings.prefix(12).map { displayed(Array($0.utf8)) }.joined(separator: ", ")
    let more = findings.count > 12 ? " and \(findings.count - 12) more" : ""
    let line = "\(grade)  \(name)\(padding)\(isClosed ? "" : "open: ")\(shown)\(more)"
    guard !remedies.isEmpty else { return [line] }
    let indent = String(repeating: " ", count: Self.column + 3)
    return [line, indent + "better by: " + remedies.joined(separator: "; ")]
  }

  /// One array.
  static func json(_ areas: [AuditArea]) -> String {
    JSON.array(
      areas.map { area in
        .object([
          ("area", .string(area.name)), ("grade", .string(String(area.grade))),
          ("open", .array(area.isClosed ? [] : area.findings.map(JSON.string))),
          ("remedies", .array(area.remedies.map(JSON.string))),
        ])
      }
    ).text + "\n"
  }
}
