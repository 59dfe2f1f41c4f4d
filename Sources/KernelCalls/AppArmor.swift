internal import CGlibc
internal import KernelTypes

/// AppArmor (`aa_stack_onexec(2)`, `aa_change_onexec(2)`).
package enum AppArmor {
  /// Where the kernel lists the profiles that root loaded, as NAME.NUMBER.
  private static let profiles: Path = "/sys/kernel/security/apparmor/policy/profiles"

  /// Whether a profile of this name is loaded; no, where the kernel has no AppArmor.
  package static func isLoaded(_ name: String) throws(SystemCallError) -> Bool {
    guard try Files.exists(profiles) else { return false }
    return try Files.entries(of: profiles).contains { entry in
      guard let dot = entry.lastIndex(of: UInt8(ascii: ".")) else { return false }
      return entry[..<dot].elementsEqual(name.utf8)
    }
  }

  /// The next execve(2) of this process enters the profile, on top of the one in force or instead.
  package static func confineNextProgram(
    by name: String, replaces: Bool
  ) throws(SystemCallError) {
    let file = try FileDescriptor.open("/proc/self/attr/apparmor/exec", O_WRONLY)
    do throws(SystemCallError) {
      try file.writeAll(Array("\(replaces ? "exec" : "stack") \(name)".utf8))
    } catch {
      throw SystemCallError("write", error.errno, subject: "the AppArmor profile \(name)")
    }
  }
}
