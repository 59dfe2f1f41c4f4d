internal import KernelTypes

/// What a call wants of a path.
package enum PathAccess: String, Hashable, Sendable {
  case lookUp, read, write, create, execute
}

/// A path that a call names.
package struct PathUse: Hashable, Sendable {
  /// The descriptor that it is relative to; nil for the working directory.
  package let directory: Int32?
  package let path: [UInt8]
  package let access: PathAccess
  /// Whether a symbolic link at its end is followed.
  package let followsLast: Bool

  package init(directory: Int32?, path: [UInt8], access: PathAccess, followsLast: Bool) {
    self.directory = directory
    self.path = path
    self.access = access
    self.followsLast = followsLast
  }
}

/// The address that a call names (`socket(7)`).
package enum SocketAddress: Hashable, Sendable {
  case path([UInt8])
  case abstract([UInt8])
  /// Family `inet` or `inet6`; the address as a person writes it.
  case network(family: String, host: String, port: Int, isLoopback: Bool)
  case other(family: Int)
}

/// A call with its arguments, as a person reads it.
package struct CallDescription: Hashable, Sendable {
  /// `openat(AT_FDCWD, "/etc/shadow", O_RDONLY|O_CLOEXEC)`; safe on a terminal.
  package let text: String
  package let paths: [PathUse]
  package let address: SocketAddress?
  /// Whether it says something of the world outside: not a look at an open file, nor memory.
  package let isEvent: Bool

  /// - Parameter memory: reads the caller's memory, at most so many bytes; fewer where it ends. What
  ///   is read there may change until the kernel reads it.
  package init(
    _ name: String, _ arguments: [UInt64], memory: (_ address: UInt64, _ count: Int) -> [UInt8]
  ) {
    var shown: [String] = []
    var paths: [PathUse] = []
    var address: SocketAddress?
    var directory: Int32?
    var index = 0
    for kind in CallSignature.of(name) where index < arguments.count {
      let value = arguments[index]
      let word = UInt32(truncatingIfNeeded: value)
      index += 1
      switch kind {
      case .directory:
        let number = Int32(bitPattern: word)
        directory = number == CallSignature.workingDirectory ? nil : number
        shown.append(directory.map { String($0) } ?? "AT_FDCWD")
      case .path(let access):
        guard let text = Self.text(at: value, memory) else {
          shown.append(value == 0 ? "NULL" : "0x" + String(value, radix: 16))
          continue
        }
        shown.append("\"" + displayed(text) + "\"")
        let use = CallSignature.use(name, access, arguments, index, memory)
        // An empty path means the descriptor itself.
        if !text.isEmpty {
          paths.append(
            PathUse(
              directory: directory, path: text, access: use.access, followsLast: use.followsLast))
        }
        directory = nil
      case .text:
        shown.append(
          Self.text(at: value, memory).map { "\"" + displayed($0) + "\"" }
            ?? (value == 0 ? "NULL" : "0x" + String(value, radix: 16)))
      case .address:
        let length = index < arguments.count ? Int(min(arguments[index], 128)) : 0
        index += 1
        address = SocketAddress(memory(value, length))
        shown.append(address.map { $0.description } ?? "0x" + String(value, radix: 16))
      case .hidden: continue
      // The mode of a new file; others have none.
      case .octal where paths.last.map { $0.access != .create } ?? false: continue
      default: shown.append(kind.text(of: value))
      }
    }
    text = "\(name)(\(shown.joined(separator: ", ")))"
    self.paths = paths
    self.address = address
    isEvent =
      !paths.isEmpty || address != nil
      || !(CallSignature.pathCalls.contains(name) || name.hasPrefix("mmap"))
  }

  /// Whether a call names files or addresses.
  package static func namesPaths(_ name: String) -> Bool { CallSignature.pathCalls.contains(name) }

  private static func text(
    at address: UInt64, _ memory: (UInt64, Int) -> [UInt8]
  ) -> [UInt8]? {
    guard address != 0 else { return nil }
    var bytes: [UInt8] = []
    // PATH_MAX.
    while bytes.count < 4096 {
      let wanted = bytes.isEmpty ? 256 : 4096 - bytes.count
      let part = memory(address &+ UInt64(bytes.count), wanted)
      if let end = part.firstIndex(of: 0) { return bytes + part[..<end] }
      bytes += part
      guard part.count == wanted else { return nil }
    }
    return bytes
  }
}

extension SocketAddress: CustomStringConvertible {
  /// From `struct sockaddr` as the kernel reads it.
  package init?(_ bytes: [UInt8]) {
    guard bytes.count >= 2 else { return nil }
    let family = Int(bytes[0]) | Int(bytes[1]) << 8
    let port = bytes.count >= 4 ? Int(bytes[2]) << 8 | Int(bytes[3]) : 0
    switch family {
    case 1:
      let name = Array(bytes[2...])
      if name.first == 0 {
        self = .abstract(Array(name.dropFirst()))
      } else {
        self = .path(Array(name.prefix { $0 != 0 }))
      }
    case 2 where bytes.count >= 8:
      let host = bytes[4..<8].map { String($0) }.joined(separator: ".")
      self = .network(family: "inet", host: host, port: port, isLoopback: bytes[4] == 127)
    case 10 where bytes.count >= 24:
      let words = stride(from: 8, to: 24, by: 2).map { Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]) }
      self = .network(
        family: "inet6", host: words.map { String($0, radix: 16) }.joined(separator: ":"),
        port: port, isLoopback: words == [0, 0, 0, 0, 0, 0, 0, 1])
    default: self = .other(family: family)
    }
  }

  package var description: String {
    switch self {
    case .path(let path): "unix:\"\(displayed(path))\""
    case .abstract(let name): "unix:@\"\(displayed(name))\""
    case .network(let family, let host, let port, _):
      family == "inet" ? "\(host):\(port)" : "[\(host)]:\(port)"
    case .other(let family): "family \(family)"
    }
  }
}
