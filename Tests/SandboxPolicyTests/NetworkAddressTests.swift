import Testing

@testable import SandboxPolicy

struct `Addresses as text` {
  @Test(arguments: [
    "9.9.9.9", "0.0.0.0", "255.255.255.255", "::", "::1", "1::", "1:2:3:4:5:6:7:8", "2001:db8::53",
    "::ffff:192.0.2.1", "1:2:3:4:5:6:192.0.2.1",
  ])
  func `that are addresses are taken`(text: String) {
    #expect(NetworkAddress.isValid(Array(text.utf8)[...]))
  }

  @Test(arguments: [
    "", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.-4", "1..2.3", ":", ":::", ":1", "1:",
    "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8", "12345::", "g::", "+1::",
    "fe80::1%eth0", "1.2.3.4::", "name.example",
  ])
  func `that are none are refused`(text: String) {
    #expect(!NetworkAddress.isValid(Array(text.utf8)[...]))
  }
}
