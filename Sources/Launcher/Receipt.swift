internal import Enforcement
internal import KernelCalls
internal import KernelTypes
internal import SandboxPolicy

/// The receipt as JSON: what was measured, and what was optional and missing.
struct Receipt {
  let policy: Policy
  let plan: Plan
  let profiles: [Path]
  let program: FilterProgram

  func text(for measured: Measurement?) -> String {
    guard let measured else { return "{\"started\":false}\n" }
    let object: JSON = .object([
      ("started", .bool(true)),
      ("version", .string(Version.number)),
      ("pid", .number(Int(measured.pid))),
      ("program", .string(measured.status["Name"] ?? "")),
      ("name", policy.name.map { .string($0.value) } ?? .null),
      ("profiles", .array(profiles.map { .string($0.description) })),
      ("layers", .array(layers(measured).map { .string($0) })),
      ("namespaces", .array(measured.newNamespaces.map { .string($0) })),
      ("uid", .string(measured.status["Uid"] ?? "")),
      ("gid", .string(measured.status["Gid"] ?? "")),
      ("groups", .string(measured.status["Groups"] ?? "")),
      ("capabilities", capabilities(measured)),
      ("noNewPrivileges", .bool(measured.status["NoNewPrivs"] == "1")),
      ("seccomp", seccomp(measured)),
      ("mounts", .array(measured.mounts.map(mount))),
      (
        "limits",
        .object(measured.limits.map { ($0.name, .array([.string($0.soft), .string($0.hard)])) })
      ),
      ("processors", .string(measured.status["Cpus_allowed_list"] ?? "")),
      ("missing", .array(plan.missing.map { .string($0.line) })),
      (
        "withoutEffect",
        .array(
          policy.notes.map { note in
            .string("\(note.origin): \(note.directive): \(note.reason)")
          })
      ),
    ])
    return object.text + "\n"
  }

  private func layers(_ measured: Measurement) -> [String] {
    let sets = ["CapInh", "CapPrm", "CapEff", "CapAmb"]
    let isWithoutCapabilities = sets.allSatisfy {
      UInt64(measured.status[$0] ?? "", radix: 16) == 0
    }
    return [
      (measured.newNamespaces.contains("mnt"), "mounts"),
      (measured.newNamespaces.contains("user"), "user namespace"),
      (isWithoutCapabilities, "no capabilities"),
      (measured.status["NoNewPrivs"] == "1", "no new privileges"),
      (measured.status["Seccomp"] == "2", "seccomp"),
    ].filter { $0.0 }.map { $0.1 }
  }

  private func capabilities(_ measured: Measurement) -> JSON {
    .object(
      [
        ("inheritable", "CapInh"), ("permitted", "CapPrm"), ("effective", "CapEff"),
        ("bounding", "CapBnd"), ("ambient", "CapAmb"),
      ].map { ($0.0, .string(measured.status[$0.1] ?? "")) })
  }

  private func seccomp(_ measured: Measurement) -> JSON {
    .object([
      ("mode", .number(Int(measured.status["Seccomp"] ?? "") ?? -1)),
      ("filters", .number(Int(measured.status["Seccomp_filters"] ?? "") ?? -1)),
      ("instructions", .number(measured.filterLength ?? program.instructions.count)),
      ("lengthIsReadBack", .bool(measured.filterLength != nil)),
      ("actions", .array(program.returnValues.map { .string(Self.name(ofReturn: $0)) })),
    ])
  }

  private static func name(ofReturn value: UInt32) -> String {
    switch value & 0xffff_0000 {
    case 0x7fff_0000: "allow"
    case 0x7ffc_0000: "log"
    case 0x0005_0000: "errno " + Errno(Int32(value & 0xffff)).name
    case 0x0003_0000: "trap"
    case 0x8000_0000: "kill process"
    case 0x7fc0_0000: "ask"
    default: "0x" + String(value, radix: 16)
    }
  }

  private func mount(_ mount: Measurement.Mount) -> JSON {
    let isAttachment = plan.steps.contains {
      if case .prepareCovers(mount.path, isTemporary: false, _) = $0.operation {
        true
      } else {
        false
      }
    }
    return .object([
      ("path", .string(mount.path.description)),
      ("hidden", .bool(mount.isCover || isAttachment)),
      ("type", .string(mount.type)),
      ("options", .array(mount.options.split(separator: ",").map { .string(String($0)) })),
    ])
  }
}
