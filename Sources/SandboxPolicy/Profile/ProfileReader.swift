package import KernelTypes

/// Reads lines of the command line and of files into a policy.
///
/// `include`, `ignore`, `profile` and conditionals are carried out here, everything else is
/// recorded by the table. The order of lines matters, so they are recorded as they are read.
package struct ProfileReader: Sendable {
  package static let deepestInclude = 16
  package static let mostIgnored = 32
  /// A file may be read again and again; this bounds what a tangle of files can cost.
  package static let mostFiles = 2048

  package private(set) var recorder: Recorder
  /// Every file that was read, in order.
  package private(set) var files: [Path] = []
  /// The `ignore` lines, in order.
  package private(set) var ignored: [Ignored] = []
  /// What was wrong with lines of files, where reading goes on after an error.
  package private(set) var problems: [PolicyError] = []
  private let source: ProfileSource
  private let conditions: Conditions
  private var lastDirective: Directive?
  private var lastKeyword: [UInt8] = []
  /// Whether the first line that is wrong ends it; else `problems` takes what is wrong, and the policy
  /// is not to be used.
  package var stopsAtError = true
  /// Whether an option counts over profiles. Firejail carries lines and options out in the order in which
  /// it reads them, the program's own profile last.
  package var optionsOutrank = true

  /// An `ignore` line, and whether it has skipped a line.
  package struct Ignored: Hashable, Sendable {
    package let prefix: [UInt8]
    package let origin: Origin
    package var isUsed = false
  }

  package init(macros: Macros, source: ProfileSource, conditions: Conditions = Conditions()) {
    recorder = Recorder(macros: macros)
    self.source = source
    self.conditions = conditions
  }

  // MARK: The command line

  /// Takes one option, `name` or `name=value`, without its dashes.
  package mutating func readOption(_ option: ArraySlice<UInt8>) throws(PolicyError) {
    let name = option.prefix { $0 != UInt8(ascii: "=") }
    let argument = name.endIndex < option.endIndex ? option[(name.endIndex + 1)...] : nil
    let text = "--" + displayed(name)
    let origin = optionsOutrank ? Origin.argument(text) : .lineOption(text)
    let directive = DirectiveTable.named(String(decoding: name, as: UTF8.self))
    guard let directive, directive.availability != .profileOnly else {
      var error = unknown(name, origin, "no option is called that") {
        $0.availability != .profileOnly
      }
      error.unknownOption = Array(option)
      throw error
    }
    guard argument.map({ !$0.contains(0) }) ?? true else {
      throw PolicyError(origin, directive.name, "the value holds a NUL byte")
    }
    try carryOut(directive, argument, origin)
  }

  private func unknown(
    _ name: ArraySlice<UInt8>, _ origin: Origin, _ message: String,
    among isCandidate: (Directive) -> Bool
  ) -> PolicyError {
    let near = nearest(
      to: String(decoding: name, as: UTF8.self),
      in: DirectiveTable.all.filter(isCandidate).map { $0.name })
    return PolicyError(
      origin, "", message, hint: near.map { "did you mean \"\($0)\"?" } ?? "see sandbox --help")
  }

  // MARK: Files

  /// Reads the first file of this name that a profile directory holds.
  ///
  /// - Returns: whether there was one.
  package mutating func readFromDirectories(
    _ name: [UInt8], origin: Origin? = nil, from includer: ProfileFile? = nil
  ) throws(PolicyError) -> Bool {
    for directory in includer?.directories ?? source.presentDirectories {
      if try readFile(directory.appending(name), origin: origin, from: includer) { return true }
    }
    return false
  }

  /// Reads one file.
  ///
  /// - Returns: whether the file exists.
  package mutating func readFile(
    _ path: Path, origin: Origin? = nil, from includer: ProfileFile? = nil
  ) throws(PolicyError) -> Bool {
    guard !(includer?.isIncluded(by: path) ?? false) else {
      throw PolicyError(origin, "include", "\"\(path)\" includes itself")
    }
    let bytes: [UInt8]
    do throws(ProfileReadError) {
      bytes = try source.read(path)
    } catch {
      switch error {
      case .missing: return false
      case .unusable(let reason, let hint):
        throw PolicyError(origin ?? .file(path, line: 1), "", "\"\(path)\" \(reason)", hint: hint)
      }
    }
    let file = ProfileFile(path, from: includer, in: source)
    guard file.depth <= Self.deepestInclude, files.count < Self.mostFiles else {
      throw PolicyError(
        origin, "include", "files nest deeper than \(Self.deepestInclude), or are too many")
    }
    files.append(path)
    var parser = ProfileParser(bytes, of: path)
    while let statement = try parser.next() {
      do throws(PolicyError) {
        try read(statement, in: file)
      } catch {
        guard !stopsAtError else { throw error }
        problems.append(error)
      }
    }
    return true
  }

  /// One statement: `include` unless ignored, then conditionals, then the rest unless ignored.
  private mutating func read(_ statement: Statement, in file: ProfileFile) throws(PolicyError) {
    if statement.text.first == UInt8(ascii: "?") {
      guard let inner = try conditional(statement) else { return }
      return try read(inner, in: file)
    }
    guard !isIgnored(statement.text) else { return }
    let name = statement.keyword
    guard let directive = directive(named: name), directive.availability != .commandLineOnly else {
      throw unknown(name, statement.origin, "no directive is called \"\(displayed(name))\"") {
        $0.availability != .commandLineOnly
      }
    }
    try carryOut(directive, statement.argument, statement.origin, in: file)
  }

  /// Lines of one directive mostly stand together.
  private mutating func directive(named name: ArraySlice<UInt8>) -> Directive? {
    if let lastDirective, name.elementsEqual(lastKeyword) { return lastDirective }
    lastKeyword = Array(name)
    lastDirective = DirectiveTable.named(String(decoding: name, as: UTF8.self))
    return lastDirective
  }

  private mutating func carryOut(
    _ directive: Directive, _ argument: ArraySlice<UInt8>?, _ origin: Origin,
    in file: ProfileFile? = nil
  ) throws(PolicyError) {
    do throws(DirectiveError) {
      let value = try DirectiveTable.check(directive, argument)
      if let place = source.forbidden[directive.name] {
        throw DirectiveError(
          "is forbidden on this machine (\(place))",
          hint: origin.option != nil
            ? "leave it out" : "leave it out by --ignore=\(directive.name)")
      }
      recorder.origin = origin
      recorder.isOwn = file?.isOwn ?? true
      if case .noEffect(let reason) = directive.support {
        recorder.policy.notes.append(
          PolicyNote(directive: directive.name, reason: reason, origin: origin))
      }
      switch directive.part {
      case .ignore:
        if origin.option != nil, recorder.options.hasProfile {
          throw DirectiveError(
            "comes after --profile and would not act on it", hint: "write it before --profile")
        }
        try addIgnored(value)
      case .include: break
      case .profile: recorder.options.hasProfile = true
      case .rule: try directive.record(&recorder, value)
      }
    } catch {
      throw PolicyError(origin, directive.name, error.message, hint: error.hint)
    }
    switch directive.part {
    case .include: try include(argument ?? [], origin, from: file)
    case .profile where recorder.options.builds != nil:
      recorder.options.buildBase = Setting(Array(argument ?? []), origin)
    case .profile: try readProfile(argument ?? [], origin)
    case .ignore, .rule: break
    }
  }

  private func expanded(
    _ text: ArraySlice<UInt8>, _ origin: Origin, _ subject: String
  ) throws(PolicyError) -> Path {
    do throws(DirectiveError) {
      return try recorder.macros.expand(text) ?? Path(text)
    } catch {
      throw PolicyError(origin, subject, error.message, hint: error.hint)
    }
  }

  // MARK: profile and include

  private mutating func readProfile(
    _ value: ArraySlice<UInt8>, _ origin: Origin
  ) throws(PolicyError) {
    guard recorder.options.usesNoProfile == nil else {
      throw PolicyError(origin, "profile", "contradicts --noprofile")
    }
    if ["/", "~/", "./", "../", "${"].contains(where: { value.starts(with: $0.utf8) }) {
      let path = try expanded(value, origin, "profile")
      guard try readFile(path, origin: origin) else {
        throw PolicyError(origin, "profile", "there is no file \"\(path)\"")
      }
      return
    }
    guard !value.contains(where: { "/.".utf8.contains($0) }) else {
      throw PolicyError(
        origin, "profile", "\"\(displayed(value))\" is neither the name of a profile nor a path",
        hint: "write the name without .profile, or a path that begins with / or ./")
    }
    guard try readFromDirectories(Array(value) + Array(".profile".utf8), origin: origin) else {
      throw PolicyError(
        origin, "profile", "no profile is called \"\(displayed(value))\"",
        hint: "looked in " + source.directories.map { $0.description }.joined(separator: ", "))
    }
  }

  private mutating func include(
    _ value: ArraySlice<UInt8>, _ origin: Origin, from includer: ProfileFile?
  ) throws(PolicyError) {
    let path = try expanded(value, origin, "include")
    let name = Array(path.lastComponent)
    if recorder.policy.appImage != nil, name.elementsEqual("disable-shell.inc".utf8) {
      return
    }
    if recorder.policy.allowsDebuggers != nil, name.elementsEqual("disable-devel.inc".utf8) {
      return
    }
    let isBareName = !value.contains(UInt8(ascii: "/"))
    var isFound = false
    if isBareName {
      isFound = try readFromDirectories(name, origin: origin, from: includer)
    } else if path.isAbsolute {
      isFound = try readFile(path, origin: origin, from: includer)
      if !isFound, path.parent == Macros.firejailDirectory {
        isFound = try readFromDirectories(name, origin: origin, from: includer)
      }
    } else {
      throw PolicyError(
        origin, "include", "\"\(path)\" is a relative path",
        hint: "write a bare name to look it up, or an absolute path")
    }
    guard isFound || name.suffix(6).elementsEqual(".local".utf8) else {
      throw PolicyError(
        origin, "include", "there is no file \"\(displayed(value))\"",
        hint: isBareName
          ? "looked in " + source.directories.map { $0.description }.joined(separator: ", ") : "")
    }
  }

  // MARK: ignore

  private mutating func addIgnored(_ value: ArraySlice<UInt8>) throws(DirectiveError) {
    guard ignored.count < Self.mostIgnored else {
      throw DirectiveError("at most \(Self.mostIgnored) of them can be in force")
    }
    ignored.append(Ignored(prefix: Array(value), origin: recorder.origin))
  }

  /// Whether a line begins with an ignored prefix that ends there or at a blank.
  private mutating func isIgnored(_ text: ArraySlice<UInt8>) -> Bool {
    guard !ignored.isEmpty else { return false }
    let index = ignored.firstIndex { ignored in
      let prefix = ignored.prefix
      return text.starts(with: prefix)
        && (text.count == prefix.count || text.dropFirst(prefix.count).first == UInt8(ascii: " "))
    }
    guard let index else { return false }
    ignored[index].isUsed = true
    return true
  }

  // MARK: Conditionals

  /// The inner line of `?NAME: line` where the condition holds, else nil.
  private func conditional(_ statement: Statement) throws(PolicyError) -> Statement? {
    let origin = statement.origin
    guard let colon = statement.text.firstIndex(of: UInt8(ascii: ":")) else {
      throw PolicyError(origin, "", "a conditional is written ?NAME: line")
    }
    let name = String(
      decoding: statement.text[..<colon].dropFirst().filter { $0 != UInt8(ascii: " ") },
      as: UTF8.self)
    let inner = statement.text[(colon + 1)...].drop { $0 == UInt8(ascii: " ") }
    guard let holds = conditions.holds(name, in: recorder.policy) else {
      throw PolicyError(
        origin, "", "no condition is called \"\(displayed(Array(name.utf8)))\"",
        hint: suggestion(for: name, in: Conditions.names))
    }
    guard !inner.isEmpty else {
      throw PolicyError(origin, "?" + name, "nothing follows the colon")
    }
    guard holds else { return nil }
    let line = Statement(text: inner, origin: origin)
    guard !["include", "quiet"].contains(where: { line.keyword.elementsEqual($0.utf8) }) else {
      throw PolicyError(
        origin, "?" + name, "\"\(displayed(line.keyword))\" can't depend on a condition")
    }
    return line
  }
}
