internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// Which sockets lead to a bus, and what is sent there.
final class BusTraffic {
  private struct Connection: Hashable {
    let process: Int32
    let descriptor: Int32
  }

  /// More of what is sent at once is not looked at.
  private static let longest = 64 << 10
  /// Calls that send.
  static let calls: Set<String> = ["sendmsg", "sendto", "write", "writev"]

  private let sockets: [Path: Bus]
  private var connections: [Connection: Bus] = [:]
  /// Their descriptors, and those of earlier ones, so that most calls need no further look.
  private var descriptors: Set<Int32> = []

  init(_ host: LiveHost) { sockets = BusAddress.sockets(host) }

  /// A socket was connected.
  ///
  /// - Returns: the bus that it leads to.
  @discardableResult
  func note(_ call: Notification, to address: SocketAddress) throws(SystemCallError) -> Bus? {
    let descriptor = Int32(truncatingIfNeeded: call.arguments[0])
    var bus: Bus?
    if case .path(let path) = address { bus = sockets[Path(path).normalized] }
    guard bus != nil || descriptors.contains(descriptor) else { return nil }
    let process = try Processes.process(of: call.thread) ?? call.thread
    connections[Connection(process: process, descriptor: descriptor)] = bus
    descriptors.insert(descriptor)
    return bus
  }

  /// Whether a call may send something to a bus; one that sends elsewhere is told by a look.
  func isSent(by call: Notification) -> Bool {
    descriptors.contains(Int32(truncatingIfNeeded: call.arguments[0]))
  }

  /// What a call asks of a bus.
  func uses(
    _ call: Notification, _ name: String
  ) throws(SystemCallError) -> [(use: BusUse, message: BusMessage)] {
    guard Self.calls.contains(name), isSent(by: call) else { return [] }
    let descriptor = Int32(truncatingIfNeeded: call.arguments[0])
    let process = try Processes.process(of: call.thread) ?? call.thread
    guard let bus = connections[Connection(process: process, descriptor: descriptor)] else {
      return []
    }
    return BusMessage.all(in: sent(by: call, name)).compactMap { message in
      BusUse(message, on: bus).map { ($0, message) }
    }
  }

  private func sent(by call: Notification, _ name: String) -> [UInt8] {
    let (address, count) = (call.arguments[1], call.arguments[2])
    switch name {
    case "write", "sendto": return read(call.thread, address, count)
    case "writev": return gathered(call.thread, address, count)
    default:
      // struct msghdr: the vectors and their number are its third and fourth words.
      let words = words(call.thread, address &+ 16, 2)
      return words.count == 2 ? gathered(call.thread, words[0], words[1]) : []
    }
  }

  private func gathered(_ thread: Int32, _ vectors: UInt64, _ count: UInt64) -> [UInt8] {
    let words = words(thread, vectors, 2 * Int(min(count, 64)))
    return stride(from: 0, to: words.count - 1, by: 2).reduce(into: []) { bytes, index in
      if bytes.count < Self.longest { bytes += read(thread, words[index], words[index + 1]) }
    }
  }

  private func read(_ thread: Int32, _ address: UInt64, _ count: UInt64) -> [UInt8] {
    ProcessMemory.read(thread, address, count: Int(min(count, UInt64(Self.longest))))
  }

  private func words(_ thread: Int32, _ address: UInt64, _ count: Int) -> [UInt64] {
    let bytes = ProcessMemory.read(thread, address, count: 8 * count)
    return stride(from: 0, to: bytes.count - 7, by: 8).map { start in
      bytes[start..<start + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
  }
}
