internal import KernelTypes

/// What says something about a profile or a program, before, while or after it runs.
let watchDirectives: [Directive] = [
  Directive(
    "check", in: .watching, .commandLineOnly,
    summary: "Check profiles without running anything",
    discussion: """
      Each PROFILE, a name or a path, is read and planned as if its program were started (true, where \
      that is not installed). What would keep it from starting is an error: unknown words, names \
      and paths that can't work here. Rules that can never act are warnings: a noblacklist after \
      its blacklist, a whitelist under a blacklist, an ignore that skips nothing. Without PROFILE \
      all profiles of the search path are checked. The status is 0 where every one would start as \
      written. With --json: one object a line for each profile.
      """,
    example: "--check", record: request(.check)),
  Directive(
    "check-list", in: .watching, .commandLineOnly,
    summary: "What a keep list lacks: --check-list PROFILE [PROGRAM]",
    discussion: """
      The files of PROGRAM (else of the program that PROFILE is named after), of the programs in a \
      record of --build, and of all their libraries are read, and nothing is run: the functions \
      that they import from libc, and the calls in their own code, say which calls may be made. \
      Those that the seccomp.keep of PROFILE refuses are listed, the most usual first, with the file \
      and the function. The status is 1 where a program itself may make one of them.
      """,
    example: "--check-list", record: request(.checkList)),
  Directive(
    "plan", in: .watching, .commandLineOnly,
    summary: "Print what would be done, and by which rule",
    discussion: """
      First the policy, one rule a line, then the plan, one operation a line, in the order in which \
      the launcher would carry it out, each with its place. Nothing is started or changed. With \
      --json: one object.
      """,
    example: "--plan",
    record: { (recorder, _) throws(DirectiveError) in recorder.options.showsPlan = true }),
  Directive(
    "status", .optional("PID|NAME"), in: .watching, .commandLineOnly,
    summary: "Say how a process and those that it started are confined",
    discussion: """
      For each: its seccomp mode, filters, no-new-privileges, capabilities and the namespaces that are \
      not the caller's, as the kernel tells them; what it does not tell (Landlock, another user's \
      namespaces) is said. NAME means all processes of that name; without a value it is about the \
      caller's shell. With --json: one object a line.
      """,
    example: "--status=1",
    record: { (recorder, argument) throws(DirectiveError) in
      try request(.status(Array(argument)))(&recorder, argument)
    }),
  Directive(
    "doctor", in: .watching, .commandLineOnly,
    summary: "Try what this host allows; say the remedies",
    discussion: """
      Each is tried, not looked up: the actions of seccomp, user namespaces and the others, a /proc of \
      one's own, overlay file systems, Landlock, a control group of one's own; and the programs that \
      some directives use. The status is 1 where something is missing that profiles need. With --json: \
      one object a line.
      """,
    example: "--doctor", record: request(.doctor)),
  Directive(
    "debug-filter", in: .watching, .commandLineOnly,
    summary: "Print the verdict on each system call, and which rule gives it",
    discussion: """
      For each call of this machine's table, then of the 32-bit one: number, name, what it gets and \
      the rule's place. Where arguments decide, each case stands in a line of its own, and the first \
      that holds counts: arguments with their masks, as the filter compares them. Nothing is started. \
      With --json: one object a line.
      """,
    example: "--debug-filter",
    record: { (recorder, _) throws(DirectiveError) in recorder.options.showsFilter = true }),
  Directive(
    "export", .required("oci|systemd|bpf"), in: .watching, .commandLineOnly,
    summary: "Write a profile's policy in the words of another engine",
    discussion: """
      What follows is a program, whose profile is taken, or a file whose name ends in .profile. oci: \
      the seccomp object that container engines and Kubernetes read, with capabilities beside it. \
      systemd: lines for [Service]. bpf: the filter's bytes, for bwrap --seccomp. What could not \
      be carried over is said: in comments, or on standard error for bpf. See EXPORTING POLICIES in \
      sandbox(1).
      """,
    example: "--export=oci",
    record: { (recorder, argument) throws(DirectiveError) in
      let word = String(decoding: argument, as: UTF8.self)
      guard let format = LaunchOptions.ExportFormat(rawValue: word) else {
        throw DirectiveError(
          "\"\(displayed(argument))\" is no format", hint: "write oci, systemd or bpf")
      }
      try request(.export(format))(&recorder, argument)
    }),
  Directive(
    "explain", .optional("FILE"), in: .watching, .commandLineOnly,
    summary: "Say what is refused, why, and how to allow it",
    discussion: """
      The program runs as usual, under all of its rules. Each refusal is reported once, when it \
      happens, on standard error or in FILE: the rule's place, the program, the call with its \
      arguments, the answer, and the smallest edit that allows it, as a line for the .local file. At \
      the end all are listed: first those before which a process failed, then those that were \
      survived. With --json: one object a line, and one for the whole at the end. \
      See EXPLAINING REFUSALS in sandbox(1).
      """,
    example: "--explain",
    record: { (recorder, argument) throws(DirectiveError) in
      recorder.options.explains = Setting(Path(argument), recorder.origin)
    }),
  Directive(
    "build", .optional("FILE"), in: .watching, .commandLineOnly,
    summary: "Make a profile from a run, and prove it",
    discussion: """
      The program runs without a profile and without a list of calls, and is watched: each call and \
      in whose code it stands, socket families, files, programs, devices, capabilities, \
      namespaces, memory that is written and executed. When it ends, also by Ctrl-C, a profile is \
      written to FILE, or to standard output, and the program runs again under it with --explain. A \
      FILE that exists is extended, and so is the profile of a --profile that follows: what it says \
      stays, its lists grow. See BUILDING PROFILES in sandbox(1).
      """,
    example: "--build=new.profile",
    record: { (recorder, argument) throws(DirectiveError) in
      guard !recorder.options.hasProfile else {
        throw DirectiveError(
          "comes after --profile, which it is to extend", hint: "write it before --profile")
      }
      recorder.options.builds = Setting(Path(argument), recorder.origin)
    }),
  Directive(
    "build-exact", in: .watching, .commandLineOnly,
    summary: "With --build: list the calls that were made, and no others",
    discussion: "Else calls of the same use are added, at most half as many.",
    example: "--build-exact",
    record: { (recorder, _) throws(DirectiveError) in recorder.options.buildsExactly = true }),
  Directive(
    "build-unproven", in: .watching, .commandLineOnly,
    summary: "With --build: do not run the program a second time",
    example: "--build-unproven",
    record: { (recorder, _) throws(DirectiveError) in recorder.options.provesBuild = false }),
  Directive(
    "audit", in: .watching, .commandLineOnly,
    summary: "Try from inside what is left open",
    discussion: """
      PROGRAM is not started: the launcher takes its place, behind all of its rules, and tries. Each \
      dangerous call is really made, natively and by the 32-bit entry, with the filter and without, \
      each in a process of its own, so that what refuses it is known whatever the error action; \
      files are opened, sockets connected. An area where all is closed has an A; the more is open, the \
      nearer to D, with the lines that would close it. With --json: one array.
      """,
    example: "--audit",
    record: { (recorder, _) throws(DirectiveError) in recorder.options.audits = true }),
  Directive(
    "trace", .optional("FILE"), in: .watching, .commandLineOnly,
    summary: "Print what the program does, one line for each event",
    discussion: """
      PID:NAME:CALL(ARGUMENTS), on standard error or in FILE, for calls that name files and \
      addresses, start or end processes, make sockets, and send signals. Where a rule refuses one, \
      :ERRNO follows. The rules hold as usual; static programs are seen too.
      """,
    example: "--trace",
    record: { (recorder, argument) throws(DirectiveError) in
      recorder.options.traces = Setting(Path(argument), recorder.origin)
    }),
  Directive(
    "json", in: .watching, .commandLineOnly,
    summary: "Print --check, --plan, --list, --ls and the like for programs to read",
    example: "--json",
    record: { (recorder, _) throws(DirectiveError) in recorder.options.isJSON = true }),
]
