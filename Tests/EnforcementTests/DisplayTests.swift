import Foundation
import TestSupport
import Testing

private let box = Installation.shared

/// Real X servers: the host's is an Xvfb with cookies, which stays when its clients go.
@Suite(
  .serialized, .enabled(if: hasUserNamespaces, "this host refuses user namespaces"),
  .enabled(
    if: box.run(["sh", "-c", "test -d /tmp/.X11-unix || mkdir -m 1777 /tmp/.X11-unix"]).status == 0,
    "there is no /tmp/.X11-unix"))
struct `Displays` {
  /// Runs a script beside a host display :61, with `$S` as the launcher.
  private func onDisplay(_ script: String) -> Outcome {
    let cookies = box.home + "/cookies-\(UUID().uuidString)"
    let start = """
      export XAUTHORITY='\(cookies)' DISPLAY=:61 S='\(box.launcher) --noprofile'
      touch "$XAUTHORITY"; xauth add :61 . $(mcookie) 2>/dev/null
      Xvfb :61 -auth "$XAUTHORITY" -noreset -nolisten tcp -screen 0 1280x1024x24 >/dev/null 2>&1 & server=$!
      trap 'kill $server; wait $server 2>/dev/null' EXIT
      for i in $(seq 50); do xdpyinfo >/dev/null 2>&1 && break; sleep 0.2; done
      size() { xdpyinfo 2>/dev/null | sed -n 's/ *dimensions: *\\([0-9x]*\\).*/\\1/p'; }
      """
    return box.run(["sh", "-c", start + "\n" + script])
  }

  /// What a client says of its display, inside.
  private static let client =
    "echo $DISPLAY; ls /tmp/.X11-unix | grep -c X100; xdpyinfo | sed -n \"s/ *dimensions: *\\([0-9x]*\\).*/\\1/p\""

  @Test(arguments: [false, true])
  func `xvfb is a server of the sandbox's own`(asRoot: Bool) {
    guard Installation.isRoot || !asRoot else { return }
    let outcome = box.sandbox(
      ["--noprofile", "--x11=xvfb", "--xephyr-screen=640x480", "sh", "-c", Self.client],
      asRoot: asRoot)
    #expect(outcome.output == ":100\n1\n640x480\n", "\(outcome.errors)")
    #expect(outcome.errors.isEmpty)
    #expect(!FileManager.default.fileExists(atPath: "/tmp/.X11-unix/X100"))
    #expect(!FileManager.default.fileExists(atPath: "/tmp/.X100-lock"))
    #expect(box.run(["pgrep", "-f", "[X]vfb :100"]).status == 1)
  }

  @Test func `xephyr shows itself in a window of the present display`() {
    let outcome = onDisplay(
      """
      size
      $S --x11=xephyr --xephyr-screen=800x600 --xephyr-extra-params='-title inside-61' sh -c '\(Self.client); sleep 5' & inner=$!
      for i in $(seq 50); do xwininfo -root -tree | grep -q inside-61 && break; sleep 0.2; done
      xwininfo -root -tree | grep -c inside-61
      wait $inner
      $S --x11=xephyr sh -c 'DISPLAY=:61 xdpyinfo >/dev/null 2>&1 && echo reached || echo closed'
      """)
    #expect(outcome.output == "1280x1024\n:100\n1\n800x600\n1\nclosed\n", "\(outcome.errors)")
  }

  @Test func `xorg stays with the present display and is not trusted there`() {
    let outcome = onDisplay(
      """
      shot() { "$@" sh -c 'xdpyinfo >/dev/null && import -window root png:- 2>/dev/null | wc -c'; }
      test $(shot $S) -gt 100 && echo trusted
      test $(shot $S --x11=xorg) -lt 100 && echo untrusted
      $S --x11=xorg sh -c 'size() { xdpyinfo | grep -m1 -c 1280x1024; }; size; echo $DISPLAY'
      """)
    #expect(outcome.output == "trusted\nuntrusted\n1\n:61\n", "\(outcome.errors)")
  }

  @Test func `a server that can't be had is refused with the reason`() {
    let outcome = box.sandbox(["--noprofile", "--x11=xephyr", "echo", "ran"])
    #expect(outcome.status == 1 && outcome.output.isEmpty)
    #expect(outcome.errors.contains("there is no present display"))
    let typed = box.sandbox(["--noprofile", "--x11=xpra", "echo", "ran"])
    #expect(typed.status == 1 && typed.errors.contains("write none, xvfb, xephyr or xorg"))
  }

  @Test func `a server ends when the launcher is killed`() {
    let outcome = box.run([
      "sh", "-c",
      """
      '\(box.launcher)' --noprofile --x11=xvfb sh -c 'touch ~/x-up; sleep 60' & launcher=$!
      while ! test -e ~/x-up; do sleep 0.05; done
      pgrep -fc "[X]vfb :100"; kill -9 $launcher; sleep 1.5; pgrep -fc "[X]vfb :100"; rm ~/x-up
      """,
    ])
    #expect(outcome.output == "1\n0\n")
  }
}
