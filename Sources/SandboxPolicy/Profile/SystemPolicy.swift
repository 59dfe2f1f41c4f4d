package import KernelTypes

/// What the administrator forbids (`sandbox.config`): a line `no DIRECTIVE` each. It can only narrow: a
/// forbidden word stops the launch, wherever it stands.
package enum SystemPolicy {
  package static let fileName = "sandbox.config"

  /// - Returns: the forbidden directives, and where.
  package static func forbidden(
    in bytes: [UInt8], of file: Path
  ) throws(PolicyError) -> [String: Origin] {
    var forbidden: [String: Origin] = [:]
    for (origin, words, line) in ConfigurationFile.lines(of: bytes, in: file) {
      guard words.count == 2, words[0].elementsEqual("no".utf8) else {
        throw PolicyError(
          origin, "", "\"\(displayed(line))\" says nothing here", hint: "write: no DIRECTIVE")
      }
      let name = String(decoding: words[1], as: UTF8.self)
      guard DirectiveTable.named(name) != nil else {
        throw PolicyError(
          origin, "no", "no directive is called \"\(displayed(words[1]))\"",
          hint: suggestion(for: name, in: DirectiveTable.all.map { $0.name }))
      }
      forbidden[name] = forbidden[name] ?? origin
    }
    return forbidden
  }
}
