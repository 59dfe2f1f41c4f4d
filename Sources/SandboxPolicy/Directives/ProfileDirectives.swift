internal import KernelTypes

/// The words that the profile reader itself carries out; see `ProfileReader`.
let profileDirectives: [Directive] = [
  Directive(
    "include", .required("FILE"), in: .profiles,
    summary: "Read another profile file at this place",
    discussion: """
      A bare name is looked up in the profile directories; a shipped file finds shipped ones before \
      Firejail's, and a file of Firejail's finds Firejail's first. An absolute path is read as it stands; \
      where a file of /etc/firejail does not exist, its name is looked up in the profile \
      directories. A missing file is an error, but one whose name ends in .local is skipped. A file \
      can't include itself, and includes nest at most 16 deep.
      """,
    example: "include disable-common.inc"),
  Directive(
    "ignore", .required("PREFIX"), in: .profiles,
    summary: "Skip later profile lines that begin with PREFIX",
    discussion: """
      PREFIX ends at a blank or at the end of the line: "ignore seccomp" skips "seccomp" and \
      "seccomp !chroot", but not "seccomp.drop". The text is compared as written, before macros are \
      replaced. At most 32 at a time. Only lines of profiles are skipped.
      """,
    example: "ignore noexec ${HOME}"),
  Directive(
    "quiet", in: .profiles,
    summary: "Print no warnings",
    discussion: "Errors are always printed.",
    example: "quiet",
    record: { (recorder, _) throws(DirectiveError) in
      recorder.policy.isQuiet = true
    }),
  Directive(
    "warn", .required("TEXT"), in: .profiles, .profileOnly,
    summary: "Print TEXT as a warning",
    example: "warn this program needs a sound server",
    record: { (recorder, text) throws(DirectiveError) in
      recorder.policy.warnings.append(
        PolicyError(recorder.origin, "", displayed(text)))
    }),
  Directive(
    "profile", .required("NAME|PATH"), in: .profiles, .commandLineOnly,
    summary: "Use this profile instead of the program's own",
    discussion: """
      A value that begins with /, ~/, ./ or ../ is a path; anything else is the name of a profile \
      in the profile directories, without its ending. May be given several times; the files are \
      read in their order. Options to its left act on what it reads.
      """,
    example: "--profile=transmission-gtk"),
  Directive(
    "noprofile", in: .profiles, .commandLineOnly,
    summary: "Use no profile at all",
    example: "--noprofile",
    record: { (recorder, _) throws(DirectiveError) in
      if recorder.options.hasProfile {
        throw DirectiveError("contradicts --profile")
      }
      recorder.options.usesNoProfile = recorder.origin
      recorder.raise(.keepConfigPulse)
    }),
]
