internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

extension FilterAction {
  /// What the program gets, in a word.
  var verdict: String {
    switch self {
    case .errno(let errno): errno.name
    case .killProcess, .killThread: "ended"
    case .log: "logged"
    case .allow, .trap, .trace, .notify: "asked"
    }
  }
}

/// What a program was refused.
struct Refusal {
  /// The call with its arguments, safe on a terminal.
  let call: String
  let process: Int32
  let program: Path
  /// What the program got: the name of an errno, `ended`, `logged`, or a word of the bus.
  let verdict: String
  let isFatal: Bool
  let rule: RuleReference
  /// Programs expect it: an old kernel says the same.
  let isUsual: Bool
}

/// Says each refusal once, when it happens, and all of them at the end: first those before which a
/// process failed, then those that were survived.
final class RefusalReport {
  /// More different ones are counted, not told apart.
  private static let most = 2000
  /// More are left to the summary.
  private static let mostAtOnce = 200

  private struct Entry {
    let refusal: Refusal
    var count = 1
    var precedesFailure = false
    let order: Int
  }

  private struct Key: Hashable {
    let call: String
    let rule: RuleReference
    let program: Path
  }

  private let lines: ReportLines
  private let isJSON: Bool
  private var entries: [Key: Entry] = [:]
  private var surplus = 0
  /// The last refusals of each process, for when it fails.
  private var recent: [Int32: [Key]] = [:]

  init(output: Int32, isJSON: Bool) {
    lines = ReportLines(output: output)
    self.isJSON = isJSON
  }

  func add(_ refusal: Refusal) {
    let key = Key(call: refusal.call, rule: refusal.rule, program: refusal.program)
    remember(key, refusal.process)
    guard entries[key] == nil else {
      entries[key]?.count += 1
      if refusal.isFatal { noteFailure(of: refusal.process) }
      return
    }
    guard entries.count < Self.most else {
      surplus += 1
      return
    }
    let entry = Entry(refusal: refusal, order: entries.count)
    entries[key] = entry
    if refusal.isFatal { noteFailure(of: refusal.process) }
    if !refusal.isUsual, entries.count <= Self.mostAtOnce { lines.write(line(entry)) }
  }

  private func remember(_ key: Key, _ process: Int32) {
    // Processes come and go; the old ones have failed by now, or never will.
    if recent.count > Self.most { recent = [:] }
    var keys = recent[process] ?? []
    keys.removeAll { $0 == key }
    keys.append(key)
    recent[process] = Array(keys.suffix(3))
  }

  /// A process ends with an error: what it was refused last may be why.
  func noteFailure(of process: Int32) {
    for key in recent[process] ?? [] { entries[key]?.precedesFailure = true }
  }

  // MARK: Text

  func finish(status: Int32) {
    let ordered = entries.values.sorted { $0.order < $1.order }
    if isJSON {
      lines.write(
        JSON.object([
          ("status", .number(Int(status))), ("more", .number(surplus)),
          ("refusals", .array(ordered.map(json))),
        ]).text)
      return
    }
    guard !ordered.isEmpty else {
      return lines.write("sandbox: nothing was refused; the status is \(status)")
    }
    let number = ordered.count == 1 ? "1 kind of refusal" : "\(ordered.count) kinds of refusals"
    lines.write("sandbox: \(number); the status is \(status)")
    let groups = [
      ("before a process failed", ordered.filter { $0.precedesFailure && !$0.refusal.isUsual }),
      ("survived", ordered.filter { !$0.precedesFailure && !$0.refusal.isUsual }),
      ("answered as an older kernel does", ordered.filter { $0.refusal.isUsual }),
    ]
    for (title, entries) in groups where !entries.isEmpty {
      lines.write("sandbox: \(title):")
      for entry in entries {
        lines.write(line(entry) + (entry.count > 1 ? " (\(entry.count) times)" : ""))
      }
    }
    if surplus > 0 { lines.write("sandbox: and \(surplus) more refusals of other kinds") }
    let edits = ordered.filter { !$0.refusal.isUsual }.flatMap { $0.refusal.rule.remedy }
    var seen: Set<String> = []
    let remedies = edits.filter { !$0.hasPrefix("leave out") && seen.insert($0).inserted }
    guard !remedies.isEmpty else { return }
    lines.write("sandbox: to allow all of it, in a .local file:")
    for line in remedies { lines.write("sandbox:   " + line) }
  }

  private func line(_ entry: Entry) -> String {
    if isJSON { return json(entry).text }
    let refusal = entry.refusal
    let message = PolicyError(
      refusal.rule.origin, refusal.rule.directive,
      "\(refusal.program) (\(refusal.process)): \(refusal.call): \(refusal.verdict)",
      hint: refusal.rule.hint)
    return "sandbox: " + message.line
  }

  private func json(_ entry: Entry) -> JSON {
    let refusal = entry.refusal
    return .object([
      ("call", .string(refusal.call)), ("process", .number(Int(refusal.process))),
      ("program", .string(refusal.program.description)),
      ("verdict", .string(refusal.verdict)), ("directive", .string(refusal.rule.directive)),
      ("origin", refusal.rule.origin.json),
      ("remedy", .array(refusal.rule.remedy.map(JSON.string))), ("count", .number(entry.count)),
      ("precedesFailure", .bool(entry.precedesFailure)), ("usual", .bool(refusal.isUsual)),
    ])
  }
}
