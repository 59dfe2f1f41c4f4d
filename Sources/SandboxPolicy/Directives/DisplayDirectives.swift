internal import KernelTypes

let displayDirectives: [Directive] = [
  Directive(
    "x11", .optional("none|xvfb|xephyr|xorg"), in: .display,
    summary: "No X server, one of the sandbox's own, or untrusted access",
    discussion: """
      none hides the sockets and .Xauthority, and takes DISPLAY and XAUTHORITY out of the environment. \
      xvfb starts a server without a screen, xephyr one that shows itself in a window of the present \
      display; both run outside, confined themselves, end with the sandbox, and are display :100 inside. \
      Without a value: xephyr. xorg stays with the present server, by a cookie that its SECURITY \
      extension does not trust: no reading of other windows, of keys or of the clipboard of trusted ones. \
      An abstract socket of the present server is kept out of reach by Landlock (version 6), or by net \
      none; not for xorg, which needs it. On an older kernel the program is not started while there is \
      such a socket; one that appears later can be reached.
      """,
    example: "x11 none",
    record: { (recorder, argument) throws(DirectiveError) in
      let word = argument.isEmpty ? "xephyr" : String(decoding: argument, as: UTF8.self)
      if word == "none" { return recorder.raise(.x11None) }
      guard let server = DisplayServer(rawValue: word) else {
        throw DirectiveError(
          "\"\(displayed(argument))\" is no way to have a display",
          hint: "write none, xvfb, xephyr or xorg")
      }
      recorder.askForView("x11")
      recorder.set(server, &recorder.policy.display.server)
    }),
  Directive(
    "xephyr-screen", .required("WIDTHxHEIGHT"), in: .display,
    summary: "Size of the screen of xephyr and xvfb",
    discussion: "In pixels; 1024x768 where nothing is said (Firejail: 800x600).",
    example: "xephyr-screen 1280x800",
    record: { (recorder, argument) throws(DirectiveError) in
      let parts = argument.split(separator: UInt8(ascii: "x"), omittingEmptySubsequences: false)
      let numbers = parts.compactMap { UInt16(String(decoding: $0, as: UTF8.self)) }
      guard parts.count == 2, numbers.count == 2, !numbers.contains(0) else {
        throw DirectiveError("\"\(displayed(argument))\" is no size", hint: "write 1024x768")
      }
      recorder.set(String(decoding: argument, as: UTF8.self), &recorder.policy.display.screen)
    }),
  Directive(
    "xephyr-extra-params", .required("WORDS"), in: .display, .commandLineOnly,
    summary: "More words for the command line of Xephyr",
    discussion: "Separated by blanks, without quoting.",
    example: "--xephyr-extra-params=-grayscale",
    record: { (recorder, argument) throws(DirectiveError) in
      let words = argument.split(separator: UInt8(ascii: " ")).map(Array.init)
      recorder.set(words, &recorder.policy.display.moreWords)
    }),
]
