internal import CKernel
internal import CGlibc
package import KernelTypes

/// Limits, priority and processors of this process.
package enum Limits {
  /// getrlimit(2): what the soft limit may be raised to.
  package static func hardLimit(of resource: Resource) throws(SystemCallError) -> UInt64 {
    var limit = rlimit()
    try checkErrno(
      "getrlimit", resource.rawValue, Int(unsafe getrlimit(kind(resource), &limit)))
    return UInt64(limit.rlim_max)
  }

  /// setrlimit(2): soft and hard limit alike.
  package static func set(_ resource: Resource, to value: UInt64) throws(SystemCallError) {
    var limit = rlimit(rlim_cur: rlim_t(value), rlim_max: rlim_t(value))
    try checkErrno(
      "setrlimit", resource.rawValue, Int(unsafe setrlimit(kind(resource), &limit)))
  }

  /// Raises the soft limit on the size of files as far as a file of so many bytes needs it: a limit that
  /// is passed would end the process (SIGXFSZ).
  ///
  /// - Returns: false where the hard limit is lower.
  package static func allowFile(of size: Int) throws(SystemCallError) -> Bool {
    var limit = rlimit()
    let kind = kind(.fileSize)
    try checkErrno("getrlimit", "fsize", Int(unsafe getrlimit(kind, &limit)))
    if limit.rlim_cur >= rlim_t(size) { return true }
    guard limit.rlim_max >= rlim_t(size) else { return false }
    limit.rlim_cur = rlim_t(size)
    try checkErrno("setrlimit", "fsize", Int(unsafe setrlimit(kind, &limit)))
    return true
  }

  /// A soft and a hard limit.
  package typealias Pair = (soft: UInt64, hard: UInt64)

  /// prlimit(2): all limits of another process, by the kernel's numbers.
  package static func all(of pid: Int32) throws(SystemCallError) -> [Pair] {
    var limits: [Pair] = []
    for number in 0..<count {
      var limit = rlimit()
      let kind = __rlimit_resource_t(rawValue: number)
      try checkErrno("prlimit", "", Int(unsafe prlimit(pid, kind, nil, &limit)))
      limits.append((UInt64(limit.rlim_cur), UInt64(limit.rlim_max)))
    }
    return limits
  }

  /// Takes the limits of another process over; a hard limit that is lower already stays.
  package static func take(_ limits: [Pair]) throws(SystemCallError) {
    for (number, wanted) in limits.enumerated() {
      let kind = __rlimit_resource_t(rawValue: UInt32(number))
      var limit = rlimit()
      try checkErrno("getrlimit", "", Int(unsafe getrlimit(kind, &limit)))
      limit.rlim_max = min(limit.rlim_max, rlim_t(wanted.hard))
      limit.rlim_cur = min(limit.rlim_max, rlim_t(wanted.soft))
      try checkErrno("setrlimit", "", Int(unsafe setrlimit(kind, &limit)))
    }
  }

  /// RLIM_NLIMITS (`asm-generic/resource.h`).
  private static let count: UInt32 = 16

  private static func kind(_ resource: Resource) -> __rlimit_resource_t {
    __rlimit_resource_t(rawValue: UInt32(resource.number))
  }

  /// nice(3): adds to the priority value; lower runs more.
  package static func addNice(_ value: Int32) throws(SystemCallError) {
    var current: Int32 = 0
    try check("getpriority", "", unsafe ck_priority(&current))
    try checkErrno(
      "setpriority", "", Int(setpriority(PRIO_PROCESS, 0, current + value)))
  }

  /// sched_setaffinity(2). Processors that the machine lacks are left out by the kernel; none left
  /// is an error.
  package static func setProcessors(_ processors: [Int]) throws(SystemCallError) {
    var mask = [UInt8](repeating: 0, count: 128)
    for processor in processors where processor < 1024 {
      mask[processor / 8] |= 1 << (processor % 8)
    }
    let result = unsafe mask.withUnsafeBytes { bytes in
      guard let address = bytes.baseAddress else { return Int32(-1) }
      return unsafe sched_setaffinity(
        0, bytes.count, address.assumingMemoryBound(to: cpu_set_t.self))
    }
    try checkErrno("sched_setaffinity", "", Int(result))
  }
}
