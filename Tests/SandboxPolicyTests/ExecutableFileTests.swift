import Foundation
import Testing

@testable import SandboxPolicy

@Suite struct `Program files` {
  private func bytes(_ path: String) -> [UInt8] {
    [UInt8](FileManager.default.contents(atPath: path) ?? Data())
  }

  @Test func `name their loader and libraries`() throws {
    let file = try #require(ExecutableFile(bytes("/bin/ls")))
    #expect(file.interpreter.map { String(decoding: $0, as: UTF8.self) }?.contains("/ld-") == true)
    #expect(file.libraries.contains(Array("libc.so.6".utf8)))
  }

  @Test func `scripts name their interpreter`() {
    let script = ExecutableFile(Array("#! /usr/bin/env  python3\nprint".utf8))
    #expect(script?.interpreter == Array("/usr/bin/env".utf8))
    #expect(ExecutableFile(Array("text".utf8)) == nil && ExecutableFile([]) == nil)
  }

  @Test func `damaged ones name nothing or something, and do no harm`() {
    let whole = Array(bytes("/bin/ls").prefix(140_000))
    var state: UInt64 = 42
    func random(_ limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(limit))
    }
    for _ in 0..<300 {
      var file = Array(whole.prefix(64 + random(whole.count - 64)))
      for _ in 0..<8 { file[6 + random(min(1000, file.count) - 6)] = UInt8(random(256)) }
      _ = ExecutableFile(file)
    }
  }
}
