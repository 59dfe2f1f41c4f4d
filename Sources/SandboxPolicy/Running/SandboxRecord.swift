package import KernelTypes

/// What a running sandbox says of itself: enough to run another program in it, as confined as the
/// first.
///
/// The launcher holds it as a sealed file in memory as long as the sandbox lives, so there is no
/// directory of state that could be forged, go stale or be left behind.
package struct SandboxRecord: Hashable, Sendable {
  /// The name of the file in memory.
  package static let fileName = "sandbox-record"

  /// The launcher's process, and the first one inside, as numbered outside.
  package let launcher: Int32
  package let first: Int32
  package let name: String?
  /// The first profile that was read.
  package let profile: Path?
  /// The socket families that are left, as `protocol` names them; nil where all are.
  package let protocols: [String]?
  /// The namespaces that the sandbox has of its own.
  package let namespaces: Namespaces
  /// Whether its root is another directory of the host's (`chroot`).
  package let hasRoot: Bool
  package let environment: [[UInt8]]
  /// What holds for a program, in order: the steps of its plan that make no part of the view.
  package let steps: [Step]
  /// The filter without a launch key, as `struct sock_filter` has it in memory.
  package let filter: [UInt8]
  /// Why no other program can be as confined as the first; nil where one can.
  package let refusal: String?

  package init(
    launcher: Int32, first: Int32, name: String?, profile: Path?, protocols: [String]?,
    namespaces: Namespaces, hasRoot: Bool, environment: [[UInt8]], steps: [Step], filter: [UInt8],
    refusal: String?
  ) {
    self.launcher = launcher
    self.first = first
    self.name = name
    self.profile = profile
    self.protocols = protocols
    self.namespaces = namespaces
    self.hasRoot = hasRoot
    self.environment = environment
    self.steps = steps
    self.filter = filter
    self.refusal = refusal
  }

  /// - Parameter filter: what the plan's filter was compiled to, without a launch key.
  package init(
    _ plan: Plan, _ policy: Policy, profile: Path?, filter: [UInt8], launcher: Int32, first: Int32
  ) {
    var hasRoot = false
    var environment: [[UInt8]] = []
    var steps: [Step] = []
    for step in plan.steps {
      switch step.operation {
      case .enterRoot: hasRoot = true
      case .execute(_, _, let variables): environment = variables
      default: if step.operation.holdsForEachProgram { steps.append(step) }
      }
    }
    let families = policy.syscalls.protocols
    self.init(
      launcher: launcher, first: first, name: policy.name?.value, profile: profile,
      protocols: families.origin == nil ? nil : families.items,
      namespaces: Plan.namespaces(of: plan.steps),
      hasRoot: hasRoot, environment: environment, steps: steps, filter: filter,
      refusal: plan.secondPhase.map {
        "its filter has two phases (\($0.origin)), and only its launcher knows which is in force"
      })
  }

  /// The steps of a program that is to join, in the order of `Planner`.
  ///
  /// - Parameters:
  ///   - environment: the sandbox's own, or a changed one.
  ///   - directories: the working directory is the first of these that can be entered.
  ///   - command: the words, the first of them the program's name.
  package func steps(
    running program: Path, _ command: Command, environment: [[UInt8]], in directories: [Path]
  ) -> [Step] {
    let origin = Origin.argument("--join")
    var joined: [Step] = []
    for step in steps {
      joined.append(step)
      if case .setNoNewPrivileges = step.operation {
        joined.append(Step(.changeDirectory(directories), origin))
      }
    }
    let none = SyscallFilter(architectures: [], foreign: .killProcess)
    return joined + [
      Step(.closeDescriptors(except: []), origin), Step(.installFilter(none), origin),
      Step(
        .execute(
          program, arguments: [command.program] + command.arguments, environment: environment),
        origin),
    ]
  }
}

extension Operation {
  /// Whether it confines the program rather than making its view, its descriptors or itself.
  var holdsForEachProgram: Bool {
    switch self {
    case .restrictItself, .confineByAppArmor, .dropGroups, .setProcessors, .setNice,
      .dropCapabilities, .setLimit, .setNoNewPrivileges:
      true
    case .makeHostDirectory, .makeHostFile, .lendHostDirectories, .openExchange, .startService,
      .closeExchange, .enterNamespaces, .awaitLoan, .checkProcess, .enterRoot, .openLayer, .overlay,
      .mountProcess, .mountTerminals, .mountSystem, .prepareCovers, .releaseCovers, .cover,
      .coverLink, .showOnLink, .coverByText, .setMountFlags, .replace, .seal, .show, .bind,
      .makeDirectory, .makeLink, .makeFile, .copyFile, .setHostName, .bringUpLoopback, .stayAsInit,
      .changeDirectory, .closeDescriptors, .installFilter, .execute:
      false
    }
  }
}
