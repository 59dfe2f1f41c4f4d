import Foundation
import TestSupport
import Testing

private let box = Installation.shared

/// A real session bus with a real service on it, and a client inside.
@Suite(.enabled(if: hasUserNamespaces, "this host refuses user namespaces"))
struct `Message buses` {
  /// Runs a script, with `$S` as the launcher and `$CALL METHOD` as a call to the service
  /// org.example.Echo, on a session bus of its own.
  private func onBus(_ script: String, _ environment: [String: String] = [:]) -> Outcome {
    box.file("bus/echo.py", Self.service)
    let name = "bus/\(UUID().uuidString).sh"
    box.file(name, Self.start + script)
    return box.run(
      ["dbus-run-session", "--", "sh", box.home + "/" + name],
      environment: ["S": box.launcher + " --noprofile"].merging(environment) { $1 })
  }

  private static let start = """
    CALL='timeout 5 dbus-send --session --print-reply --dest=org.example.Echo /org/example/echo'
    /usr/bin/python3 "$HOME/bus/echo.py" &
    for i in $(seq 50); do $CALL org.example.Echo.Hello >/dev/null 2>&1 && break; sleep 0.2; done
    answers() { if "$@" | grep -q 'echo Hello\\|echo Other'; then echo yes; else echo no; fi; }

    """

  /// Hears a signal within some seconds, or owns a name.
  private static let client = """
    import sys
    from gi.repository import Gio, GLib
    bus, loop = Gio.bus_get_sync(Gio.BusType.SESSION), GLib.MainLoop()
    def heard(bus, sender, path, interface, signal, parameters):
        print(signal)
        loop.quit()
    def over():
        print('none')
        loop.quit()
    if sys.argv[1] == 'hear':
        bus.signal_subscribe(None, 'org.example.Echo', None, None, None, 0, heard)
        GLib.timeout_add(2500, over)
        loop.run()
    else:
        try:
            print(bus.call_sync('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus',
                'RequestName', GLib.Variant('(su)', ('org.example.Mine', 4)), None, 0, 2000, None).unpack()[0])
        except GLib.Error:
            print('refused')

    """

  private static let service = """
    import gi
    from gi.repository import Gio, GLib
    XML = '<node><interface name="org.example.Echo">' + ''.join(
        '<method name="%s"><arg type="s" direction="out"/></method>' % n for n in ('Hello', 'Other')) + '</interface></node>'
    def called(bus, sender, path, interface, method, parameters, invocation):
        invocation.return_value(GLib.Variant('(s)', ('echo ' + method,)))
    bus = Gio.bus_get_sync(Gio.BusType.SESSION)
    for path in ('/org/example/echo', '/org/example/other'):
        bus.register_object(path, Gio.DBusNodeInfo.new_for_xml(XML).interfaces[0], called, None, None)
    Gio.bus_own_name_on_connection(bus, 'org.example.Echo', 0, None, None)
    def ping():
        bus.emit_signal(None, '/org/example/echo', 'org.example.Echo', 'Ping', None)
        return True
    GLib.timeout_add(100, ping)
    GLib.MainLoop().run()

    """

  @Test func `are open without a line and closed by none`() {
    let outcome = onBus(
      """
      answers $S $CALL org.example.Echo.Hello
      answers $S --dbus-user=none $CALL org.example.Echo.Hello
      answers $S --nodbus --quiet $CALL org.example.Echo.Hello
      answers $S --dbus-system=none $CALL org.example.Echo.Hello
      """)
    #expect(outcome.output == "yes\nno\nno\nyes\n")
  }

  @Test(.enabled(if: Installation.isRoot, "the suite does not run as root"))
  func `are filtered and closed for root as well`() {
    let call =
      "dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus."
    let script = """
      $S --dbus-user=filter \(call)GetId 2>&1 | grep -c string
      $S --dbus-user=none \(call)GetId 2>&1 | grep -c string
      $S --dbus-user=filter \(call)ListActivatableNames 2>&1 | grep -c 'string "org.a11y'
      """
    let outcome = box.run(
      ["dbus-run-session", "--", "sh", "-c", script], asRoot: true,
      environment: ["S": box.launcher + " --noprofile"])
    #expect(outcome.output == "1\n0\n0\n")
  }

  @Test func `show through a filter what the rules name`() {
    let rules: [(options: String, hello: String, other: String, isSeen: String)] = [
      ("", "no", "no", "false"),
      ("--dbus-user.see=org.example.Echo", "no", "no", "true"),
      ("--dbus-user.talk=org.example.Echo", "yes", "yes", "true"),
      ("--dbus-user.talk=org.example.*", "yes", "yes", "true"),
      ("--dbus-user.own=org.example.Echo", "yes", "yes", "true"),
      (
        "--dbus-user.call=org.example.Echo=org.example.Echo.Hello@/org/example/echo", "yes", "no",
        "true"
      ),
    ]
    let calls = rules.map { rule in
      """
      for m in Hello Other; do answers $S --dbus-user=filter \(rule.options) $CALL org.example.Echo.$m; done
      $S --dbus-user=filter \(rule.options) dbus-send --session --print-reply --dest=org.freedesktop.DBus / \
        org.freedesktop.DBus.NameHasOwner string:org.example.Echo | grep -o 'true\\|false'

      """
    }
    let wanted = rules.map { "\($0.hello)\n\($0.other)\n\($0.isSeen)\n" }.joined()
    #expect(onBus(calls.joined()).output == wanted)
  }

  @Test func `the system bus is filtered by the same rules`() {
    box.file("bus/client.py", Self.client)
    let rules = [
      ("", "no"), ("talk=org.example.Echo", "yes"), ("own=org.example.Echo", "yes"),
      ("see=org.example.Echo", "no"), ("broadcast=org.example.Echo=*", "no"),
      ("call=org.example.Echo=org.example.Echo.Hello@/org/example/echo", "yes"),
    ]
    let script = """
      export DBUS_SYSTEM_BUS_ADDRESS=$DBUS_SESSION_BUS_ADDRESS
      CALL='timeout 5 dbus-send --system --print-reply --dest=org.example.Echo /org/example/echo'
      answers $S --dbus-system=none $CALL org.example.Echo.Hello

      """
    let calls = rules.map { rule, _ in
      let option = rule.isEmpty ? "" : "--dbus-system." + rule
      return "answers $S --dbus-system=filter \(option) $CALL org.example.Echo.Hello\n"
    }
    let log = """
      $S --dbus-system=filter --dbus-system.talk=org.example.Echo --dbus-system.log --dbus-log="$HOME/bus/syslog" $CALL org.example.Echo.Hello >/dev/null 2>&1
      grep -c 'org.example.Echo call org.example.Echo.Hello' "$HOME/bus/syslog"
      """
    let wanted = "no\n" + rules.map { $0.1 + "\n" }.joined() + "1\n"
    #expect(onBus(script + calls.joined() + log).output == wanted)
  }

  @Test func `let only named signals through, and only named names be owned`() {
    box.file("bus/client.py", Self.client)
    let rules = [
      "", "--dbus-user.see=org.example.Echo",
      "--dbus-user.broadcast=org.example.Echo=org.example.Echo.Pong@/org/example/*",
      "--dbus-user.broadcast=org.example.Echo=org.example.Echo.Ping@/org/example/*",
    ]
    let script =
      rules.map { "$S --dbus-user=filter \($0) /usr/bin/python3 \"$HOME/bus/client.py\" hear\n" }
      .joined() + """
        $S --dbus-user=filter /usr/bin/python3 "$HOME/bus/client.py" own
        $S --dbus-user=filter --dbus-user.own=org.example.Mine /usr/bin/python3 "$HOME/bus/client.py" own
        """
    #expect(onBus(script).output == "none\nnone\nnone\nPing\nrefused\n1\n")
  }

  @Test func `a filter stays where files are whitelisted, and no proxy stays behind`() {
    let outcome = onBus(
      """
      answers $S --private-tmp --whitelist=/run/nothing --dbus-user=filter --dbus-user.talk=org.example.Echo $CALL org.example.Echo.Hello
      $S --dbus-user=filter sh -c 'set -- /proc/[0-9]*; echo $#; test -e /mnt/user; echo $?; ls /proc/1/root >/dev/null 2>&1; echo $?' &
      wait $!
      pgrep -u $(id -u) -fc "^[^ ]*xdg-dbus-proxy --fd=100 ${DBUS_SESSION_BUS_ADDRESS%%,*}"
      """)
    #expect(outcome.output == "yes\n2\n1\n2\n0\n")
  }

  @Test func `a killed proxy or launcher leaves no way to the bus`() {
    let outcome = onBus(
      """
      $S --dbus-user=filter --dbus-user.talk=org.example.Echo sh -c 'touch '"$HOME/bus/up$$"'; sleep 1.5; '"$CALL"' org.example.Echo.Hello' >"$HOME/bus/out" 2>&1 &
      launcher=$!
      while ! test -e "$HOME/bus/up$$"; do sleep 0.05; done
      pkill -9 -P $launcher xdg-dbus-proxy; wait $launcher
      grep -q 'echo Hello' "$HOME/bus/out" && echo open || echo closed
      rm "$HOME/bus/up$$"
      $S --dbus-user=filter sh -c 'touch '"$HOME/bus/up$$"'; sleep 60' & launcher=$!
      while ! test -e "$HOME/bus/up$$"; do sleep 0.05; done
      kill -9 $launcher; sleep 1.5
      pgrep -u $(id -u) -fc "^[^ ]*xdg-dbus-proxy --fd=100 ${DBUS_SESSION_BUS_ADDRESS%%,*}"
      """)
    #expect(outcome.output == "closed\n0\n")
  }

  /// Each process of the launcher has its nth call of a kind refused.
  @Test func `whatever fails on the way, a filtered bus is not open`() {
    let script = """
      ran=0; open=0
      for call in unshare mount fsopen fsmount move_mount clone openat2 dup2 prctl poll seccomp execve read pipe2 umount2; do
        for n in 1 2 3 4; do
          out=$(timeout 20 strace -f -qq -o /dev/null -e inject=$call:error=EPERM:when=$n \
            $S --dbus-user=filter sh -c "$CALL org.example.Echo.Hello 2>/dev/null | grep -q 'echo Hello' && echo open; echo ran" 2>/dev/null)
          case $out in *open*) open=$((open + 1)); echo "$call $n";; esac
          case $out in *ran*) ran=$((ran + 1));; esac
        done
      done
      test $ran -gt 0 && test $ran -lt 60 && echo some ran
      echo $open open
      """
    #expect(onBus(script).output == "some ran\n0 open\n")
  }

  @Test func `a refusal is explained, and its line lifts it`() throws {
    let profile = box.file(
      "bus/explained.profile", "dbus-user filter\ndbus-user.talk org.other.X\n")
    let outcome = onBus(
      """
      explain() { ${S% --noprofile} --profile=\(profile) --explain $CALL org.example.Echo.Hello 2>&1; }
      explain
      echo dbus-user.talk org.example.Echo >>\(profile)
      explain
      """)
    let parts = outcome.output.components(separatedBy: "echo Hello")
    try #require(parts.count == 2, "\(outcome.output)")
    #expect(
      parts[0].contains(
        "\(profile):1: dbus-user: /usr/bin/dbus-send")
        && parts[0].contains(
          "org.example.Echo.Hello of org.example.Echo at /org/example/echo, by the user bus: refused by"
            + " the bus's filter; to allow it: dbus-user.talk org.example.Echo")
    )
    #expect(!parts[1].contains("bus's filter"))
  }

  @Test func `what is used of a bus is learned`() {
    box.run(["rm", "-f", box.home + "/bus/learned.profile"])
    let outcome = onBus(
      """
      S="${S% --noprofile}"
      $S --build="$HOME/bus/learned.profile" $CALL org.example.Echo.Hello 2>/dev/null | grep -c 'echo Hello'
      grep '^dbus' "$HOME/bus/learned.profile"
      """)
    #expect(
      outcome.output
        == "2\ndbus-user filter\ndbus-user.talk org.example.Echo  # 1\ndbus-system none\n")
  }

  @Test func `a log says what passes`() {
    let outcome = onBus(
      """
      $S --dbus-user=filter --dbus-user.talk=org.example.Echo --dbus-user.log --dbus-log="$HOME/bus/log" $CALL org.example.Echo.Hello >/dev/null
      grep -c 'org.example.Echo call org.example.Echo.Hello' "$HOME/bus/log"
      """)
    #expect(outcome.output == "1\n")
  }

  @Test func `without a bus, filter means none, and the program runs`() {
    let outcome = box.sandbox(
      [
        "--noprofile", "--debug", "--dbus-user=filter", "sh", "-c",
        "echo $DBUS_SESSION_BUS_ADDRESS",
      ])
    #expect(outcome.status == 0 && outcome.output.hasPrefix("unix:path=/run/user/"))
    #expect(outcome.errors.contains("--dbus-user: there is no bus here: none is used"))
  }

  @Test func `the environment of the caller does not reach the proxy`() {
    let outcome = onBus(
      """
      $S --dbus-user=filter sh -c 'touch '"$HOME/bus/env"'; sleep 4' & launcher=$!
      while ! test -e "$HOME/bus/env"; do sleep 0.05; done
      tr '\\0' '\\n' </proc/$(pgrep -P $launcher xdg-dbus-proxy)/environ; wait $launcher
      rm "$HOME/bus/env"
      """, ["GIO_EXTRA_MODULES": "/tmp/evil", "SECRET": "x"])
    #expect(outcome.output == "PATH=/usr/bin:/bin\n")
  }

  @Test(arguments: [
    ("dbus-user filtre", "is no way to restrict a bus"),
    ("dbus-user.talk org..x", "is no name on a bus"),
    ("dbus-user.talk a b.c", "is no name on a bus"),
    ("dbus-user.call org.x.Y", "needs NAME=RULE"),
    ("dbus-user.call org.x.Y=a b", "is no rule for calls"),
  ])
  func `a mistyped line is refused`(line: String, message: String) {
    let profile = box.file("bus/\(UUID().uuidString).profile", line + "\n")
    let outcome = box.sandbox(["--profile=" + profile, "echo", "ran"])
    #expect(outcome.status == 1 && outcome.output.isEmpty && outcome.errors.contains(message))
  }

  @Test func `a rule without filter says that it has no effect`() {
    let outcome = box.sandbox(["--noprofile", "--dbus-user.talk=org.example.X", "true"])
    #expect(outcome.status == 0 && outcome.errors.contains("has no effect: the user bus is open"))
  }
}
