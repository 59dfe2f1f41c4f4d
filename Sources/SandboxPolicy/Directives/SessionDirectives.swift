internal import KernelTypes

func request(
  _ request: LaunchOptions.Request
)
  -> @Sendable (
    inout Recorder, ArraySlice<UInt8>
  ) throws(DirectiveError) -> Void
{
  { (recorder, _) throws(DirectiveError) in
    recorder.options.request = recorder.options.request ?? request
  }
}

let sessionDirectives: [Directive] =
  [
    Directive(
      "name", .required("NAME"), in: .session,
      summary: "Give the sandbox a name",
      discussion: """
        Letters, digits, dot, dash and underscore; a letter or digit at both ends; at most 253, and \
        not digits alone. --list shows it, and --join, --shutdown and the like take it. Where a running \
        sandbox has the name, -PID is added to this one's.
        """,
      example: "name torrents",
      record: { (recorder, argument) throws(DirectiveError) in
        try checkName(argument)
        let name = String(decoding: argument, as: UTF8.self)
        recorder.set(name, &recorder.policy.name)
      }),
    Directive(
      "shell", .required("none"), in: .session,
      support: .noEffect("the program is always started directly, never by a shell"),
      summary: "Start the program directly (always so)",
      discussion: "Only \"shell none\" exists: no shell takes part in starting a program.",
      example: "shell none",
      record: { (_, argument) throws(DirectiveError) in
        guard argument.elementsEqual("none".utf8) else {
          throw DirectiveError(
            "\"\(displayed(argument))\": programs are never started by a shell",
            hint: "write: shell none")
        }
      }),
    Directive(
      "tracelog", in: .session,
      support: .noEffect("superseded: it needed a library inside the program"),
      summary: "Accepted for old profiles, with a warning",
      discussion: "Without one in the files of the shipped and of Firejail's directory.",
      example: "tracelog",
      record: { (recorder, _) throws(DirectiveError) in
        // Hundreds of Firejail's profiles have it, and their readers can't help that.
        guard recorder.isOwn else { return }
        recorder.policy.warnings.append(
          PolicyError(
            recorder.origin, "tracelog", "is superseded and has no effect", hint: "leave it out"))
      }),
    Directive(
      "deterministic-exit-code", in: .session,
      support: .noEffect("the status is always that of the first program"),
      summary: "Return the status of the first program (always so)",
      example: "deterministic-exit-code"),
    Directive(
      "deterministic-shutdown", in: .session,
      support: .noEffect("all processes end with the first program anyway"),
      summary: "End all processes when the first program ends (always so)",
      example: "deterministic-shutdown"),
    flag(
      .ipcNamespace, in: .session, summary: "Hide the host's shared memory and message queues",
      discussion: "A new IPC namespace (System V and POSIX message queues). Root always gets one."),
    Directive(
      "debug", in: .session, .commandLineOnly,
      summary: "Print what is read and done, step by step",
      discussion: "It overrides quiet.",
      example: "--debug",
      record: { (recorder, _) throws(DirectiveError) in
        recorder.options.isDebug = true
      }),
    Directive(
      "receipt", .optional("FILE"), in: .session, .commandLineOnly,
      summary: "Write what was in force when the program started, as JSON",
      discussion: """
        Measured from the kernel at the moment of the program's first instruction: namespaces, the \
        five capability sets, no-new-privileges, seccomp mode and number of filters, limits, and each \
        mount that the sandbox made. The filter's length and actions are those that the kernel \
        accepted; started by root, the length is read back. What was optional and missing is listed. \
        FILE is replaced; without it the receipt goes to standard error.
        """,
      example: "--receipt=receipt.json",
      record: { (recorder, argument) throws(DirectiveError) in
        recorder.options.receipt = Setting(Path(argument), recorder.origin)
      }),
    Directive(
      "version", in: .session, .commandLineOnly,
      summary: "Print the version", example: "--version", record: request(.version)),
    Directive(
      "help", .optional("DIRECTIVE|all"), in: .session, .commandLineOnly,
      summary: "Print the most used options, all, or what the manual says of one",
      example: "--help=seccomp.keep",
      record: { (recorder, argument) throws(DirectiveError) in
        let name = String(decoding: argument, as: UTF8.self)
        guard name.isEmpty || name == "all" || DirectiveTable.named(name) != nil else {
          throw DirectiveError(
            "no directive is called \"\(displayed(argument))\"",
            hint: suggestion(for: name, in: DirectiveTable.all.map { $0.name }))
        }
        try request(.help(name))(&recorder, argument)
      }),
  ]
  + [
    Directive(
      "join-or-start", .required("NAME"), in: .session,
      summary: "Join the sandbox NAME, or start it where there is none",
      discussion: "As name, and as --join for whoever starts the program a second time.",
      example: "join-or-start browser",
      record: { (recorder, argument) throws(DirectiveError) in
        try checkName(argument)
        recorder.set(String(decoding: argument, as: UTF8.self), &recorder.policy.name)
        recorder.policy.joinsRunning = recorder.policy.joinsRunning ?? recorder.origin
      }),
    Directive(
      "allow-bwrap", in: .session,
      summary: "Let the program build sandboxes of its own, by bwrap or otherwise",
      discussion: """
        User namespaces can be made inside, and the layer of Landlock, which refuses mounts, is left \
        out: see NESTED SANDBOXES in sandbox(1). restrict-namespaces still holds.
        """,
      example: "allow-bwrap",
      record: { (recorder, _) throws(DirectiveError) in
        recorder.policy.allowsNesting = recorder.policy.allowsNesting ?? recorder.origin
      }),
    outputDirective(
      "output", summary: "Copy standard output to FILE", hasErrors: false,
      discussion: """
        FILE is begun anew, and when it would become longer than 500 KiB it is renamed to FILE.1, that to \
        FILE.2 and so on; five are kept. The program then writes to a pipe, even if the launcher was \
        started on a terminal. One process more stays beside it.
        """),
    outputDirective(
      "output-stderr", summary: "Copy standard output and error to FILE", hasErrors: true,
      discussion:
        "As output. What the launcher itself says is copied as well, once the profile has been read."
    ),
    Directive(
      "appimage", in: .session, .commandLineOnly,
      summary: "The program is an AppImage, or a directory with its files",
      discussion: """
        One of type 2 is unpacked into memory by unsquashfs, confined, outside of the sandbox; a directory \
        must hold AppRun. Its files are shown read-only in the place of /srv, /media or /opt, the first that \
        no rule uses, and its AppRun is started with APPIMAGE, APPDIR, ARGV0 and OWD. private-bin and \
        private-lib do not hold for it, nogroups does, and the profile is the one with the longest name with \
        which the AppImage's own begins.
        """,
      example: "--appimage",
      record: { (recorder, _) throws(DirectiveError) in
        recorder.policy.appImage = recorder.origin
        recorder.policy.noGroups = recorder.policy.noGroups ?? recorder.origin
        recorder.askForView("appimage")
      }),
    flag(
      .unhideFirst, in: .session, .commandLineOnly, summary: "Show the names of the first process",
      discussion: "Else comm, cmdline, stat, statm and status of /proc/1 are hidden."),
  ]
  + notYet(
    in: .session, available: .commandLineOnly,
    [
      ("ids-init", .none, "Make a database of file checksums"),
      ("ids-check", .none, "Compare files with that database"),
    ])

private func outputDirective(
  _ name: String, summary: String, hasErrors: Bool, discussion: String
) -> Directive {
  Directive(
    name, .required("FILE"), in: .session, .commandLineOnly, summary: summary,
    discussion: discussion, example: "--\(name)=log.txt",
    record: { (recorder, argument) throws(DirectiveError) in
      recorder.options.output = Setting(
        OutputCopy(file: Path(argument), hasErrors: hasErrors), recorder.origin)
    })
}

/// What may be the name of a sandbox or of a host.
func checkName(_ argument: ArraySlice<UInt8>) throws(DirectiveError) {
  let isAlphanumeric = { (byte: UInt8?) in
    byte.map { $0 < 0x80 && (UnicodeScalar($0).properties.isAlphabetic || isDigit($0)) } ?? false
  }
  let isValid =
    argument.count <= 253 && isAlphanumeric(argument.first) && isAlphanumeric(argument.last)
    && argument.allSatisfy { isAlphanumeric($0) || "._-".utf8.contains($0) }
    && !argument.allSatisfy(isDigit)
  guard isValid else {
    throw DirectiveError(
      "\"\(displayed(argument))\" is no name",
      hint: "use letters, digits, and . _ - between them; not digits alone")
  }
}

private func isDigit(_ byte: UInt8) -> Bool {
  byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
}

let lookupDirectives: [Directive] = [
  Directive(
    "debug-syscalls", in: .lookups, .commandLineOnly,
    summary: "List the system calls of this machine by number",
    example: "--debug-syscalls", record: request(.systemCalls)),
  Directive(
    "debug-syscalls32", in: .lookups, .commandLineOnly,
    summary: "List the 32-bit system calls by number",
    example: "--debug-syscalls32", record: request(.systemCalls32)),
  Directive(
    "debug-syscall-groups", .optional("@GROUP,...|@all"), in: .lookups, .commandLineOnly,
    summary: "List the groups, or the members of these",
    example: "--debug-syscall-groups=@clock",
    record: { (recorder, argument) throws(DirectiveError) in
      let names = argument.split(separator: UInt8(ascii: ","))
        .map { String(decoding: $0, as: UTF8.self) }
      for name in names where name != "@all" && SyscallGroups.named(name) == nil {
        throw DirectiveError(
          "no group is called \"\(displayed(Array(name.utf8)))\"",
          hint: suggestion(for: name, in: SyscallGroups.all.map { $0.name }))
      }
      recorder.options.request = recorder.options.request ?? .groups(names)
    }),
  Directive(
    "debug-errnos", in: .lookups, .commandLineOnly,
    summary: "List the error numbers", example: "--debug-errnos", record: request(.errnos)),
  Directive(
    "debug-caps", in: .lookups, .commandLineOnly,
    summary: "List the capabilities", example: "--debug-caps", record: request(.capabilities)),
  Directive(
    "debug-protocols", in: .lookups, .commandLineOnly,
    summary: "List the socket families of protocol",
    example: "--debug-protocols", record: request(.protocols)),
]
