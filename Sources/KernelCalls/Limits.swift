internal import CKernel
internal import Glibc
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
