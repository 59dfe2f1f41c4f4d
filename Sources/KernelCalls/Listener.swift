internal import CKernel
internal import CGlibc
package import KernelTypes

/// A system call that waits for an answer (`seccomp_unotify(2)`).
package struct Notification: Sendable {
  /// The thread, as numbered here.
  package let thread: Int32
  package let architecture: UInt32
  package let number: Int
  /// Where in the thread's memory the call stands.
  package let instruction: UInt64
  package let arguments: [UInt64]
  fileprivate let id: UInt64
}

/// What becomes of a call that waits.
package enum NotificationAnswer: Hashable, Sendable {
  /// The kernel carries it out, with the arguments that it finds then.
  case goOn
  case fail(Errno)
  /// The process ends; the call never happens.
  case kill
}

/// The descriptor on which a filter asks. When it is closed, calls that wait and later ones fail with
/// ENOSYS.
package final class Listener {
  package let descriptor: FileDescriptor

  package init(_ descriptor: consuming FileDescriptor) {
    // Faster where the kernel knows it (SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP), the same otherwise.
    _ = ck_notification_wake_at_once(descriptor.number)
    self.descriptor = descriptor
  }

  /// The next question; nil where its thread has ended meanwhile.
  package func receive() throws(SystemCallError) -> Notification? {
    var asked = ck_notification()
    let result = unsafe ck_notification_receive(descriptor.number, &asked)
    if [ENOENT, EINTR, ENOTCONN].contains(where: { result == -Int($0) }) { return nil }
    try check("SECCOMP_IOCTL_NOTIF_RECV", "", result)
    let arguments = asked.arguments
    return Notification(
      thread: asked.thread, architecture: asked.architecture, number: Int(asked.number),
      instruction: asked.instruction,
      arguments: [
        arguments.0, arguments.1, arguments.2, arguments.3, arguments.4, arguments.5,
      ], id: asked.id)
  }

  /// Whether the thread still waits: what was read of it before was its own.
  package func isValid(_ notification: Notification) -> Bool {
    ck_notification_is_valid(descriptor.number, notification.id) == 0
  }

  package func answer(
    _ notification: Notification, _ answer: NotificationAnswer
  ) throws(SystemCallError) {
    let result =
      switch answer {
      case .goOn: ck_notification_answer(descriptor.number, notification.id, 0, 1)
      case .fail(let errno):
        ck_notification_answer(descriptor.number, notification.id, errno.code, 0)
      case .kill:
        try endProcess(of: notification)
      }
    // It may have ended, or been interrupted.
    if result == -Int(ENOENT) || result == -Int(EINPROGRESS) { return }
    try check("SECCOMP_IOCTL_NOTIF_SEND", "", result)
  }

  /// By SIGSYS, as a filter does it, where the program leaves that signal alone; the call fails then,
  /// and the thread meets the signal before its next instruction. Else, and where a handler comes in
  /// between, by SIGKILL.
  private func endProcess(of notification: Notification) throws(SystemCallError) -> Int {
    let thread = notification.thread
    // The thread still waits, so the numbers are its own.
    guard let process = try Processes.process(of: thread) else { return 0 }
    if try Processes.leavesAlone(SIGSYS, thread), ck_thread_kill(process, thread, SIGSYS) == 0 {
      let result = ck_notification_answer(descriptor.number, notification.id, ENOSYS, 0)
      let handle = ck_pidfd_open(process)
      if handle >= 0 {
        let handle = FileDescriptor(owning: Int32(handle))
        if try Processes.poll(handle.number, milliseconds: 50) { return result }
      }
    }
    let result = Int(CGlibc.kill(process, SIGKILL))
    return result < 0 && lastErrno() != .noProcess ? -Int(lastErrno().code) : 0
  }
}

/// A pair of sockets by which a listener gets from the program's side to the one that answers.
package struct ListenerChannel: ~Copyable {
  /// Where the listener arrives.
  package let receiver: FileDescriptor
  /// For `Execution.send`.
  package let sender: FileDescriptor

  package init() throws(SystemCallError) {
    var ends: [Int32] = [0, 0]
    try check("socketpair", "", unsafe ck_socket_pair(&ends))
    receiver = FileDescriptor(owning: ends[0])
    sender = FileDescriptor(owning: ends[1])
  }

  /// The listener, and the process that sent it as numbered here.
  package func receive() throws(SystemCallError) -> (number: Int32, sender: Int32) {
    var sender: pid_t = 0
    let number = unsafe ck_receive_descriptor(receiver.number, &sender)
    return (Int32(try check("recvmsg", "", number)), sender)
  }
}

/// The memory of another process, as far as it can be read (`process_vm_readv(2)`).
package enum ProcessMemory {
  /// At most `count` bytes; fewer where the memory ends, and none where there is no such process.
  package static func read(_ process: Int32, _ address: UInt64, count: Int) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      initialized = 0
      guard let start = buffer.baseAddress else { return }
      // Page by page: the next one may not be there.
      while initialized < count {
        let position = address &+ UInt64(initialized)
        let chunk = min(count - initialized, 4096 - Int(position & 4095))
        let got = unsafe ck_read_memory(
          process, position, start + initialized, chunk)
        if got > 0 { initialized += got }
        if got < chunk { return }
      }
    }
  }
}
