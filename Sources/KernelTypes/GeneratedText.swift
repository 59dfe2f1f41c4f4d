/// A file that exists inside only, made of these bytes.
package struct GeneratedText: Hashable, Sendable {
  package let bytes: [UInt8]
  /// The permission bits.
  package let mode: UInt32

  package init(_ bytes: [UInt8], mode: UInt32 = 0o444) {
    self.bytes = bytes
    self.mode = mode
  }
}
