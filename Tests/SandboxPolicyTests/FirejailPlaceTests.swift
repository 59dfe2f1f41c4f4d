import KernelTypes
import TestSupport
import Testing

@testable import SandboxPolicy

struct `Firejail's configuration` {
  private func configuration(_ text: String) throws -> FirejailConfiguration {
    try FirejailConfiguration(Array(text.utf8), of: "/c")
  }

  @Test func `forbids what it switches off, by its place`() throws {
    let configuration = try configuration("# no\njoin no\nbind yes\nfile-transfer\tno # ours\n")
    #expect(configuration.forbidden["join"] == .file("/c", line: 2))
    #expect(configuration.forbidden["get"] == .file("/c", line: 4))
    #expect(configuration.forbidden["bind"] == nil)
    for name in configuration.forbidden.keys {
      #expect(DirectiveTable.named(name) != nil, "\(name)")
    }
  }

  @Test func `steers what may be steered`() throws {
    let configuration = try configuration(
      "quiet-by-default yes\nbrowser-allow-drm yes\nbrowser-disable-u2f no\n"
        + "seccomp-error-action kill\ndisable-mnt yes\nprivate-bin-no-local no\nseccomp yes\njoin-timeout 9\n"
    )
    #expect(configuration.isQuiet && configuration.disablesMounts == .file("/c", line: 5))
    #expect(configuration.errorAction?.value == .killProcess)
    let conditions = Conditions(configuration)
    #expect(conditions.holds("BROWSER_ALLOW_DRM", in: Policy()) == true)
    #expect(conditions.holds("BROWSER_DISABLE_U2F", in: Policy()) == false)
    #expect(Conditions().holds("BROWSER_DISABLE_U2F", in: Policy()) == true)
  }

  @Test(arguments: [
    ("seccomp no", "would leave programs less confined"), ("whitelist no", "less confined"),
    ("seccomp-error-action log", "refuses nothing"), ("bind maybe", "write yes or no"),
    ("seccomp-filter-add mkdir", "not supported"), ("nosuch yes", "there is no such key"),
  ])
  func `refuses what would weaken a profile`(line: String, part: String) {
    let error = #expect(throws: PolicyError.self) { try configuration(line) }
    #expect(error?.line.contains(part) == true && error?.line.hasPrefix("/c:1: ") == true)
  }
}

struct `The start of an AppImage` {
  @Test func `is where its program ends`() {
    var bytes = [UInt8](repeating: 0, count: 400)
    bytes.replaceSubrange(0..<11, with: [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0x41, 0x49, 2])
    // Section headers: at 200, three of 64 bytes each.
    bytes[0x28] = 200
    bytes[0x3a] = 64
    bytes[0x3c] = 3
    bytes += Array("hsqs".utf8) + [1, 2, 3]
    bytes.removeSubrange(392..<400)
    #expect(AppImage.start(in: bytes) == 392)
    #expect(AppImage.start(in: Array(bytes.dropLast(4))) == nil)
    for index in [0, 4, 8, 10, 0x28, 0x2f, 392] {
      var changed = bytes
      changed[index] ^= 0x40
      #expect(AppImage.start(in: changed) == nil, "\(index)")
    }
    #expect(AppImage.start(in: []) == nil)
  }
}
