internal import CKernel

/// The network namespace of this process.
package enum Network {
  /// Brings up the loopback device: nothing else is in a new namespace (`netdevice(7)`).
  package static func bringUpLoopback() throws(SystemCallError) {
    try check("ioctl", "lo", ck_loopback_up())
  }
}
