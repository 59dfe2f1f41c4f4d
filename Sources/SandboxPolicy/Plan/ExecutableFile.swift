/// What a program file needs to be started: the loader and the libraries that it names (`elf(5)`), or
/// the interpreter of a script. Of the file's numbers none is trusted.
package struct ExecutableFile: Equatable {
  /// The loader (PT_INTERP), or the interpreter after `#!`; nil where the file needs none.
  package private(set) var interpreter: [UInt8]?
  /// DT_NEEDED, in their order.
  package private(set) var libraries: [[UInt8]] = []
  /// DT_RPATH and DT_RUNPATH: directories to look in first, `$ORIGIN` unreplaced.
  private(set) var searchPath: [[UInt8]] = []

  private struct Segment {
    let type: UInt32
    let isExecutable: Bool
    let offset: Int
    let address: UInt64
    let size: Int
  }

  /// Nil where it is neither: such a file needs nothing.
  package init?(_ bytes: [UInt8]) {
    if bytes.starts(with: "#!".utf8) {
      let line = bytes[2...].prefix { $0 != 10 }.drop { $0 == 32 || $0 == 9 }
      interpreter = Array(line.prefix { $0 != 32 && $0 != 9 })
      return
    }
    guard Self.isExecutable(bytes) else { return nil }
    let segments = Self.segments(bytes)
    for segment in segments where segment.type == 3 {
      interpreter = Self.text(bytes, at: segment.offset)
    }
    guard let dynamic = segments.first(where: { $0.type == 2 }) else { return }
    var entries: [(tag: UInt64, value: UInt64)] = []
    var offset = dynamic.offset
    while offset - dynamic.offset < dynamic.size,
      let tag = Self.number(bytes, at: offset, 8), tag != 0,
      let value = Self.number(bytes, at: offset + 8, 8)
    {
      entries.append((tag, value))
      offset += 16
    }
    guard let table = entries.first(where: { $0.tag == 5 })?.value,
      let load = segments.first(where: {
        $0.type == 1 && $0.address <= table && table - $0.address < UInt64($0.size)
      })
    else { return }
    let base = load.offset + Int(table - load.address)
    for (tag, value) in entries where value < UInt64(bytes.count) {
      guard let text = Self.text(bytes, at: base + Int(value)) else { continue }
      switch tag {
      case 1: libraries.append(text)
      case 15, 29: searchPath += text.split(separator: UInt8(ascii: ":")).map(Array.init)
      default: break
      }
    }
  }

  /// 64 bits, least byte first.
  static func isExecutable(_ bytes: [UInt8]) -> Bool {
    bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46, 2, 1])
  }

  /// The numbers of the calls in a file's code: a number put into eax, and shortly after it the
  /// instruction that enters the kernel (x86-64: `syscall`). What is computed is not seen.
  package static func directCalls(in bytes: [UInt8]) -> [Int] {
    var numbers: Set<Int> = []
    for code in segments(bytes) where code.type == 1 && code.isExecutable {
      let end = code.offset + code.size - 1
      var index = code.offset + 5
      while index < end {
        defer { index += 1 }
        guard bytes[index] == 0x0f, bytes[index + 1] == 0x05 else { continue }
        for start in (max(code.offset, index - 20)...(index - 5)).reversed()
        where bytes[start] == 0xb8 {
          if let value = number(bytes, at: start + 1, 4), value < 1024 {
            numbers.insert(Int(value))
            break
          }
        }
      }
    }
    return numbers.sorted()
  }

  /// The names of the dynamic symbols that others must define, without versions: by the section of
  /// dynamic symbols (SHT_DYNSYM), which strip(1) leaves. None where it is no such file.
  package static func imports(of bytes: [UInt8]) -> [String] {
    guard isExecutable(bytes) else { return [] }
    guard let start = number(bytes, at: 40, 8), let size = number(bytes, at: 58, 2),
      let count = number(bytes, at: 60, 2), start < UInt64(bytes.count)
    else { return [] }
    let section = { (index: Int) in Int(start) + index * Int(size) }
    for index in 0..<Int(count) where number(bytes, at: section(index) + 4, 4) == 11 {
      guard let offset = number(bytes, at: section(index) + 24, 8),
        let length = number(bytes, at: section(index) + 32, 8),
        let link = number(bytes, at: section(index) + 40, 4), link < count,
        let names = number(bytes, at: section(Int(link)) + 24, 8),
        offset < UInt64(bytes.count), names < UInt64(bytes.count)
      else { return [] }
      let end = Int(min(offset + min(length, 1 << 24), UInt64(bytes.count)))
      return stride(from: Int(offset), to: end - 23, by: 24).compactMap { symbol in
        guard number(bytes, at: symbol + 6, 2) == 0, let name = number(bytes, at: symbol, 4),
          name > 0
        else { return nil }
        return text(bytes, at: Int(names) + Int(name)).map { String(decoding: $0, as: UTF8.self) }
      }
    }
    return []
  }

  private static func segments(_ bytes: [UInt8]) -> [Segment] {
    guard let start = number(bytes, at: 32, 8), let size = number(bytes, at: 54, 2),
      let count = number(bytes, at: 56, 2), start < UInt64(bytes.count)
    else { return [] }
    return (0..<Int(count)).compactMap { index in
      let at = Int(start) + index * Int(size)
      guard let type = number(bytes, at: at, 4), let flags = number(bytes, at: at + 4, 4),
        let offset = number(bytes, at: at + 8, 8),
        let address = number(bytes, at: at + 16, 8), let length = number(bytes, at: at + 32, 8),
        offset <= UInt64(bytes.count)
      else { return nil }
      return Segment(
        type: UInt32(type), isExecutable: flags & 1 != 0, offset: Int(offset), address: address,
        size: Int(min(length, UInt64(bytes.count) - offset)))
    }
  }

  static func number(_ bytes: [UInt8], at offset: Int, _ width: Int) -> UInt64? {
    guard offset >= 0, offset <= bytes.count - width else { return nil }
    return bytes[offset..<offset + width].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private static func text(_ bytes: [UInt8], at offset: Int) -> [UInt8]? {
    guard offset >= 0, offset < bytes.count else { return nil }
    let text = bytes[offset...].prefix { $0 != 0 }
    return text.isEmpty || text.count > 4096 ? nil : Array(text)
  }
}
