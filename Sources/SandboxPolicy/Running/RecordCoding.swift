internal import KernelTypes

/// A record as bytes: numbers of eight bytes, little-endian, and texts behind their lengths. Only the
/// same version of the product reads it again.
extension SandboxRecord {
  private static let mark = Array("sandbox \(Version.number) 1".utf8)

  package var bytes: [UInt8] {
    var writer = RecordWriter()
    writer.put(Self.mark)
    writer.putNumbers([launcher, first])
    writer.put(name.map { Array($0.utf8) })
    writer.put(profile?.bytes)
    writer.put(protocols != nil)
    writer.put((protocols ?? []).map { Array($0.utf8) })
    writer.put(namespaces.rawValue)
    writer.put(hasRoot)
    writer.put(environment)
    writer.put(filter)
    writer.put(refusal.map { Array($0.utf8) })
    writer.put(UInt64(steps.count))
    for step in steps { writer.put(step) }
    return writer.bytes
  }

  /// Nil where these are not the bytes of a record of this version.
  package init?(bytes: [UInt8]) {
    var reader = RecordReader(rest: bytes[...])
    guard reader.bytes() == Self.mark else { return nil }
    let processes = reader.numbers()
    let name = reader.optionalBytes()
    let profile = reader.optionalBytes()
    let hasProtocols = reader.number() == 1
    let protocols = reader.list()
    let namespaces = Namespaces(rawValue: reader.number())
    let hasRoot = reader.number() == 1
    let environment = reader.list()
    let filter = reader.bytes()
    let refusal = reader.optionalBytes()
    var steps: [Step] = []
    for _ in 0..<reader.count() {
      guard let step = reader.step() else { return nil }
      steps.append(step)
    }
    guard reader.isWhole, reader.rest.isEmpty, processes.count == 2 else { return nil }
    self.init(
      launcher: processes[0], first: processes[1],
      name: name.map { String(decoding: $0, as: UTF8.self) },
      profile: profile.map { Path($0) },
      protocols: hasProtocols ? protocols.map { String(decoding: $0, as: UTF8.self) } : nil,
      namespaces: namespaces, hasRoot: hasRoot, environment: environment, steps: steps,
      filter: filter,
      refusal: refusal.map { String(decoding: $0, as: UTF8.self) })
  }
}

private struct RecordWriter {
  var bytes: [UInt8] = []

  mutating func put(_ number: UInt64) {
    for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: number >> (8 * UInt64(shift)))) }
  }

  mutating func put(_ isTrue: Bool) { put(UInt64(isTrue ? 1 : 0)) }

  mutating func put(_ text: [UInt8]) {
    put(UInt64(text.count))
    bytes += text
  }

  mutating func put(_ text: [UInt8]?) {
    put(text != nil)
    if let text { put(text) }
  }

  mutating func put(_ texts: [[UInt8]]) {
    put(UInt64(texts.count))
    for text in texts { put(text) }
  }

  mutating func putNumbers(_ numbers: [Int32]) {
    put(UInt64(numbers.count))
    for number in numbers { put(UInt64(UInt32(bitPattern: number))) }
  }

  mutating func put(_ step: Step) {
    switch step.origin {
    case .file(let path, let line):
      put(UInt64(line))
      put(path.bytes)
    case .argument(let option), .lineOption(let option):
      put(UInt64.max)
      put(Array(option.utf8))
    case .builtIn(let name):
      put(UInt64.max - 1)
      put(Array(name.utf8))
    }
    switch step.operation {
    case .setNoNewPrivileges: putNumbers([0])
    case .dropGroups: putNumbers([1])
    case .setNice(let value): putNumbers([2, value])
    case .setProcessors(let processors): putNumbers([3] + processors.map(Int32.init))
    case .setLimit(let resource, let value):
      putNumbers([4, resource.number])
      put(value)
    case .dropCapabilities(let kept, let isRoot, let changesBoundingSet):
      putNumbers([5, isRoot ? 1 : 0, changesBoundingSet ? 1 : 0] + kept.map { Int32($0.number) })
    case .confineByAppArmor(let name, let replaces):
      putNumbers([6, replaces ? 1 : 0])
      put(Array(name.utf8))
    case .restrictItself(let rights, let rules, let scopesSockets):
      putNumbers([7, scopesSockets ? 1 : 0])
      put(rights.rawValue)
      put(UInt64(rules.count))
      for rule in rules {
        put(rule.path.bytes)
        put(rule.rights.rawValue)
      }
    default: preconditionFailure("\(step.operation) does not hold for each program")
    }
  }
}

/// Reads what the writer wrote. What does not fit is noted, and answered by nothing.
private struct RecordReader {
  var rest: ArraySlice<UInt8>
  var isWhole = true

  mutating func number() -> UInt64 {
    guard rest.count >= 8 else {
      isWhole = false
      return 0
    }
    defer { rest = rest.dropFirst(8) }
    return rest.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// How many follow, of whatever has a byte at least.
  mutating func count() -> Int {
    if let count = Int(exactly: number()), count <= rest.count { return count }
    isWhole = false
    return 0
  }

  mutating func bytes() -> [UInt8] {
    let count = count()
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }

  mutating func optionalBytes() -> [UInt8]? { number() == 1 ? bytes() : nil }

  mutating func list() -> [[UInt8]] {
    var texts: [[UInt8]] = []
    for _ in 0..<count() { texts.append(bytes()) }
    return texts
  }

  mutating func numbers() -> [Int32] {
    var numbers: [Int32] = []
    for _ in 0..<count() {
      numbers.append(Int32(bitPattern: UInt32(truncatingIfNeeded: number())))
    }
    return numbers
  }

  mutating func step() -> Step? {
    let line = number()
    let text = bytes()
    let origin: Origin
    switch line {
    case .max: origin = .argument(String(decoding: text, as: UTF8.self))
    case .max - 1: origin = .builtIn(String(decoding: text, as: UTF8.self))
    default:
      guard let line = Int(exactly: line) else { return nil }
      origin = .file(Path(text), line: line)
    }
    guard let operation = operation(), isWhole else { return nil }
    return Step(operation, origin)
  }

  private mutating func operation() -> Operation? {
    let numbers = numbers()
    switch (numbers.first, numbers.count) {
    case (0, 1): return .setNoNewPrivileges
    case (1, 1): return .dropGroups
    case (2, 2): return .setNice(numbers[1])
    case (3, _): return .setProcessors(numbers.dropFirst().map(Int.init))
    case (4, 2):
      let value = number()
      return Resource.allCases.first { $0.number == numbers[1] }.map { .setLimit($0, value) }
    case (5, 3...):
      return .dropCapabilities(
        keep: numbers.dropFirst(3).map { Capability(number: $0) }, isRoot: numbers[1] == 1,
        changesBoundingSet: numbers[2] == 1)
    case (6, 2):
      return .confineByAppArmor(String(decoding: bytes(), as: UTF8.self), replaces: numbers[1] == 1)
    case (7, 2):
      let rights = FileRights(rawValue: number())
      var rules: [FileRule] = []
      for _ in 0..<count() {
        let path = Path(bytes())
        rules.append(FileRule(path, FileRights(rawValue: number())))
      }
      return .restrictItself(rights, but: rules, scopesSockets: numbers[1] == 1)
    default: return nil
    }
  }
}
