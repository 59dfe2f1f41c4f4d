internal import KernelTypes
internal import SandboxPolicy

/// Just enough of JSON to write it.
indirect enum JSON {
  case null
  case bool(Bool)
  case number(Int)
  case unsigned(UInt64)
  case string(String)
  case array([JSON])
  case object([(String, JSON)])

  var text: String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .number(let value): String(value)
    case .unsigned(let value): String(value)
    case .string(let value): Self.quoted(value)
    case .array(let values): "[" + values.map { $0.text }.joined(separator: ",") + "]"
    case .object(let members):
      "{" + members.map { Self.quoted($0.0) + ":" + $0.1.text }.joined(separator: ",") + "}"
    }
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}

extension Origin {
  /// `{"file":…,"line":…}`, `{"option":…}` or `{"builtIn":…}`.
  var json: JSON {
    switch self {
    case .file(let path, let line):
      .object([("file", .string(path.description)), ("line", .number(line))])
    case .argument(let option), .lineOption(let option): .object([("option", .string(option))])
    case .builtIn(let name): .object([("builtIn", .string(name))])
    }
  }
}

extension PolicyError {
  var json: JSON {
    .object([
      ("origin", origin?.json ?? .null), ("subject", .string(subject)),
      ("message", .string(message)), ("hint", .string(hint)),
    ])
  }
}
