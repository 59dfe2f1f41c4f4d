package import Foundation

/// What a program said and how it ended.
package struct Outcome: Sendable {
  package let status: Int32
  package let output: String
  package let errors: String

  /// The lines on standard error.
  package var errorLines: [String] { errors.split(separator: "\n").map(String.init) }
}

/// The real launcher, as it would be installed: PREFIX/bin/sandbox with its profiles, in a
/// directory that every user can read. Programs run as an ordinary user; where the suite runs as
/// root, it becomes uid 65534 for that.
package final class Installation: Sendable {
  package static let shared = Installation()

  package let prefix: String
  package let home: String
  package var launcher: String { prefix + "/bin/sandbox" }
  package var shipped: String { prefix + "/share/sandbox/profiles" }
  package var system: String { prefix + "/etc/sandbox" }
  package static var isRoot: Bool { getuid() == 0 }

  package static let root: String = {
    var url = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { url.deleteLastPathComponent() }
    return url.path
  }()

  private init() {
    prefix = NSTemporaryDirectory() + "sandbox-tests-\(getpid())"
    home = prefix + "/home"
    shell(
      """
      set -e
      mkdir -p '\(prefix)/bin' '\(shipped)' '\(system)' '\(home)'
      cp '\(Self.root)/.build/release/sandbox' '\(prefix)/bin/'
      cp '\(Self.root)'/Tests/Scripts/use-* '\(prefix)/bin/'
      cp '\(Self.root)'/profiles/* '\(shipped)/'
      clang -O1 -static -nostdlib -fno-stack-protector -o '\(prefix)/bin/calls' \
        '\(Self.root)/Tests/EnforcementTests/Fixtures/calls.c'
      clang -O1 -shared -fPIC -o '\(prefix)/bin/intruder.so' \
        '\(Self.root)/Tests/EnforcementTests/Fixtures/intruder.c'
      chmod -R a+rX '\(prefix)'
      chmod 755 '\(home)'
      [ "$(id -u)" != 0 ] || chown 65534:65534 '\(home)'
      """)
  }

  private func shell(_ script: String) {
    let outcome = start(["/bin/sh", "-c", script], environment: nil)
    precondition(outcome.status == 0, "set-up failed (run `make test`): \(outcome.errors)")
  }

  /// The start of a command line by which root becomes the ordinary user of the tests.
  package static let asUser = [
    "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--",
  ]

  /// Runs the launcher with these words as an ordinary user.
  package func sandbox(
    _ words: [String], asRoot: Bool = false, environment: [String: String] = [:]
  ) -> Outcome {
    run([launcher] + words, asRoot: asRoot, environment: environment)
  }

  /// Runs a command as an ordinary user with an own home directory.
  @discardableResult
  package func run(
    _ command: [String], asRoot: Bool = false, environment: [String: String] = [:],
    limit seconds: Int = 60
  ) -> Outcome {
    var variables = [
      "HOME": home, "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C",
    ]
    if asRoot { variables["HOME"] = "/root" }
    variables.merge(environment) { $1 }
    return start(
      (Self.isRoot && !asRoot ? Self.asUser : []) + command, environment: variables, limit: seconds)
  }

  /// Makes a file of the test user's; the name is relative to the home directory.
  @discardableResult
  package func file(_ name: String, _ text: String = "content\n", mode: Int = 0o644) -> String {
    file(name, bytes: Data(text.utf8), mode: mode)
  }

  @discardableResult
  package func file(_ name: String, bytes: Data, mode: Int = 0o644) -> String {
    let path = home + "/" + name
    let directory = (path as NSString).deletingLastPathComponent
    // A sandbox of another test may end meanwhile, and remove a directory that was lent and is empty.
    for _ in 0..<10 {
      _ = run(["mkdir", "-p", directory])
      if FileManager.default.createFile(
        atPath: path, contents: bytes, attributes: [.posixPermissions: mode])
      {
        break
      }
    }
    if Self.isRoot { chown(path, 65534, 65534) }
    return path
  }

  /// A copy of the probe `calls` under a name for which a test writes a profile of its own.
  package func program(_ name: String) -> String {
    let path = home + "/" + name
    run(["cp", prefix + "/bin/calls", path])
    return path
  }

  /// Output goes through files, so that a full pipe or a grandchild can't hold a test up.
  private func start(
    _ command: [String], environment: [String: String]?, limit seconds: Int = 60
  ) -> Outcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["timeout", "-k", "1", "\(seconds)"] + command
    if let environment { process.environment = environment }
    process.currentDirectoryURL = URL(fileURLWithPath: "/")
    process.standardInput = FileHandle.nullDevice
    let base = NSTemporaryDirectory() + "sandbox-out-" + UUID().uuidString
    let names = [base + ".out", base + ".err"]
    let handles = names.map { name in
      guard FileManager.default.createFile(atPath: name, contents: nil),
        let handle = FileHandle(forWritingAtPath: name)
      else { fatalError("\(name) can't be made") }
      return handle
    }
    process.standardOutput = handles[0]
    process.standardError = handles[1]
    // Threads of a test block signals, and what they start would inherit that.
    var none = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, nil)
    do { try process.run() } catch { return Outcome(status: -1, output: "", errors: "\(error)") }
    process.waitUntilExit()
    let texts = names.map { name in
      guard let bytes = FileManager.default.contents(atPath: name) else {
        fatalError("\(name) can't be read")
      }
      return String(decoding: bytes, as: UTF8.self)
    }
    for name in names { unlink(name) }
    return Outcome(
      status: process.terminationReason == .exit
        ? process.terminationStatus : 128 + process.terminationStatus,
      output: texts[0], errors: texts[1])
  }
}

/// Whether this host lets an ordinary user make user namespaces: the reason of a skip.
package let hasUserNamespaces: Bool =
  Installation.shared.run(["unshare", "-Urm", "true"]).status == 0
