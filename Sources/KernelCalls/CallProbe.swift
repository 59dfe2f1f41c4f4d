internal import CKernel
internal import CGlibc
package import KernelTypes

/// What became of a call that was really made.
package enum CallOutcome: Hashable, Sendable {
  case succeeded
  case failed(Errno)
  /// It ended the process that made it.
  case ended
}

/// Makes single calls in processes of their own, with a filter or without.
package enum CallProbe {
  /// By the native entry, or the 32-bit one.
  package enum Entry: Sendable {
    case native, secondary
  }

  /// Forks; the child installs the filter, makes the call and ends.
  package static func outcome(
    of number: Int, _ arguments: [UInt64], by entry: Entry = .native, under filter: FilterProgram?
  ) throws(SystemCallError) -> CallOutcome {
    // The child may be allowed nothing at all: what it found out is left in memory.
    let size = 4096
    guard
      let page = unsafe mmap(
        nil, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0),
      Int(bitPattern: page) != -1
    else { throw SystemCallError("mmap", lastErrno()) }
    defer { unsafe munmap(page, size) }
    let result = unsafe page.assumingMemoryBound(to: Int.self)
    let unmade = Int.min
    unsafe result.pointee = unmade
    let words = (0..<6).map { index in
      index < arguments.count ? Int(bitPattern: UInt(arguments[index])) : 0
    }
    guard let child = try Processes.fork() else {
      do throws(SystemCallError) { try filter?.install() } catch { Processes.exit(2) }
      unsafe result.pointee =
        entry == .native
        ? ck_syscall(number, words[0], words[1], words[2], words[3], words[4], words[5])
        : ck_syscall_i386(number, words[0], words[1], words[2], words[3], words[4])
      Processes.exit(0)
    }
    let status = try Processes.wait(for: child)?.status ?? 0
    let value = unsafe result.pointee
    if value == unmade {
      guard Processes.ending(status) == .exited(2) else { return .ended }
      throw SystemCallError("seccomp", .invalid, subject: "the filter")
    }
    return value < 0 ? .failed(Errno(Int32(-value))) : .succeeded
  }
}
