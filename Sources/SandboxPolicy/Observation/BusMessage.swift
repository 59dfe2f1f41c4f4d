internal import KernelTypes

/// A message of D-Bus as it is sent (D-Bus specification, "Message Format").
package struct BusMessage: Hashable, Sendable {
  /// Each empty where the message has none.
  package private(set) var destination: [UInt8] = []
  package private(set) var path: [UInt8] = []
  package private(set) var interface: [UInt8] = []
  package private(set) var member: [UInt8] = []
  /// The first argument, where that is text.
  package private(set) var argument: [UInt8] = []
  package let isCall: Bool

  /// The messages that some bytes start with; none where the bytes start with something else.
  package static func all(in bytes: [UInt8]) -> [BusMessage] {
    var messages: [BusMessage] = []
    var rest = bytes[...]
    while let (message, length) = message(in: Array(rest)) {
      messages.append(message)
      rest = rest.dropFirst(length)
    }
    return messages
  }

  /// Of the specification's limit of 128 MiB no message that matters has a hundredth.
  private static let longest = 1 << 20

  private static func message(in bytes: [UInt8]) -> (BusMessage, length: Int)? {
    guard bytes.count >= 16, let order = Order(rawValue: bytes[0]), (1...4).contains(bytes[1]),
      bytes[3] == 1
    else { return nil }
    var reader = Reader(bytes, order, from: 4)
    guard let body = reader.word(), let serial = reader.word(), serial != 0,
      let fields = reader.word(), body <= longest, fields <= longest
    else { return nil }
    var message = BusMessage(isCall: bytes[1] == 1)
    let end = 16 + fields
    var isText = false
    while reader.place < end {
      reader.align(to: 8)
      guard let code = reader.byte(), let type = reader.signature(), let field = type.first,
        type.count == 1
      else { return nil }
      switch field {
      case UInt8(ascii: "s"), UInt8(ascii: "o"):
        guard let text = reader.text() else { return nil }
        message.note(code, text)
      case UInt8(ascii: "g"):
        guard let signature = reader.signature() else { return nil }
        isText = code == 8 && signature.first == UInt8(ascii: "s")
      case UInt8(ascii: "u"): if reader.word() == nil { return nil }
      default: return nil
      }
    }
    reader.align(to: 8)
    let start = reader.place
    if isText, let text = reader.text() { message.argument = text }
    return (message, start + body)
  }

  private init(isCall: Bool) { self.isCall = isCall }

  private mutating func note(_ field: UInt8, _ text: [UInt8]) {
    switch field {
    case 1: path = text
    case 2: interface = text
    case 3: member = text
    case 6: destination = text
    default: return
    }
  }

  private enum Order: UInt8 {
    case little = 0x6c  // l
    case big = 0x42  // B
  }

  private struct Reader {
    private let bytes: [UInt8]
    private let order: Order
    private(set) var place: Int

    init(_ bytes: [UInt8], _ order: Order, from place: Int) {
      self.bytes = bytes
      self.order = order
      self.place = place
    }

    mutating func align(to count: Int) { place = (place + count - 1) / count * count }

    mutating func byte() -> UInt8? {
      guard place < bytes.count else { return nil }
      place += 1
      return bytes[place - 1]
    }

    mutating func word() -> Int? {
      align(to: 4)
      guard place + 4 <= bytes.count else { return nil }
      let part = bytes[place..<place + 4]
      place += 4
      return (order == .big ? Array(part) : part.reversed()).reduce(0) { $0 << 8 | Int($1) }
    }

    mutating func text() -> [UInt8]? {
      guard let length = word() else { return nil }
      return taken(length)
    }

    mutating func signature() -> [UInt8]? {
      guard let length = byte() else { return nil }
      return taken(Int(length))
    }

    /// With the zero byte behind it.
    private mutating func taken(_ length: Int) -> [UInt8]? {
      guard place + length < bytes.count, bytes[place + length] == 0 else { return nil }
      let text = Array(bytes[place..<place + length])
      place += length + 1
      return text
    }
  }
}

/// What a program needs of a bus.
package struct BusUse: Hashable, Sendable {
  package let bus: Bus
  package let verb: BusPolicy.Rule.Verb
  /// A well-known name.
  package let name: String

  package init(_ bus: Bus, _ verb: BusPolicy.Rule.Verb, _ name: String) {
    self.bus = bus
    self.verb = verb
    self.name = name
  }

  /// Nil for a message to the bus itself, to a connection that has sent something before, and for
  /// an answer or a signal: the proxy lets those through.
  package init?(_ message: BusMessage, on bus: Bus) {
    guard message.isCall else { return nil }
    let isForBus = message.destination.elementsEqual("org.freedesktop.DBus".utf8)
    let verb: BusPolicy.Rule.Verb
    switch isForBus ? String(decoding: message.member, as: UTF8.self) : "" {
    case "": verb = .talk
    case "RequestName": verb = .own
    case "StartServiceByName": verb = .talk
    case "GetNameOwner", "NameHasOwner", "GetConnectionUnixProcessID", "GetConnectionUnixUser",
      "GetConnectionCredentials":
      verb = .see
    default: return nil
    }
    let name = isForBus ? message.argument : message.destination
    guard Self.isWellKnown(name), !name.elementsEqual("org.freedesktop.DBus".utf8) else {
      return nil
    }
    self.init(bus, verb, String(decoding: name, as: UTF8.self))
  }

  /// Names are the program's choice: none may say more than itself in a profile.
  package static func isWellKnown(_ name: [UInt8]) -> Bool {
    let parts = name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return name.count <= 255 && parts.count >= 2
      && parts.allSatisfy { part in
        part.first.map { !(0x30...0x39).contains($0) } ?? false
          && part.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte)
              || (0x61...0x7a).contains(byte) || byte == UInt8(ascii: "_")
              || byte == UInt8(ascii: "-")
          }
      }
  }

  /// The line that allows it, for a profile. A name of its own that ends in the number of a process
  /// or a window is another one the next time.
  package var line: String {
    var pattern = name[...]
    if verb == .own, pattern.suffix(3).allSatisfy({ $0.isNumber }),
      let dot = name.lastIndex(of: ".")
    {
      pattern = name[..<dot] + ".*"
    }
    return "dbus-\(bus.rawValue).\(verb.rawValue) \(pattern)"
  }
}

extension BusPolicy {
  /// The rule that keeps a message from where it goes; nil where nothing does (`xdg-dbus-proxy(1)`).
  package func refusal(of use: BusUse, _ message: BusMessage) -> Setting<Access>? {
    guard let access = access[use.bus], access.value == .filtered else { return nil }
    let name = Array(use.name.utf8)
    let isAllowed = rules.contains { rule in
      guard rule.bus == use.bus else { return false }
      let parts = rule.value.split(separator: UInt8(ascii: "="), maxSplits: 1)
      guard let named = parts.first, Self.covers(named, name, UInt8(ascii: ".")) else {
        return false
      }
      switch (rule.verb, use.verb) {
      case (.own, _), (.talk, .talk), (.talk, .see), (.see, .see), (.call, .see): return true
      case (.call, .talk): return parts.count == 2 && Self.allows(parts[1], message)
      default: return false
      }
    }
    return isAllowed ? nil : access
  }

  /// Whether a name, or a pattern that ends in a star, covers another.
  private static func covers(
    _ pattern: ArraySlice<UInt8>, _ name: [UInt8], _ separator: UInt8
  ) -> Bool {
    if pattern.elementsEqual("*".utf8) { return true }
    guard pattern.suffix(2).elementsEqual([separator, UInt8(ascii: "*")]) else {
      return pattern.elementsEqual(name)
    }
    let stem = pattern.dropLast(2)
    return name.elementsEqual(stem) || name.starts(with: stem + [separator])
  }

  /// Whether a rule of `call`, `[METHOD][@PATH]`, lets a message pass.
  private static func allows(_ rule: ArraySlice<UInt8>, _ message: BusMessage) -> Bool {
    let parts = rule.split(
      separator: UInt8(ascii: "@"), maxSplits: 1, omittingEmptySubsequences: false)
    let method = message.interface + [UInt8(ascii: ".")] + message.member
    guard parts[0].isEmpty || covers(parts[0], method, UInt8(ascii: ".")) else { return false }
    return parts.count < 2 || covers(parts[1], message.path, UInt8(ascii: "/"))
  }
}
