import Foundation
import TestSupport
import Testing

/// What the fuzzers start from, and what they have found: `Tests/Scripts/fuzz` looks for more.
@Suite struct `Bytes of strangers` {
  private static let corpus = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../Fuzzers/corpus").standardized

  @Test(arguments: FuzzTarget.allCases)
  func `the corpus of each reader does no harm, also cut and changed`(target: FuzzTarget) throws {
    let directory = Self.corpus.appendingPathComponent(target.rawValue)
    let files = try FileManager.default.contentsOfDirectory(
      at: directory, includingPropertiesForKeys: nil)
    #expect(!files.isEmpty)
    var random = Seeded(1)
    for file in files {
      let bytes = [UInt8](try Data(contentsOf: file))
      target.run(bytes)
      for _ in 0..<20 where !bytes.isEmpty {
        var changed = Array(bytes.prefix(Int.random(in: 1...bytes.count, using: &random)))
        changed[Int.random(in: 0..<changed.count, using: &random)] = .random(
          in: 0...255, using: &random)
        target.run(changed)
      }
    }
  }
}
