internal import KernelTypes

let landlockDirectives: [Directive] =
  [
    Directive(
      "landlock.enforce", in: .files,
      summary: "Refuse all use of files but what landlock.fs lines allow",
      discussion: """
        By Landlock, in the kernel, for the program and all that it starts, beside the rules about \
        paths. Reading, writing, executing, making and removing are each refused where no line allows \
        them, the program's own file and libraries included. Without any landlock.fs line it has no \
        effect, with a warning. Needs no namespace. A kernel without Landlock refuses the start.
        """,
      example: "landlock.enforce",
      record: { (recorder, _) throws(DirectiveError) in
        recorder.policy.landlock.enforced = recorder.policy.landlock.enforced ?? recorder.origin
      })
  ]
  + [
    ("read", FileRights.read, "reading files and listing directories"),
    ("write", .write, "writing, making and removing files"),
    ("execute", .execute, "executing files"),
    ("makeipc", .makeIPC, "making sockets and named pipes"),
    ("makedev", .makeDevices, "making device files"),
  ].map { (word, rights, what) in
    Directive(
      "landlock.fs." + word, .required("PATH"), in: .files,
      summary: "Under landlock.enforce, allow \(what)",
      discussion:
        "Beneath PATH, which may begin with a macro. A path that does not exist is skipped.",
      example: "landlock.fs.\(word) ${HOME}/Documents",
      record: { (recorder, argument) throws(DirectiveError) in
        let paths = try PathArgument.paths(argument, macros: recorder.macros, allowsGlob: false)
        recorder.policy.landlock.rules += paths.map {
          LandlockPolicy.Rule(path: $0, rights: rights, origin: recorder.origin)
        }
      })
  }
