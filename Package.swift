// swift-tools-version: 6.2
import PackageDescription

/// Reveals what glibc hides from plain C (`unshare`, `O_PATH`, `MS_*`) to Swift's importer.
let gnu: [CSetting] = [.define("_GNU_SOURCE")]

/// Warnings are errors, and each unsafe expression is marked by the word `unsafe`.
let strict: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// Embedded Swift (swift.org/embedded) has no runtime to start: the launcher then starts a program in three
/// quarters of the time. Nothing else can be built with it. A variable, not a trait: the package manager
/// links for Embedded Swift what has the setting at all, whatever its condition.
let isEmbedded = Context.environment["SANDBOX_EMBEDDED"] == "yes"

/// The same for what the launcher is made of. Each function can be left out where nothing calls it.
let launched: [SwiftSetting] =
  strict
  + (isEmbedded
    ? [
      .enableExperimentalFeature("Embedded"), .unsafeFlags(["-Xfrontend", "-function-sections"]),
    ] : [])

/// The launcher is one static file: nothing of the host's can be preloaded into it.
let staticInRelease: [LinkerSetting] =
  [.unsafeFlags(["-static-executable", "-static-stdlib"], .when(configuration: .release))]
  + (isEmbedded ? [.unsafeFlags(["-use-ld=lld", "-Xlinker", "--gc-sections"])] : [])

let package = Package(
  name: "sandbox",
  products: [
    .executable(name: "sandbox", targets: ["Launcher"]),
    .library(name: "Seccomp", targets: ["Seccomp"]),
  ],
  traits: [
    .trait(name: "Fuzzing", description: "Gives the fuzzers the main loop of libFuzzer.")
  ],
  targets: [
    .systemLibrary(name: "CLibcap", pkgConfig: "libcap", providers: [.apt(["libcap-dev"])]),
    .systemLibrary(name: "CGlibc"),
    .target(name: "CKernel", cSettings: gnu),
    .target(name: "KernelTypes", swiftSettings: launched),
    .target(
      name: "KernelCalls", dependencies: ["KernelTypes", "CGlibc", "CKernel", "CLibcap"],
      cSettings: gnu, swiftSettings: launched),
    .target(
      name: "Seccomp", dependencies: ["KernelTypes", "KernelCalls"], cSettings: gnu,
      swiftSettings: strict),
    .target(name: "SandboxPolicy", dependencies: ["KernelTypes"], swiftSettings: launched),
    .target(
      name: "Enforcement", dependencies: ["KernelTypes", "KernelCalls", "SandboxPolicy"],
      cSettings: gnu, swiftSettings: launched),
    .executableTarget(
      name: "Launcher",
      dependencies: ["KernelTypes", "KernelCalls", "SandboxPolicy", "Enforcement"],
      cSettings: gnu, swiftSettings: launched, linkerSettings: staticInRelease),
    .executableTarget(
      name: "ReferenceTool", dependencies: ["KernelTypes", "KernelCalls", "SandboxPolicy"],
      cSettings: gnu, swiftSettings: strict),
    .executableTarget(name: "ExampleServer", dependencies: ["Seccomp"]),
    .systemLibrary(
      name: "CSeccomp", path: "Tests/CSeccomp", pkgConfig: "libseccomp",
      providers: [.apt(["libseccomp-dev"])]),
    .target(
      name: "TestSupport", dependencies: ["KernelTypes", "KernelCalls", "SandboxPolicy"],
      path: "Tests/TestSupport", cSettings: gnu, swiftSettings: [.treatAllWarnings(as: .error)]),
    .executableTarget(
      name: "Fuzzers", dependencies: ["TestSupport"], path: "Tests/Fuzzers",
      exclude: ["corpus"]),
    .testTarget(name: "KernelTypesTests", dependencies: ["KernelTypes", "TestSupport"]),
    .testTarget(
      name: "SandboxPolicyTests", dependencies: ["SandboxPolicy", "KernelTypes", "TestSupport"]),
    .testTarget(
      name: "KernelCallsTests", dependencies: ["KernelCalls", "SandboxPolicy", "TestSupport"],
      cSettings: gnu),
    .testTarget(
      name: "SeccompTests",
      dependencies: ["Seccomp", "CKernel", "KernelCalls", "KernelTypes", "TestSupport"],
      cSettings: gnu),
    .testTarget(
      name: "EnforcementTests",
      dependencies: ["KernelTypes", "KernelCalls", "SandboxPolicy", "TestSupport", "CSeccomp"],
      exclude: ["Fixtures"]),
  ],
  swiftLanguageModes: [.v6]
)
