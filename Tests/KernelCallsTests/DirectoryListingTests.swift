import Foundation
import KernelCalls
import KernelTypes
import Testing

@Suite struct `A directory's names` {
  @Test func `are told apart at once, unless there are too many`() throws {
    let directory = FileManager.default.temporaryDirectory.path + "/listing-\(UUID())"
    let files = FileManager.default
    try files.createDirectory(atPath: directory + "/inner", withIntermediateDirectories: true)
    defer { try? files.removeItem(atPath: directory) }
    // More than one buffer of the kernel's.
    let names = (0..<1500).map { "a name that is not short \($0)" }
    for name in names {
      #expect(files.createFile(atPath: directory + "/" + name, contents: nil))
    }
    try files.createSymbolicLink(atPath: directory + "/link", withDestinationPath: names[0])
    let handle = try FileDescriptor.directoryHandle(on: Path(directory))
    let read = try DirectoryListing(of: handle, most: 20_000)
    let listing = try #require(read)
    for name in names { #expect(listing[Array(name.utf8)[...]] == .regular) }
    for name in ["inner", "link", ".", ".."] { #expect(listing[Array(name.utf8)[...]] == .other) }
    for name in ["", "a", "linkk", names[0] + "0"] {
      #expect(listing[Array(name.utf8)[...]] == .missing)
    }
    let cut = try DirectoryListing(of: handle, most: 1000)
    #expect(cut == nil)
    let file = try FileDescriptor.handle(on: Path(directory + "/" + names[0]), .noSymbolicLinks)
    let none = try DirectoryListing(of: file, most: 1000)
    #expect(none == nil)
  }
}
