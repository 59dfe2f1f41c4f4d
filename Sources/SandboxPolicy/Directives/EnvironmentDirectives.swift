internal import KernelTypes

let environmentDirectives: [Directive] = [
  Directive(
    "env", .required("NAME=VALUE"), in: .environment,
    summary: "Set an environment variable",
    discussion: "Lines act in their order, with rmenv; those of the command line come last.",
    example: "env QT_X11_NO_MITSHM=1",
    record: { (recorder, argument) throws(DirectiveError) in
      guard let equals = argument.firstIndex(of: UInt8(ascii: "=")), equals > argument.startIndex
      else { throw DirectiveError("\"\(displayed(argument))\" is not NAME=VALUE") }
      recorder.policy.environment.edits.append(
        Setting(
          .set(name: Array(argument[..<equals]), value: Array(argument[(equals + 1)...])),
          recorder.origin))
    }),
  Directive(
    "rmenv", .required("NAME"), in: .environment,
    summary: "Remove an environment variable",
    example: "rmenv SSH_AUTH_SOCK",
    record: { (recorder, argument) throws(DirectiveError) in
      recorder.policy.environment.edits.append(
        Setting(.remove(name: Array(argument)), recorder.origin))
    }),
  Directive(
    "keep-fd", .required("all|LIST"), in: .environment,
    summary: "Let the program inherit these descriptors above 2",
    discussion: "All others above 2 are closed. Lists add up; -number removes.",
    example: "keep-fd 3,4",
    record: { (recorder, argument) throws(DirectiveError) in
      if argument.elementsEqual("all".utf8) {
        recorder.policy.descriptors.keepsAll = recorder.origin
        return
      }
      try recorder.policy.descriptors.kept.edit(argument, origin: recorder.origin) {
        (item) throws(DirectiveError) in
        guard let number = Int32(item), number > 2 else {
          throw DirectiveError(
            "\"\(displayed(Array(item.utf8)))\" is no descriptor above 2")
        }
      }
    }),
]
