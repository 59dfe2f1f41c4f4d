internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// Writes the manual pages from the directive table: ReferenceTool DIRECTORY.
@main
enum Main {
  static func main() throws {
    guard let directory = Processes.arguments().dropFirst().first else {
      try FileDescriptor.writeAll(Array("usage: ReferenceTool DIRECTORY\n".utf8), to: 2)
      Processes.exit(1)
    }
    for (name, text) in [
      ("sandbox.1", ManualPage.command), ("sandbox-profile.5", ManualPage.profile),
    ] {
      let file = try FileDescriptor.openForReplacing(
        Path(directory).appending(name), mode: 0o644)
      try file.writeAll(Array(text.utf8))
    }
  }
}
