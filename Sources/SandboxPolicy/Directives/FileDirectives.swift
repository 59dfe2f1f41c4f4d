internal import KernelTypes

private func recordPath(
  _ verb: PathRule.Verb
)
  -> @Sendable (
    inout Recorder, ArraySlice<UInt8>
  ) throws(DirectiveError) -> Void
{
  { (recorder, argument) throws(DirectiveError) in
    try PathArgument.forEachPath(argument, macros: recorder.macros, allowsGlob: true) {
      recorder.add(verb, $0)
    }
  }
}

/// A directive of one word that asks for, or lifts, a part of the view.
func flag(
  _ flag: ViewFlag, in topic: Directive.Topic,
  _ availability: Directive.Availability = .everywhere, summary: String, discussion: String
) -> Directive {
  Directive(
    flag.rawValue, in: topic, availability, summary: summary, discussion: discussion,
    example: availability == .commandLineOnly ? "--" + flag.rawValue : flag.rawValue,
    record: { (recorder, _) throws(DirectiveError) in recorder.raise(flag) })
}

private func recordWhitelist(
  isDropped: Bool = false, isReadOnly: Bool = false
)
  -> @Sendable (
    inout Recorder, ArraySlice<UInt8>
  ) throws(DirectiveError) -> Void
{
  { (recorder, argument) throws(DirectiveError) in
    var paths = try PathArgument.paths(
      argument, macros: recorder.macros, allowsGlob: !isDropped, allowsSearchPath: false)
    // A directory of the user's that is unknown here still makes the home private.
    if paths.isEmpty, !isDropped { paths = [recorder.macros.home.appending(argument).normalized] }
    for path in paths {
      recorder.policy.files.whitelists.append(
        WhitelistRule(path: path, isDropped: isDropped, origin: recorder.origin))
      if isReadOnly { recorder.add(.readOnly, path) }
    }
    if !isDropped { recorder.askForView("whitelist") }
  }
}

private func recordMade(
  _ kind: FileKind
)
  -> @Sendable (
    inout Recorder, ArraySlice<UInt8>
  ) throws(DirectiveError) -> Void
{
  { (recorder, argument) throws(DirectiveError) in
    let paths = try PathArgument.paths(
      argument, macros: recorder.macros, allowsGlob: false, allowsSearchPath: false)
    recorder.policy.files.made += paths.map {
      MadePath(path: $0, kind: kind, origin: recorder.origin)
    }
  }
}

let fileDirectives: [Directive] =
  [
    Directive(
      "blacklist", .required("PATH"), in: .files,
      summary: "Make a file or directory inaccessible",
      discussion: """
        Each existing path that matches is covered: opening, listing and running it fail with \
        EACCES. Symbolic links are followed, so what a link leads to is covered. An earlier \
        noblacklist with the same path lifts it. PATH may hold patterns (* ? [...]) and begin with a \
        macro. A path that does not exist is no error; by the command line and by a profile of \
        one's own it can't be made inside, by a file of a collection it can: see LIMITS OF PATH RULES in \
        sandbox(1).
        """,
      example: "blacklist ${HOME}/.ssh", record: recordPath(.blacklist)),
    Directive(
      "blacklist-nolog", .required("PATH"), in: .files, .profileOnly,
      summary: "blacklist, as some profiles spell it",
      discussion: "It differed in what was written to a log that is no more.",
      example: "blacklist-nolog /tmp/clipboard", record: recordPath(.blacklist)),
    Directive(
      "noblacklist", .required("PATH"), in: .files,
      summary: "Lift later blacklist lines for this path",
      discussion: """
        It must come before the blacklist line, and it compares text: a pattern matches the path that \
        the blacklist line produced, not what a link leads to and not what lies below it.
        """,
      example: "noblacklist ${HOME}/.ssh", record: recordPath(.noBlacklist)),
    Directive(
      "read-only", .required("PATH"), in: .files,
      summary: "Make a path and all below it read-only",
      discussion: "Writing fails with EROFS, in each file system mounted below PATH as well.",
      example: "read-only ${HOME}/.bashrc", record: recordPath(.readOnly)),
    Directive(
      "read-write", .required("PATH"), in: .files,
      summary: "Undo an earlier read-only for this path",
      discussion: """
        Lines act in their order, so it must follow the read-only line. A path that belongs to \
        somebody else stays as it is, with a warning.
        """,
      example: "read-write ${HOME}/.config/transmission", record: recordPath(.readWrite)),
    Directive(
      "noexec", .required("PATH"), in: .files,
      summary: "Let nothing below a path be executed",
      discussion: "Neither run nor mapped as code; set-user-ID bits and device files are void too.",
      example: "noexec ${HOME}", record: recordPath(.noExecute)),
    Directive(
      "tmpfs", .required("DIRECTORY"), in: .files,
      summary: "Put an empty file system in memory over a directory",
      discussion: """
          What was there can't be seen, what is written is gone at the end. The mode stays, and the \
        caller owns it. Firejail allows an ordinary user's own directories below the home only; here \
        any directory.
        """,
      example: "tmpfs ${HOME}/.cache", record: recordPath(.temporary)),
    Directive(
      "view-optional", in: .files, .profileOnly,
      summary: "Go on without the path rules that follow where a host forbids them",
      discussion: """
        Path rules need a mount namespace, and for an ordinary user a user namespace. Where the host \
        refuses those by a switch (user.max_user_namespaces, kernel.unprivileged_userns_clone, or \
        kernel.apparmor_restrict_unprivileged_userns), rules read after this line are left out with \
        a warning; the receipt lists them. Rules of the command line stay required. The shipped \
        default and server profiles say it, because nobody chose them by name. It has no effect \
        where user namespaces are allowed: there a failure is an error.
        """,
      example: "view-optional",
      record: { (recorder, _) throws(DirectiveError) in
        recorder.policy.files.optionalFrom = recorder.origin
      }),
    Directive(
      "filter-only", in: .files,
      summary: "Filters, capabilities and limits alone: no view, no extra process",
      discussion: """
        No namespace is made and the launcher becomes the program. For servers, for lists tried by \
        hand, and for hosts that refuse user namespaces. It gives up every path rule: a profile that \
        has one is refused with its line, because it asks for more. Without a user namespace, other \
        processes of the same user can be reached through /proc, as far as the kernel's own rules \
        for tracing (Yama) let them. The capability bounding set of an ordinary user stays as it \
        was, without meaning: no-new-privileges keeps it from being used.
        """,
      example: "filter-only",
      record: { (recorder, _) throws(DirectiveError) in
        recorder.policy.filterOnly = recorder.policy.filterOnly ?? recorder.origin
      }),
  ]
  + whitelistDirectives + otherFileDirectives + rootDirectives
  + landlockDirectives + listingDirectives

private let listingDirectives: [Directive] = [
  listing("debug-blacklists", "Print each path that is hidden, with its rule") {
    $0.listsHidden = true
  },
  listing("debug-whitelists", "Print each path that is shown in a private directory") {
    $0.listsShown = true
  },
]

private func listing(
  _ name: String, _ summary: String, record: @escaping @Sendable (inout LaunchOptions) -> Void
) -> Directive {
  Directive(
    name, in: .files, .commandLineOnly, summary: summary,
    discussion: "On standard error, before the program starts.",
    example: "--" + name,
    record: { (recorder, _) throws(DirectiveError) in record(&recorder.options) })
}

private let whitelistDirectives: [Directive] = [
  Directive(
    "whitelist", .required("PATH"), in: .files,
    summary: "Show this path and nothing else of its top-level directory",
    discussion: """
      The top-level directory of PATH becomes an empty file system in memory in which the paths of all \
      whitelist lines appear; what is written elsewhere in it is gone at the end. Top-level are the \
      home directory, /run/user/UID, /sys/module, each directory in /usr, and else the first part \
      of the path (/etc, /tmp, /var). A path that does not exist shows nothing and still makes the rest \
      private. A symbolic link is made again; what it leads to appears where it lies in the same \
      top-level directory. PATH may hold patterns, which are looked at last. All whitelist lines act \
      before the first blacklist line, so a blacklist below a whitelisted path holds.
      """,
    example: "whitelist ${HOME}/Downloads", record: recordWhitelist()),
  Directive(
    "nowhitelist", .required("PATH"), in: .files,
    summary: "Drop later whitelist lines for this path",
    discussion: "Compared is what both lead to. No patterns; what lies below PATH is not meant.",
    example: "nowhitelist ${HOME}/Downloads", record: recordWhitelist(isDropped: true)),
  Directive(
    "whitelist-ro", .required("PATH"), in: .files, .profileOnly,
    summary: "whitelist and read-only in one",
    discussion: "As the two lines with the same path.",
    example: "whitelist-ro ${HOME}/Documents", record: recordWhitelist(isReadOnly: true)),
]

private let otherFileDirectives: [Directive] = [
  Directive(
    "bind", .required("SOURCE,TARGET"), in: .files,
    summary: "Show SOURCE at TARGET",
    discussion: """
      Both must exist inside, as two files or two directories, without a symbolic link on the way. It \
      acts in its place among the blacklist and read-only lines. Firejail keeps it for root; here it \
      shows a user nothing that could not be opened anyway.
      """,
    example: "bind /srv/data,${HOME}/data",
    record: { (recorder, argument) throws(DirectiveError) in
      let parts = argument.split(
        separator: UInt8(ascii: ","), maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else {
        throw DirectiveError("needs two paths", hint: "write: bind SOURCE,TARGET")
      }
      let source = try PathArgument.path(parts[0], macros: recorder.macros)
      let target = try PathArgument.path(parts[1], macros: recorder.macros)
      recorder.add(.bind(source), target)
    }),
  Directive(
    "mkdir", .required("DIRECTORY"), in: .files,
    summary: "Create a directory of the user's if it is missing",
    discussion: """
      On the host and for good, with mode 0700, and the directories above it; below the home directory, \
      /tmp or /run/user/UID. It is there before any whitelist line looks for it. Through no symbolic \
      link that appears meanwhile.
      """,
    example: "mkdir ${HOME}/.config/transmission", record: recordMade(.directory)),
  Directive(
    "mkfile", .required("FILE"), in: .files,
    summary: "Create an empty file of the user's if it is missing",
    discussion: "As mkdir, with mode 0600.",
    example: "mkfile ${HOME}/.wgetrc", record: recordMade(.regular)),
  flag(
    .disableMnt, in: .files, summary: "Hide /mnt, /media, /run/mount and /run/media",
    discussion: "They are covered as by blacklist."),
  flag(
    .allUsers, in: .files, summary: "Show the home directories of other users",
    discussion: """
      Else /home and /run/user show the caller's own directory alone, and /etc/passwd and /etc/group \
      lose the lines of other people (numbers from 1000 on).
      """),
  flag(
    .writableEtc, in: .files, summary: "Leave /etc writable as far as its permissions go",
    discussion: "Else it is read-only, and nothing in it can be executed."),
  flag(
    .writableVar, in: .files, summary: "Leave /var writable as far as its permissions go",
    discussion: "Else it is read-only, and nothing in it can be executed."),
  flag(
    .writableVarLog, in: .files, summary: "Show the real /var/log",
    discussion: "Else it holds empty files and directories of the same names."),
  flag(
    .writableRunUser, in: .files, summary: "Show systemd's and gnupg's runtime directories",
    discussion: "Else /run/user/UID/systemd and /run/user/UID/gnupg are hidden."),
]
