// A server that confines itself: words are counted over TCP, by threads that may do different things.
//
//     ExampleServer [LOG]        says its port; then: printf 'to be or not to be\n' | nc -N 127.0.0.1 PORT
//
// The acceptor takes clients and can't read what they say. The counter, which reads what anybody sends,
// has no call that makes, opens or starts anything. The writer of the log writes to it alone.
import Glibc
import Seccomp

/// What passes from thread to thread: descriptors of clients, and lines for the log.
final class Queue<Element: Sendable>: @unchecked Sendable {
  private var elements: [Element] = []
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  func append(_ element: Element) {
    pthread_mutex_lock(mutex)
    elements.append(element)
    pthread_cond_signal(condition)
    pthread_mutex_unlock(mutex)
  }

  func next() -> Element {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while elements.isEmpty { pthread_cond_wait(condition, mutex) }
    return elements.removeFirst()
  }
}

/// What each thread needs of libc and Swift's runtime: memory that no code runs from, locks, its end.
func threadFilter() throws -> Filter {
  var filter = Filter(otherwise: .errno(EPERM))
  try filter.add(
    .allow, "brk", "munmap", "mremap", "madvise", "futex", "exit", "exit_group", "rt_sigreturn",
    "restart_syscall", "rt_sigprocmask")
  for call in ["mmap", "mprotect"] {
    try filter.add(.allow, call, where: Argument("prot").masked("PROT_EXEC") == 0)
  }
  return filter
}

func start(_ body: @escaping @Sendable () throws -> Void) {
  let box = Unmanaged.passRetained(Body(body))
  var thread = pthread_t()
  let status = pthread_create(
    &thread, nil,
    { pointer in
      guard let pointer else { return nil }
      do {
        try Unmanaged<Body>.fromOpaque(pointer).takeRetainedValue().run()
      } catch {
        fail("\(error)")
      }
      return nil
    }, box.toOpaque())
  guard status == 0 else { fail("pthread_create: \(String(cString: strerror(status)))") }
}

final class Body {
  let run: @Sendable () throws -> Void
  init(_ run: @escaping @Sendable () throws -> Void) { self.run = run }
}

func fail(_ message: String) -> Never {
  say(message + "\n", to: 2)
  exit(1)
}

func say(_ text: String, to descriptor: Int32) {
  let bytes = Array(text.utf8)
  _ = write(descriptor, bytes, bytes.count)
}

/// A socket on a free port of the loopback address, and the port.
func listenOnLoopback() -> (descriptor: Int32, port: UInt16) {
  let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
  var length = socklen_t(MemoryLayout<sockaddr_in>.size)
  let status = withUnsafeMutablePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
      bind(listener, address, length) == 0 && listen(listener, 64) == 0
        && getsockname(listener, address, &length) == 0
    }
  }
  guard status else { fail("bind: \(String(cString: strerror(errno)))") }
  return (listener, UInt16(bigEndian: address.sin_port))
}

/// What somebody would do who can make the counter do anything.
func answer(_ line: String) -> String {
  func outcome(_ result: Int) -> String {
    result < 0 ? String(cString: strerror(errno)) : "done"
  }
  return switch line {
  case "!open": outcome(Int(open("/etc/passwd", O_RDONLY)))
  case "!socket": outcome(Int(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)))
  case "!accept": outcome(Int(accept(listener.descriptor, nil, nil)))
  case "!log": outcome(write(log, "forged\n", 7))
  default: "\(line.split(separator: " ").count)"
  }
}

let listener = listenOnLoopback()
let log =
  CommandLine.arguments.count > 1
  ? open(CommandLine.arguments[1], O_WRONLY | O_CREAT | O_APPEND, 0o600) : dup(2)
guard log >= 0 else { fail("open: \(String(cString: strerror(errno)))") }
let clients = Queue<Int32>()
let lines = Queue<String>()

// Everything is open: from here on nobody needs to open anything.
start {
  var filter = try threadFilter()
  try filter.add(.allow, "write", where: Argument("fd") == Argument.Value(log))
  try filter.install()
  while true { say(lines.next() + "\n", to: log) }
}
start {
  var filter = try threadFilter()
  try filter.add(.allow, "read", "close")
  try filter.add(.errno(EPERM), "write", where: Argument("fd") == Argument.Value(log))
  try filter.add(.allow, "write")
  try filter.install()
  var buffer = [UInt8](repeating: 0, count: 4096)
  while true {
    let client = clients.next()
    let count = read(client, &buffer, buffer.count)
    let text = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    for line in text.split(separator: "\n") {
      say(answer(String(line)) + "\n", to: client)
      lines.append("\(line.utf8.count) bytes")
    }
    close(client)
  }
}

var filter = try threadFilter()
try filter.add(.allow, "accept", "accept4")
try filter.add(.allow, "write", where: Argument("fd") == 1)
try filter.install()
say("port \(listener.port)\n", to: 1)
while true {
  let client = accept(listener.descriptor, nil, nil)
  if client >= 0 { clients.append(client) }
}
