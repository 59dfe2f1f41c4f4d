// Fuzzers TARGET [OPTION…] [FILE|DIRECTORY…]    libFuzzer's command line, after the name of a target
//
// Tests/Scripts/fuzz builds and runs it: without the trait Fuzzing it has nothing to do.
#if Fuzzing
  import Glibc
  import TestSupport

  @_silgen_name("LLVMFuzzerRunDriver")
  func runFuzzer(
    _ count: UnsafeMutablePointer<CInt>,
    _ words: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
  ) -> CInt

  nonisolated(unsafe) var target = FuzzTarget.profile

  guard CommandLine.arguments.count > 1,
    let named = FuzzTarget(rawValue: CommandLine.arguments[1])
  else {
    for target in FuzzTarget.allCases { print(target.rawValue) }
    exit(0)
  }
  target = named
  var words = CommandLine.unsafeArgv + 1
  var count = CommandLine.argc - 1
  exit(
    runFuzzer(&count, &words) { bytes, count in
      target.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
      return 0
    })
#endif
