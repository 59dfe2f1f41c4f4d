internal import KernelTypes

let runningDirectives: [Directive] =
  [
    Directive(
      "list", in: .running, .commandLineOnly,
      summary: "List the running sandboxes",
      discussion: """
        One a line: PID:USER:NAME:COMMAND. PID is the launcher's; NAME is empty where none was given; \
        COMMAND is the launcher's command line. Sandboxes without a view (filter-only) leave no \
        process beside the program, and are not listed. With --json: one object a line.
        """,
      example: "--list", record: running(.list)),
    Directive(
      "tree", in: .running, .commandLineOnly,
      summary: "List the running sandboxes with their processes",
      example: "--tree", record: running(.tree)),
    Directive(
      "top", in: .running, .commandLineOnly,
      summary: "Watch what the running sandboxes use of processor and memory",
      discussion: """
        A line for each sandbox, all its processes together, every three seconds, the busiest first; any \
        key ends it. Where standard output is no terminal: once.
        """,
      example: "--top", record: running(.top)),
    Directive(
      "netstats", in: .running, .commandLineOnly,
      summary: "Watch the traffic of sandboxes with a network of their own",
      example: "--netstats", record: running(.netstats)),
    Directive(
      "shutdown", .required("NAME|PID,..."), in: .running, .commandLineOnly,
      summary: "End sandboxes; * stands for all of yours",
      discussion: """
        SIGTERM to the program, and after ten seconds SIGKILL; it comes back when all processes have \
        ended.
        """,
      example: "--shutdown=torrents",
      record: { (recorder, argument) throws(DirectiveError) in
        let words = argument.split(separator: UInt8(ascii: ",")).map(Array.init)
        try running(.shutdown(words))(&recorder, argument)
      }),
    join(
      "join", .everything, summary: "Run a program or a shell in a running one",
      discussion: """
        With the sandbox's namespaces, filter, capabilities, Landlock rules, limits, processors and \
        environment, and the caller's terminal and working directory, where that exists inside. Only \
        a sandbox of your own can be joined, and only as the version of the launcher that started it. \
        Options can't follow.
        """),
    join(
      "join-network", .network, summary: "Run a program with the network of a running sandbox",
      discussion: "As join, but it sees the host's files and processes."),
    join(
      "join-filesystem", .files, summary: "Run a program with the files of a running sandbox",
      discussion: "As join, but it has the host's network."),
    transfer(
      "ls", words: "PATH", summary: "List files of a running sandbox", RunningRequest.listFiles),
    transfer(
      "cat", words: "FILE", summary: "Print a file of a running sandbox", RunningRequest.printFile),
    transfer(
      "get", words: "FILE",
      summary: "Copy a file out of a running sandbox, to the working directory",
      RunningRequest.getFile),
    transfer(
      "put", words: "SOURCE TARGET", summary: "Copy a file into a running sandbox",
      RunningRequest.putFile),
  ]
  + PrintedState.allCases.map { state in
    Directive(
      state.rawValue + ".print", .required("NAME|PID"), in: .running, .commandLineOnly,
      summary: state.summary, example: "--\(state.rawValue).print=torrents",
      record: { (recorder, argument) throws(DirectiveError) in
        try running(.print(state, Array(argument)))(&recorder, argument)
      })
  }
  + notYet(
    in: .running, available: .commandLineOnly,
    [
      ("nettrace", .optional("NAME|PID"), "Watch connections"),
      ("dnstrace", .optional("NAME|PID"), "Watch name look-ups"),
      ("snitrace", .optional("NAME|PID"), "Watch TLS server names"),
      ("icmptrace", .optional("NAME|PID"), "Watch ICMP"),
    ]
      + ["net", "netfilter", "netfilter6"].map {
        ("\($0).print", .required("NAME|PID"), "Print the \($0) state of a sandbox")
      })

private func running(
  _ asked: RunningRequest
) -> @Sendable (inout Recorder, ArraySlice<UInt8>) throws(DirectiveError) -> Void {
  request(.running(asked))
}

private func join(
  _ name: String, _ part: JoinedPart, summary: String, discussion: String
) -> Directive {
  Directive(
    name, .required("NAME|PID"), in: .running, .commandLineOnly, summary: summary,
    discussion: discussion, example: "--\(name)=torrents",
    record: { (recorder, argument) throws(DirectiveError) in
      try running(.join(Array(argument), part))(&recorder, argument)
    })
}

private func transfer(
  _ name: String, words: String, summary: String,
  _ asked: @escaping @Sendable ([UInt8]) -> RunningRequest
) -> Directive {
  Directive(
    name, .required("NAME|PID"), in: .running, .commandLineOnly, summary: summary,
    discussion: """
      Followed by \(words): absolute, from ~ on, or from the working directory on; without a .. part. \
      It is reached with the caller's rights, as the sandbox sees it.
      """, example: "--\(name)=torrents",
    record: { (recorder, argument) throws(DirectiveError) in
      try running(asked(Array(argument)))(&recorder, argument)
    })
}
