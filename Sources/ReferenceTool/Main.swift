internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// Writes the manual pages, the shells' completions and the editors' syntax from the directive table:
/// ReferenceTool MANUAL-DIRECTORY SHARE-DIRECTORY.
@main
enum Main {
  static func main() throws {
    let directories = Processes.arguments().dropFirst().map { Path($0) }
    guard directories.count == 2 else {
      try FileDescriptor.writeAll(Array("usage: ReferenceTool MANUAL SHARE\n".utf8), to: 2)
      Processes.exit(1)
    }
    for (name, text) in [
      ("sandbox.1", ManualPage.command), ("sandbox-profile.5", ManualPage.profile),
    ] { try write(text, to: directories[0].appending(name)) }
    for (name, text) in Completions.files { try write(text, to: directories[1].appending(name)) }
  }

  private static func write(_ text: String, to path: Path) throws {
    try FileDescriptor.openForReplacing(path, mode: 0o644).writeAll(Array(text.utf8))
  }
}
