package import KernelTypes

/// What a path in a profile may look like (the same characters as in Firejail).
package enum PathArgument {
  /// The paths that an argument stands for: one, several for `${PATH}`, none where a directory of
  /// the user is unknown on this machine.
  package static func paths(
    _ argument: ArraySlice<UInt8>, macros: Macros, allowsGlob: Bool, allowsSearchPath: Bool = true
  ) throws(DirectiveError) -> [Path] {
    let searchPath = "${PATH}"
    if allowsSearchPath, argument.starts(with: searchPath.utf8) {
      let rest = argument.dropFirst(searchPath.utf8.count)
      try check(rest, allowsGlob: allowsGlob)
      return macros.searchPath.map { Path($0.bytes + rest) }
    }
    try check(withoutMacro(argument), allowsGlob: allowsGlob)
    guard let path = try macros.expand(argument) else { return [] }
    guard path.isAbsolute else {
      throw DirectiveError(
        "\"\(path)\" is a relative path", hint: "begin it with / or ${HOME}")
    }
    return [path]
  }

  private static func withoutMacro(_ argument: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    guard argument.starts(with: "${".utf8), let brace = argument.firstIndex(of: UInt8(ascii: "}"))
    else { return argument }
    return argument[(brace + 1)...]
  }

  private static let forbidden = Set(##"!"#$%&',;<>\^`{|}"##.utf8)
  private static let patterns = Set("*?[]".utf8)

  private static func check(_ text: ArraySlice<UInt8>, allowsGlob: Bool) throws(DirectiveError) {
    for byte in text {
      guard byte >= 0x20, byte != 0x7f else {
        throw DirectiveError("\"\(displayed(text))\" holds a control character")
      }
      if text.first == UInt8(ascii: "$"), byte == UInt8(ascii: "$") {
        throw DirectiveError(
          "\"\(displayed(text))\": a macro is written ${NAME}", hint: "write ${HOME}")
      }
      guard !forbidden.contains(byte), allowsGlob || !patterns.contains(byte) else {
        throw DirectiveError(
          "\"\(displayed(text))\" holds \"\(displayed([byte]))\", which no path of a profile may")
      }
    }
    guard !Path(text).components.contains(where: { $0.elementsEqual("..".utf8) }) else {
      throw DirectiveError("\"\(displayed(text))\" holds \"..\"", hint: "write the path without it")
    }
    guard text.count < 4096 else {
      throw DirectiveError("path is longer than 4095 bytes (PATH_MAX)")
    }
  }
}
