internal import KernelTypes

/// Adds to a list of entries: names below the directory, patterns allowed.
private func recordList(
  _ list: PrivateList, allowsAbsolute: Bool = false
)
  -> @Sendable (
    inout Recorder, ArraySlice<UInt8>
  ) throws(DirectiveError) -> Void
{
  { (recorder, argument) throws(DirectiveError) in
    recorder.askForView(list.rawValue)
    var entries =
      recorder.policy.files.lists[list] ?? FilePolicy.List(origin: recorder.origin)
    for item in argument.split(separator: UInt8(ascii: ",")) {
      let isAbsolute = item.first == UInt8(ascii: "/")
      let isBad =
        (isAbsolute && !allowsAbsolute) || item.first == UInt8(ascii: "~")
        || Path(item).components.contains { $0.elementsEqual("..".utf8) }
        || item.contains { $0 < 0x20 || $0 == 0x7f }
      guard !isBad else {
        throw DirectiveError(
          "\"\(displayed(item))\" is no name of an entry", hint: "write names without the directory"
        )
      }
      entries.items.append(Array(item))
    }
    guard entries.items.count <= 4096 else { throw DirectiveError("has too many entries") }
    recorder.policy.files.lists[list] = entries
  }
}

let privateDirectives: [Directive] =
  [
    Directive(
      "private", .optional("DIRECTORY"), in: .privateFiles,
      summary: "An empty home directory, or this one",
      discussion: """
        Without DIRECTORY the home is empty and in memory: all changes are gone at the end. Shell \
        start-up files come from /etc/skel, and .Xauthority and .asoundrc are copied. With DIRECTORY, \
        which must be the caller's own, that directory appears as the home and keeps the changes. \
        whitelist lines for the home have no effect then.
        """,
      example: "private",
      record: { (recorder, argument) throws(DirectiveError) in
        recorder.askForView("private")
        guard !argument.isEmpty else { return recorder.set(nil, &recorder.policy.files.home) }
        let path = try PathArgument.path(argument, macros: recorder.macros)
        recorder.set(path, &recorder.policy.files.home)
      }),
    Directive(
      "private-bin", .required("LIST"), in: .privateFiles,
      summary: "Only these programs",
      discussion: """
        All directories of programs (/usr/bin, /usr/local/bin, /bin, /usr/sbin, /sbin, /usr/local/sbin, \
        /usr/games, /usr/local/games) show these alone. Names may be patterns, or paths into these \
        directories; the first hit counts, what links lead to within these directories comes along, \
        missing ones are skipped. The program itself must be in the list. Lists add up.
        """,
      example: "private-bin transmission-gtk,sh",
      record: recordList(.programs, allowsAbsolute: true)),
    Directive(
      "private-etc", .optional("LIST"), in: .privateFiles,
      summary: "Only these entries of /etc",
      discussion: """
        What nearly every program needs is always there: alternatives fonts gcrypt group ld.so.* \
        locale* localtime login.defs nsswitch.conf passwd selinux; without net none, hostname hosts \
        protocols resolv.conf; without nosound, alsa asound.conf machine-id pipewire pulse. Groups: \
        @games @network @sound @tls-ca @x11. Names may be patterns. It can't be had with writable-etc.
        """,
      example: "private-etc @tls-ca,mime.types", record: recordList(.configuration)),
    Directive(
      "private-opt", .required("LIST"), in: .privateFiles,
      summary: "Only these entries of /opt",
      discussion: "Shown, not copied. The name none, by convention, shows nothing.",
      example: "private-opt none", record: recordList(.optional)),
    Directive(
      "private-srv", .required("LIST"), in: .privateFiles,
      summary: "Only these entries of /srv",
      discussion: "As private-opt.", example: "private-srv none", record: recordList(.services)),
    Directive(
      "private-lib", .optional("LIST"), in: .privateFiles,
      summary: "Only the libraries that the programs need",
      discussion: """
        /lib, /lib64, /usr/lib and /usr/local/lib show the loader and the libraries that the program and \
        those of private-bin name, and what those name; name services and character sets; the \
        directory of the program if it lies there; and the entries of LIST, which may be patterns. What a \
        program loads by itself later (plug-ins) must be in LIST. Libraries of other architectures are \
        gone. Firejail has it switched off unless configured.
        """,
      example: "private-lib gdk-pixbuf-2.0,gio", record: recordList(.libraries)),
    flag(
      .privateTmp, in: .privateFiles, summary: "An empty /tmp",
      discussion: """
        In memory; of what was there the sockets of X servers (.X11-unix), sndio and pulse-* remain, \
        and the file that XAUTHORITY names. Further whitelist lines for /tmp add to it.
        """),
    flag(
      .privateCache, in: .privateFiles, summary: "An empty ~/.cache",
      discussion: "In memory, as by: tmpfs ${HOME}/.cache"),
    flag(
      .privateDev, in: .privateFiles, summary: "A /dev with the common devices only",
      discussion: """
        null zero full random urandom tty, pseudo-terminals of its own, an empty shm, and those of dri \
        kfd nvidia* snd video* dvb sr* hidraw* usb input that no line takes away (no3d, nosound and so \
        on). The names under /dev/pts of terminals that were open before are not there.
        """),
    Directive(
      "private-cwd", .optional("DIRECTORY"), in: .privateFiles,
      summary: "Start in DIRECTORY, or in the home directory",
      discussion: """
        DIRECTORY is a path inside, without symbolic links; where it is not there, nothing is started. \
        Without this line the program starts in the caller's directory where that is visible, else in \
        the home directory, else in /.
        """,
      example: "private-cwd ${HOME}",
      record: { (recorder, argument) throws(DirectiveError) in
        recorder.askForView("private-cwd")
        guard !argument.isEmpty else {
          return recorder.set(nil, &recorder.policy.files.workingDirectory)
        }
        let path = try PathArgument.path(argument, macros: recorder.macros)
        recorder.set(path, &recorder.policy.files.workingDirectory)
      }),
    flag(
      .keepDevShm, in: .privateFiles, summary: "Show the host's /dev/shm under private-dev",
      discussion: "Else it is empty there."),
    flag(
      .keepVarTmp, in: .privateFiles, summary: "Show the host's /var/tmp",
      discussion: "Else it is empty and in memory."),
    flag(
      .keepShellRc, in: .privateFiles,
      summary: "Don't put fresh shell start-up files into a private home",
      discussion: "Else those of /etc/skel are there."),
  ]
  + [
    Directive(
      "tab", in: .privateFiles,
      support: .noEffect("completion by the tab key is never switched off here"),
      summary: "Leave tab completion on in a private home (always so)", example: "tab"),
    Directive(
      "private-home", .required("LIST"), in: .privateFiles,
      support: .impossible(
        "Firejail dropped it, because copies went out of step with the files",
        instead: "use whitelist for each entry, with private-cache or tmpfs for the rest"),
      summary: "A home directory with copies of these entries"),
  ]
  + notYet(
    in: .privateFiles, available: .commandLineOnly,
    [
      ("debug-private-lib", .none, "Print what private-lib does")
    ])
