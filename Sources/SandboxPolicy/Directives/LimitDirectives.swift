internal import KernelTypes

private func number(_ text: ArraySlice<UInt8>) -> UInt64? {
  guard let first = text.first, first >= UInt8(ascii: "0"), first <= UInt8(ascii: "9") else {
    return nil
  }
  return UInt64(String(decoding: text, as: UTF8.self))
}

/// Bytes: digits with K, M or G (powers of 1024).
private func size(_ text: ArraySlice<UInt8>) -> UInt64? {
  let units: [UInt8: UInt64] = [
    UInt8(ascii: "k"): 1 << 10, UInt8(ascii: "m"): 1 << 20, UInt8(ascii: "g"): 1 << 30,
  ]
  guard let last = text.last, let unit = units[last | 0x20] else { return number(text) }
  guard let count = number(text.dropLast()) else { return nil }
  let (bytes, isTooLarge) = count.multipliedReportingOverflow(by: unit)
  return isTooLarge ? nil : bytes
}

private func limit(
  _ resource: Resource, _ placeholder: String, _ summary: String, example: String
) -> Directive {
  let isSize = resource == .addressSpace || resource == .fileSize
  return Directive(
    "rlimit-" + resource.rawValue, .required(placeholder), in: .limits, summary: summary,
    discussion: isSize ? "K, M and G stand for powers of 1024." : "",
    example: "rlimit-\(resource.rawValue) \(example)",
    record: { (recorder, argument) throws(DirectiveError) in
      guard let value = isSize ? size(argument) : number(argument), !isSize || value > 0 else {
        throw DirectiveError("\"\(displayed(argument))\" is no \(isSize ? "size" : "number")")
      }
      recorder.set(value, &recorder.policy.limits.resources[resource])
    })
}

let limitDirectives: [Directive] =
  [
    limit(.addressSpace, "BYTES[K|M|G]", "Limit the address space of each process", example: "2G"),
    limit(.processorTime, "SECONDS", "Limit the processor time of each process", example: "600"),
    limit(.fileSize, "BYTES[K|M|G]", "Limit the size of files that are written", example: "100M"),
    limit(.openFiles, "NUMBER", "Limit the open descriptors of each process", example: "1024"),
    limit(.processes, "NUMBER", "Limit the processes of this user", example: "200"),
    limit(.pendingSignals, "NUMBER", "Limit the pending signals of this user", example: "100"),
    Directive(
      "nice", .required("NUMBER"), in: .limits,
      summary: "Lower the priority by NUMBER",
      discussion: "From 0 to 19 for an ordinary user; negative numbers count as 0 then.",
      example: "nice 5",
      record: { (recorder, argument) throws(DirectiveError) in
        guard let value = Int32(String(decoding: argument, as: UTF8.self)), abs(value) <= 40 else {
          throw DirectiveError("\"\(displayed(argument))\" is no priority")
        }
        recorder.set(value, &recorder.policy.limits.nice)
      }),
    Directive(
      "cpu", .required("LIST"), in: .limits,
      summary: "Run on these processors only",
      discussion: "Numbers from 0, separated by commas. Lines add up.",
      example: "cpu 0",
      record: { (recorder, argument) throws(DirectiveError) in
        var processors: [Int] = []
        for part in argument.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
          guard let processor = number(part), processor < 1024 else {
            throw DirectiveError("\"\(displayed(part))\" is no processor")
          }
          processors.append(Int(processor))
        }
        let current = recorder.policy.limits.processors
        if let current, current.origin.isCommandLine == recorder.origin.isCommandLine {
          processors = current.value + processors.filter { !current.value.contains($0) }
        }
        recorder.set(processors, &recorder.policy.limits.processors)
      }),
    Directive(
      "timeout", .required("HH:MM:SS"), in: .limits,
      summary: "End the program after this time, with status 1",
      discussion: """
        All its processes get SIGTERM, and SIGKILL 100 ms later. The launcher stays to see to it, \
        so it can't go with filter-only.
        """,
      example: "timeout 01:30:00",
      record: { (recorder, argument) throws(DirectiveError) in
        let parts = argument.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        let values = parts.compactMap { $0.count <= 2 ? number($0) : nil }
        guard parts.count == 3, values.count == 3 else {
          throw DirectiveError("\"\(displayed(argument))\" is no time", hint: "write hh:mm:ss")
        }
        let seconds = Int(values[0] * 3600 + values[1] * 60 + values[2])
        guard seconds > 0 else { throw DirectiveError("the time is zero") }
        recorder.set(seconds, &recorder.policy.limits.timeout)
      }),
  ]
  + notYet(
    in: .limits, available: .commandLineOnly,
    [
      ("oom", .required("NUMBER"), "Adjust the score of the out-of-memory killer")
    ])
