internal import CKernel
internal import CGlibc
package import KernelTypes

/// How a process ended.
package enum ExitStatus: Hashable, Sendable {
  case exited(Int32)
  case signaled(Int32)

  /// As a shell reports it: 128 and the signal.
  package var code: Int32 {
    switch self {
    case .exited(let status): status
    case .signaled(let signal): 128 + signal
    }
  }
}

package enum Processes {
  package static let childEnded = SIGCHLD
  package static let terminate = SIGTERM
  package static let kill = SIGKILL
  package static let badCall = SIGSYS

  /// Whether a signal means that a program is to end: SIGTERM, SIGINT, SIGQUIT or SIGHUP.
  package static func asksForEnd(_ signal: Int32) -> Bool {
    [SIGTERM, SIGINT, SIGQUIT, SIGHUP].contains(signal)
  }

  /// clone(2) into new namespaces: the child gets nil. Who traces us traces it too, unless it is to
  /// be left out (CLONE_UNTRACED).
  package static func clone(
    into namespaces: Namespaces, isTraced: Bool = true
  ) throws(SystemCallError) -> Int32? {
    let flags = UInt(namespaces.rawValue) | (isTraced ? 0 : 0x0080_0000)
    let pid = Int32(try check("clone", "", ck_clone(flags)))
    return pid == 0 ? nil : pid
  }

  /// unshare(2).
  package static func unshare(_ namespaces: Namespaces) throws(SystemCallError) {
    try checkErrno("unshare", "", Int(CGlibc.unshare(Int32(namespaces.rawValue))))
  }

  /// setns(2): enters a namespace that is open; the process namespace only for children.
  package static func enter(_ namespace: borrowing FileDescriptor) throws(SystemCallError) {
    try checkErrno("setns", "", Int(CGlibc.setns(namespace.number, 0)))
  }

  /// fork(2): the child gets nil.
  package static func fork() throws(SystemCallError) -> Int32? {
    let pid = Int32(try checkErrno("fork", "", Int(CGlibc.fork())))
    return pid == 0 ? nil : pid
  }

  package static var identifier: Int32 { getpid() }
  package static var parent: Int32 { getppid() }

  /// waitpid(2) for one child; nil where `isBlocking` is false and it has not ended.
  package static func wait(
    for pid: Int32, isBlocking: Bool = true
  ) throws(SystemCallError) -> (pid: Int32, status: Int32)? {
    var status: Int32 = 0
    while true {
      let found = unsafe waitpid(pid, &status, isBlocking ? 0 : WNOHANG)
      if found < 0, lastErrno() == .interrupted { continue }
      try checkErrno("waitpid", "", Int(found))
      return found == 0 ? nil : (found, status)
    }
  }

  /// Whether a child has ended, which stays as it is until `wait` (waitid(2)).
  package static func hasEnded(_ child: Int32) throws(SystemCallError) -> Bool {
    try check("waitid", "", ck_has_ended(child)) == 1
  }

  /// How the process ended that `wait` reported; nil where it only stopped.
  package static func ending(_ status: Int32) -> ExitStatus? {
    if ck_wait_exited(status) != 0 { return .exited(ck_wait_exit_status(status)) }
    if ck_wait_signaled(status) != 0 { return .signaled(ck_wait_signal(status)) }
    return nil
  }

  /// kill(2).
  package static func send(_ signal: Int32, to pid: Int32) throws(SystemCallError) {
    try checkErrno("kill", "", Int(CGlibc.kill(pid, signal)))
  }

  /// In the first process of a namespace: whether there is another one in it (kill(2) of all, which sends
  /// no signal 0).
  package static var hasOthers: Bool { CGlibc.kill(-1, 0) == 0 || lastErrno() != .noProcess }

  /// Orphans of our descendants become our children (`prctl(2)`, PR_SET_CHILD_SUBREAPER).
  package static func adoptOrphans() throws(SystemCallError) {
    try check("prctl", "", ck_prctl(36, 1, 0, 0, 0))
  }

  /// The kernel kills us when our parent ends (PR_SET_PDEATHSIG).
  package static func dieWithParent() throws(SystemCallError) {
    try check("prctl", "", ck_prctl(1, UInt(SIGKILL), 0, 0, 0))
  }

  /// Keeps other processes of the same user out of this one's memory and descriptors
  /// (PR_SET_DUMPABLE). It holds until the program starts.
  package static func refuseTracing() throws(SystemCallError) {
    try check("prctl", "", ck_prctl(4, 0, 0, 0, 0))
  }

  /// umask(2).
  ///
  /// - Returns: the mask before.
  @discardableResult
  package static func setMask(_ mask: UInt32) -> UInt32 { CGlibc.umask(mask) }

  /// sethostname(2).
  package static func setHostName(_ name: [UInt8]) throws(SystemCallError) {
    let text = name.map { CChar(bitPattern: $0) }
    try checkErrno("sethostname", "", Int(unsafe sethostname(text, text.count)))
  }

  /// setgroups(2) with none.
  package static func dropGroups() throws(SystemCallError) {
    try checkErrno("setgroups", "", Int(setgroups(0, nil)))
  }

  /// close_range(2) of every descriptor but these; from above, so that standard error goes last.
  package static func closeAll(except kept: [Int32]) throws(SystemCallError) {
    var last = UInt32.max
    for number in kept.sorted(by: >).map(UInt32.init) {
      if number < last { try check("close_range", "", ck_close_range(number + 1, last, 0)) }
      if number == 0 { return }
      last = number - 1
    }
    try check("close_range", "", ck_close_range(0, last, 0))
  }

  /// setsid(2): keys of the terminal do not reach this process any more.
  package static func startSession() throws(SystemCallError) {
    try checkErrno("setsid", "", Int(setsid()))
  }

  /// Waits until a process that need not be a child has ended.
  package static func waitForEnd(of pid: Int32) throws(SystemCallError) {
    guard let handle = try handle(on: pid) else { return }
    while try !poll(handle.number, milliseconds: -1) {}
  }

  /// pidfd_open(2): what has input when the process has ended. Nil where it has ended and was reaped.
  package static func handle(on pid: Int32) throws(SystemCallError) -> FileDescriptor? {
    let number = ck_pidfd_open(pid)
    if number == -Int(ESRCH) { return nil }
    return FileDescriptor(owning: Int32(try check("pidfd_open", "", number)))
  }

  /// pidfd_send_signal(2); nothing happens where the process has ended.
  package static func send(
    _ signal: Int32, by handle: borrowing FileDescriptor
  ) throws(SystemCallError) {
    let result = ck_pidfd_send(handle.number, signal)
    if result != -Int(ESRCH) { try check("pidfd_send_signal", "", result) }
  }

  /// getrandom(2).
  package static func randomBytes(_ count: Int) throws(SystemCallError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let result = unsafe bytes.withUnsafeMutableBytes {
      unsafe ck_getrandom($0.baseAddress, $0.count)
    }
    try check("getrandom", "", result)
    return bytes
  }

  /// Lets one process trace us where Yama restricts tracing (PR_SET_PTRACER). Absent without Yama.
  package static func allowTracing(by pid: Int32) throws(SystemCallError) {
    let result = ck_prctl(0x5961_6d61, UInt(pid), 0, 0, 0)
    if result == -Int(EINVAL) { return }
    try check("prctl", "", result)
  }

  /// no_new_privs (PR_SET_NO_NEW_PRIVS).
  package static func setNoNewPrivileges() throws(SystemCallError) {
    try check("prctl", "", ck_prctl(38, 1, 0, 0, 0))
  }

  /// close_range(2) with CLOSE_RANGE_CLOEXEC for every descriptor above 2 but `kept`; those have
  /// the mark removed. A kept descriptor that is not open is an error.
  package static func closeOnExecute(except kept: [Int32]) throws(SystemCallError) {
    try check("close_range", "", ck_close_range(3, .max, 4))
    for number in kept {
      try check("fcntl", "descriptor \(number)", ck_fcntl(number, F_SETFD, 0))
    }
  }

  package static func isOpen(_ descriptor: Int32) -> Bool { ck_fcntl(descriptor, F_GETFD, 0) >= 0 }

  /// How many processors are there now (sysconf(3), _SC_NPROCESSORS_ONLN); at least 1.
  package static var processorCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  /// isatty(3).
  package static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

  /// Opens /dev/null for each standard stream that is closed, so that no other file takes its place.
  package static func ensureStandardStreams() throws(SystemCallError) {
    for number in Int32(0)...2 where !isOpen(number) {
      let opened = try unsafe "/dev/null".asPath.withCString { (path) throws(SystemCallError) in
        try check("openat", "/dev/null", unsafe ck_openat(AT_FDCWD, path, O_RDWR, 0))
      }
      guard opened == Int(number) else {
        throw SystemCallError("open", .invalid, subject: "/dev/null")
      }
    }
  }

  /// pipe2(2), close-on-exec: the end to read and the end to write.
  package static func pipe() throws(SystemCallError) -> (read: Int32, write: Int32) {
    var ends: [Int32] = [0, 0]
    try checkErrno("pipe2", "", Int(unsafe pipe2(&ends, O_CLOEXEC)))
    return (ends[0], ends[1])
  }

  /// Waits for input on one descriptor: poll(2).
  ///
  /// - Parameter milliseconds: how long; -1 waits for ever.
  /// - Returns: whether there is input, or the other side is gone.
  package static func poll(_ number: Int32, milliseconds: Int32) throws(SystemCallError) -> Bool {
    var entry = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
    let ready = unsafe CGlibc.poll(&entry, 1, milliseconds)
    if ready < 0, lastErrno() == .interrupted { return false }
    return try checkErrno("poll", "", Int(ready)) > 0
  }

  /// What `poll` says of a descriptor: whether there is input, and whether the other side is gone.
  package typealias Readiness = (hasInput: Bool, isOver: Bool)

  /// Waits for input on one of two descriptors: poll(2). Nothing is ready where a signal comes.
  package static func poll(
    _ first: Int32, _ second: Int32, milliseconds: Int32
  ) throws(SystemCallError) -> (first: Readiness, second: Readiness) {
    var entries = [first, second].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    let ready = unsafe CGlibc.poll(&entries, 2, milliseconds)
    if ready < 0, lastErrno() == .interrupted { return ((false, false), (false, false)) }
    try checkErrno("poll", "", Int(ready))
    let states = entries.map { entry in
      let events = Int32(entry.revents)
      let hasInput = events & POLLIN != 0
      return (hasInput, !hasInput && events & (POLLHUP | POLLERR | POLLNVAL) != 0)
    }
    return (states[0], states[1])
  }

  /// The process that a thread belongs to; nil where it has ended (`proc_pid_status(5)`, Tgid).
  package static func process(of thread: Int32) throws(SystemCallError) -> Int32? {
    try status(of: thread, "Tgid").flatMap { Int32($0) }
  }

  /// Whether a thread neither handles, ignores nor blocks a signal (SigCgt, SigIgn, SigBlk).
  static func leavesAlone(_ signal: Int32, _ thread: Int32) throws(SystemCallError) -> Bool {
    for name in ["SigCgt", "SigIgn", "SigBlk"] {
      guard let mask = try status(of: thread, name).flatMap({ UInt64($0, radix: 16) }),
        mask >> UInt64(signal - 1) & 1 == 0
      else { return false }
    }
    return true
  }

  /// The lines of /proc/PROCESS/status by name (`proc_pid_status(5)`).
  ///
  /// - Parameter process: its number, `self` or `thread-self`.
  package static func fields(of process: String) throws(SystemCallError) -> [String: String] {
    let bytes = try FileDescriptor.open(Path("/proc/" + process + "/status"), 0).readAll()
    var fields: [String: String] = [:]
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { continue }
      fields[String(parts[0])] = String(parts[1].drop { $0 == "\t" || $0 == " " })
    }
    return fields
  }

  /// A line of /proc/PID/status; nil where the thread has ended.
  private static func status(
    of thread: Int32, _ name: String
  ) throws(SystemCallError) -> String? {
    do throws(SystemCallError) {
      let status = try FileDescriptor.open(Path("/proc/\(thread)/status"), 0).readAll()
      let prefix = Array((name + ":").utf8)
      let line = status.split(separator: 10).first { $0.starts(with: prefix) }
      return line.map { line in
        String(decoding: line.dropFirst(prefix.count).drop { $0 <= 32 }, as: UTF8.self)
      }
    } catch {
      guard error.meansEnded else { throw error }
      return nil
    }
  }

  /// Sleeps, for less where a signal comes: poll(2) of nothing.
  package static func pause(milliseconds: Int32) throws(SystemCallError) {
    let ready = CGlibc.poll(nil, 0, milliseconds)
    if ready < 0, lastErrno() != .interrupted { throw SystemCallError("poll", lastErrno()) }
  }

  /// The words of the command line and the environment, as bytes.
  package static func arguments() -> [[UInt8]] {
    (0..<ck_argument_count()).map { unsafe bytes(of: ck_argument($0)) }
  }

  package static func environment() -> [[UInt8]] {
    var entries: [[UInt8]] = []
    guard var next = unsafe ck_environment() else { return [] }
    while let entry = unsafe next.pointee {
      unsafe entries.append(bytes(of: entry))
      unsafe next += 1
    }
    return entries
  }

  private static func bytes(of text: UnsafePointer<CChar>?) -> [UInt8] {
    guard let text = unsafe text else { return [] }
    return unsafe UnsafeBufferPointer(start: text, count: strlen(text)).map {
      UInt8(bitPattern: $0)
    }
  }

  /// execve(2) of this process, with the descriptors and signals that it was started with.
  package static func become(
    _ program: Path, _ words: [[UInt8]], _ environment: [[UInt8]]
  ) throws(SystemCallError) {
    try SupervisedSignals.unblock()
    let execution = try Execution(program, arguments: words, environment: environment)
    let errno = execution.start()
    throw SystemCallError("execve", errno, subject: program.description)
  }

  /// Today in UTC, as `2026-11-21` (CLOCK_REALTIME).
  package static func date() -> String {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    // Days since 0000-03-01, so that the leap day is a year's last one.
    let days = Int(time.tv_sec) / 86_400 + 719_468
    let era = days / 146_097
    let dayOfEra = days % 146_097
    let year = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * year + year / 4 - year / 100)
    let month = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * month + 2) / 5 + 1
    let monthOfYear = month < 10 ? month + 3 : month - 9
    let calendarYear = year + era * 400 + (monthOfYear <= 2 ? 1 : 0)
    return "\(calendarYear)-\(monthOfYear < 10 ? "0" : "")\(monthOfYear)-"
      + "\(day < 10 ? "0" : "")\(day)"
  }

  /// _exit(2).
  package static func exit(_ status: Int32) -> Never { CGlibc._exit(status) }

  /// Milliseconds of a clock that never goes back (CLOCK_MONOTONIC).
  package static func now() -> Int { microseconds() / 1000 }

  /// The clock that files are stamped with: nanoseconds since 1970.
  package static func fileTime() -> Int { nanoseconds(of: CLOCK_REALTIME) }

  package static func microseconds() -> Int { nanoseconds(of: CLOCK_MONOTONIC) / 1000 }

  /// clock_gettime(2).
  private static func nanoseconds(of clock: clockid_t) -> Int {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return Int(time.tv_sec) * 1_000_000_000 + Int(time.tv_nsec)
  }
}

extension String {
  var asPath: Path { Path(self) }
}
