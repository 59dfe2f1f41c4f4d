package import KernelTypes

/// What a path in a profile may look like (the same characters as in Firejail).
package enum PathArgument {
  /// The paths that an argument stands for, without surplus slashes: one, several for `${PATH}`, none where
  /// a directory of the user is unknown on this machine.
  package static func paths(
    _ argument: ArraySlice<UInt8>, macros: Macros, allowsGlob: Bool, allowsSearchPath: Bool = true
  ) throws(DirectiveError) -> [Path] {
    var paths: [Path] = []
    try forEachPath(
      argument, macros: macros, allowsGlob: allowsGlob, allowsSearchPath: allowsSearchPath
    ) { paths.append($0) }
    return paths
  }

  /// `paths`, without a list of them: profiles hold thousands.
  package static func forEachPath(
    _ argument: ArraySlice<UInt8>, macros: Macros, allowsGlob: Bool, allowsSearchPath: Bool = true,
    _ body: (Path) -> Void
  ) throws(DirectiveError) {
    // Nearly every one.
    if argument.starts(with: Macros.homeMacro) {
      let rest = argument.dropFirst(Macros.homeMacro.count)
      let isNormal = try check(rest, allowsGlob: allowsGlob)
      let path = macros.inHome(rest)
      return body(isNormal && macros.home.bytes.count > 1 ? path : path.normalized)
    }
    let searchPath = "${PATH}"
    if allowsSearchPath, argument.starts(with: searchPath.utf8) {
      let rest = argument.dropFirst(searchPath.utf8.count)
      try check(rest, allowsGlob: allowsGlob)
      for directory in macros.searchPath { body(Path(directory.bytes + rest).normalized) }
      return
    }
    let isNormal = try check(
      argument.first == UInt8(ascii: "$") ? withoutMacro(argument) : argument,
      allowsGlob: allowsGlob)
    guard let path = try macros.expand(argument) else { return }
    guard path.isAbsolute else {
      throw DirectiveError(
        "\"\(path)\" is a relative path", hint: "begin it with / or ${HOME}")
    }
    body(isNormal && argument.first == UInt8(ascii: "/") ? path : path.normalized)
  }

  /// The one path that an argument stands for; no pattern.
  package static func path(
    _ argument: ArraySlice<UInt8>, macros: Macros
  ) throws(DirectiveError) -> Path {
    let found = try paths(argument, macros: macros, allowsGlob: false, allowsSearchPath: false)
    guard let path = found.first else {
      throw DirectiveError("a directory of the user's is unknown here", hint: "write its path")
    }
    return path
  }

  /// Whether a line can name a path as it is: no pattern, no comment, no blanks that would be folded.
  static func isExact(_ path: Path) -> Bool {
    path.isNormalized
      && path.bytes.allSatisfy {
        meanings[Int($0)] == .plain && $0 != UInt8(ascii: "#") && $0 != UInt8(ascii: " ")
      } && String(validating: path.bytes, as: UTF8.self) != nil
  }

  private static func withoutMacro(_ argument: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    guard argument.starts(with: "${".utf8), let brace = argument.firstIndex(of: UInt8(ascii: "}"))
    else { return argument }
    return argument[(brace + 1)...]
  }

  private enum Meaning: UInt8 {
    case plain, pattern, forbidden, control
  }

  /// By byte: profiles hold thousands of paths.
  private static let meanings: [Meaning] = (0...255).map { (byte: UInt8) in
    if byte < 0x20 || byte == 0x7f { return .control }
    if "*?[]".utf8.contains(byte) { return .pattern }
    return ##"!"#$%&',;<>\^`{|}"##.utf8.contains(byte) ? .forbidden : .plain
  }

  /// - Returns: whether no part between slashes is empty or a dot.
  @discardableResult
  private static func check(
    _ text: ArraySlice<UInt8>, allowsGlob: Bool
  ) throws(DirectiveError) -> Bool {
    let meanings = meanings
    // Dots since the last slash; -1 where something else stood there, or nothing before the first one.
    var dots = text.first == UInt8(ascii: "/") ? -1 : 0
    var isAbove = false
    var isNormal = true
    for byte in text {
      switch meanings[Int(byte)] {
      case .plain: break
      case .pattern where allowsGlob: break
      case .pattern, .forbidden, .control: throw refusal(of: byte, in: text)
      }
      if byte == UInt8(ascii: "/") {
        if dots >= 0 {
          isAbove = isAbove || dots == 2
          isNormal = isNormal && dots > 1
        }
        dots = 0
      } else if byte != UInt8(ascii: ".") {
        dots = -1
      } else if dots >= 0 {
        dots += 1
      }
    }
    guard !isAbove, dots != 2 else {
      throw DirectiveError("\"\(displayed(text))\" holds \"..\"", hint: "write the path without it")
    }
    guard text.count < 4096 else {
      throw DirectiveError("path is longer than 4095 bytes (PATH_MAX)")
    }
    return isNormal && (dots < 0 || dots > 1 || text.isEmpty)
  }

  private static func refusal(of byte: UInt8, in text: ArraySlice<UInt8>) -> DirectiveError {
    if meanings[Int(byte)] == .control {
      return DirectiveError("\"\(displayed(text))\" holds a control character")
    }
    if byte == UInt8(ascii: "$"), text.first == byte {
      return DirectiveError(
        "\"\(displayed(text))\": a macro is written ${NAME}", hint: "write ${HOME}")
    }
    return DirectiveError(
      "\"\(displayed(text))\" holds \"\(displayed([byte]))\", which no path of a profile may")
  }
}
