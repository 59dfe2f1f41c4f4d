internal import KernelTypes

private func recordPath(
  _ verb: PathRule.Verb
)
  -> @Sendable (
    inout Recorder, ArraySlice<UInt8>
  ) throws(DirectiveError) -> Void
{
  { (recorder, argument) throws(DirectiveError) in
    let paths = try PathArgument.paths(argument, macros: recorder.macros, allowsGlob: true)
    let isOptional =
      recorder.policy.files.optionalFrom != nil && !recorder.origin.isCommandLine
    recorder.policy.files.rules += paths.map {
      PathRule(verb, $0.normalized, recorder.origin, isOptional: isOptional)
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
        macro. A path that does not exist is no error and is not covered when it is made later.
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
  + notYet(
    in: .files,
    [
      (
        "whitelist", .required("PATH"), "Show this path and nothing else of its top-level directory"
      ),
      ("nowhitelist", .required("PATH"), "Drop later whitelist lines for this path"),
      ("bind", .required("SOURCE,TARGET"), "Show SOURCE at TARGET"),
      ("mkdir", .required("DIRECTORY"), "Create a directory of the user's if it is missing"),
      ("mkfile", .required("FILE"), "Create an empty file of the user's if it is missing"),
      ("disable-mnt", .none, "Hide /mnt, /media, /run/mount and /run/media"),
      ("allusers", .none, "Show the home directories of other users"),
      ("writable-etc", .none, "Leave /etc writable as far as its permissions go"),
      ("writable-var", .none, "Leave /var writable as far as its permissions go"),
      ("writable-var-log", .none, "Show the real /var/log"),
      ("writable-run-user", .none, "Show systemd's and gnupg's runtime directories"),
      ("landlock.enforce", .none, "Put the collected landlock rules into force"),
      ("landlock.fs.read", .required("PATH"), "Landlock: allow reading below PATH"),
      ("landlock.fs.write", .required("PATH"), "Landlock: allow writing below PATH"),
      ("landlock.fs.execute", .required("PATH"), "Landlock: allow executing below PATH"),
      (
        "landlock.fs.makeipc", .required("PATH"),
        "Landlock: allow making pipes and sockets below PATH"
      ),
      ("landlock.fs.makedev", .required("PATH"), "Landlock: allow making device files below PATH"),
    ])
  + notYet(
    in: .files, available: .profileOnly,
    [
      ("whitelist-ro", .required("PATH"), "whitelist and read-only in one")
    ])
  + notYet(
    in: .files, available: .commandLineOnly,
    [
      ("chroot", .required("DIRECTORY"), "Use DIRECTORY as the root of the file system"),
      ("overlay", .none, "Keep changes in a layer stored in the home directory"),
      ("overlay-named", .required("NAME"), "Keep changes in a layer called NAME"),
      ("overlay-tmpfs", .none, "Discard changes at the end"),
      ("overlay-clean", .none, "Remove stored layers"),
      ("debug-blacklists", .none, "Print each hidden path"),
      ("debug-whitelists", .none, "Print each shown path"),
    ])

/// Words of the language whose enforcement is still to come: known, refused by name.
func notYet(
  in topic: Directive.Topic, available availability: Directive.Availability = .everywhere,
  _ words: [(name: String, argument: Directive.Argument, summary: String)]
) -> [Directive] {
  words.map {
    Directive(
      $0.name, $0.argument, in: topic, availability, support: .notYet, summary: $0.summary)
  }
}

let privateDirectives: [Directive] =
  notYet(
    in: .privateFiles,
    [
      ("private", .optional("DIRECTORY"), "An empty home directory, or DIRECTORY as the home"),
      ("private-home", .required("LIST"), "A home directory with copies of these entries"),
      ("private-bin", .required("LIST"), "Only these programs"),
      ("private-lib", .optional("LIST"), "Only the libraries that the programs need"),
      ("private-etc", .optional("LIST"), "Only these entries of /etc"),
      ("private-opt", .required("LIST"), "Only these entries of /opt"),
      ("private-srv", .required("LIST"), "Only these entries of /srv"),
      ("private-tmp", .none, "An empty /tmp"),
      ("private-cache", .none, "An empty ~/.cache"),
      ("private-dev", .none, "A /dev with the common pseudo devices only"),
      ("private-cwd", .optional("DIRECTORY"), "Start in DIRECTORY, or in the home directory"),
      ("keep-dev-shm", .none, "Show the host's /dev/shm under private-dev"),
      ("keep-var-tmp", .none, "Show the host's /var/tmp"),
      ("keep-shell-rc", .none, "Don't put fresh shell start-up files into a private home"),
      ("tab", .none, "Leave tab completion on in a private home"),
    ])
  + notYet(
    in: .privateFiles, available: .commandLineOnly,
    [
      ("debug-private-lib", .none, "Print what private-lib does")
    ])
