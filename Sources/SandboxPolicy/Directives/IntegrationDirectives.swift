let integrationDirectives: [Directive] = [
  Directive(
    "integrate", in: .integration, .commandLineOnly,
    summary: "Sandbox programs in menus and by their names",
    discussion: """
      Followed by programs; without any, all that have a menu entry and a profile, and all for which \
      you have a profile of your own. For each a link in ~/.local/bin, and copies of its desktop \
      entries and D-Bus service files in ~/.local/share that start the link. No file of anybody \
      else is touched. ~/.local/bin has to come first in PATH for names that are typed.
      """,
    example: "--integrate", record: request(.integrate)),
  Directive(
    "disintegrate", in: .integration, .commandLineOnly,
    summary: "Take away what integrate made",
    discussion:
      "Followed by programs; without any, all of it, with the directories that were missing.",
    example: "--disintegrate", record: request(.disintegrate)),
  Directive(
    "dry-run", in: .integration, .commandLineOnly,
    summary: "Let integrate and disintegrate say what they would do, and do nothing",
    example: "--dry-run",
    record: { (recorder, _) throws(DirectiveError) in recorder.options.isDryRun = true }),
]
