internal import KernelTypes

let displayDirectives: [Directive] =
  [
    Directive(
      "x11", .optional("none"), in: .display,
      summary: "No X server",
      discussion: """
        Hides the sockets and .Xauthority, and takes DISPLAY and XAUTHORITY out of the environment. An \
        abstract socket is kept out of reach by Landlock (version 6), or by net none. On an older kernel \
        the program is not started while there is such a socket; one that appears later can be reached. \
        A server of the sandbox's own is not supported yet.
        """,
      example: "x11 none",
      record: { (recorder, argument) throws(DirectiveError) in
        guard argument.elementsEqual("none".utf8) else {
          throw DirectiveError("a server of its own is not supported yet", hint: "write: x11 none")
        }
        recorder.raise(.x11None)
      })
  ]
  + notYet(
    in: .display,
    [
      ("xephyr-screen", .required("WIDTHxHEIGHT"), "Size of the Xephyr window")
    ])
  + notYet(
    in: .display, available: .commandLineOnly,
    [
      ("xephyr-extra-params", .required("TEXT"), "More options for Xephyr")
    ])
