internal import KernelTypes

let rootDirectives: [Directive] =
  [
    Directive(
      "chroot", .required("DIRECTORY"), in: .files, .commandLineOnly,
      summary: "Use DIRECTORY as the root of the file system",
      discussion: """
        The program and every path rule are looked up there. DIRECTORY must hold directories dev, proc \
        and sys: the first and last show the host's, and /proc is a new one. It may belong to the caller \
        (Firejail wants root's). The program starts in the home directory if that is there, else in /.
        """,
      example: "--chroot=/srv/debian",
      record: { (recorder, argument) throws(DirectiveError) in
        let path = try PathArgument.path(argument, macros: recorder.macros)
        recorder.askForView("chroot")
        recorder.set(path, &recorder.policy.files.root)
      }),
    Directive(
      "overlay-tmpfs", in: .files, .commandLineOnly,
      summary: "Discard changes in the home directory at the end",
      discussion: """
        The home directory shows what it holds, and changes go to a layer in memory (overlayfs). Elsewhere \
        an ordinary user can change little, and nothing is layered there; what is mounted below the home \
        does not show. Firejail layered the whole file system.
        """,
      example: "--overlay-tmpfs",
      record: { (recorder, _) throws(DirectiveError) in
        recorder.askForView("overlay-tmpfs")
        recorder.set(.inMemory, &recorder.policy.files.overlay)
      }),
    Directive(
      "overlay", in: .files, .commandLineOnly,
      summary: "Keep changes in the home directory in a new layer",
      discussion: """
        As overlay-tmpfs, but the changes are kept, in a directory of a random name in \
        ~/.local/share/sandbox/layers, which is named on standard error. The home itself stays as it is.
        """,
      example: "--overlay",
      record: { (recorder, _) throws(DirectiveError) in
        recorder.askForView("overlay")
        recorder.set(.kept(name: nil), &recorder.policy.files.overlay)
      }),
    Directive(
      "overlay-named", .required("NAME"), in: .files, .commandLineOnly,
      summary: "Keep changes in the home directory in the layer NAME",
      discussion: """
        In ~/.local/share/sandbox/layers/NAME, which is made if it is missing: the next start with the \
        same NAME finds the changes again. One sandbox at a time can use it.
        """,
      example: "--overlay-named=work",
      record: { (recorder, argument) throws(DirectiveError) in
        try checkName(argument)
        recorder.askForView("overlay-named")
        recorder.set(
          .kept(name: String(decoding: argument, as: UTF8.self)), &recorder.policy.files.overlay)
      }),
    Directive(
      "overlay-clean", in: .files, .commandLineOnly,
      summary: "Remove all kept layers",
      discussion: "All of ~/.local/share/sandbox/layers, and nothing is started.",
      example: "--overlay-clean",
      record: { (recorder, _) throws(DirectiveError) in
        recorder.options.request = recorder.options.request ?? .cleanLayers
      }),
  ]
