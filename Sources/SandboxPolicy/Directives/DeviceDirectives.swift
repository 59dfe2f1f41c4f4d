internal import KernelTypes

let deviceDirectives: [Directive] =
  [
    flag(
      .noSound, in: .devices, summary: "No sound",
      discussion: """
        Hides /dev/snd, the sockets of PulseAudio, PipeWire and JACK, and PulseAudio's files in the \
        home directory.
        """),
    flag(
      .no3D, in: .devices, summary: "No graphics acceleration",
      discussion: "Hides /dev/dri, /dev/kfd and /dev/nvidia*."),
    flag(.noDVD, in: .devices, summary: "No optical drives", discussion: "Hides /dev/sr*."),
    flag(.noTV, in: .devices, summary: "No television receivers", discussion: "Hides /dev/dvb."),
    flag(
      .noU2F, in: .devices, summary: "No security keys",
      discussion: "Hides /dev/hidraw* and /dev/usb."),
    flag(.noVideo, in: .devices, summary: "No cameras", discussion: "Hides /dev/video*."),
    flag(.noInput, in: .devices, summary: "No input devices", discussion: "Hides /dev/input."),
    flag(
      .noPrinters, in: .devices, summary: "No printers",
      discussion: "Hides /dev/lp* and the socket of CUPS, as by blacklist."),
    flag(
      .keepDevTpm, in: .devices, summary: "Leave the TPM usable",
      discussion: "Else /dev/tpm* and /dev/tcm* are hidden."),
    flag(
      .keepDevNtsync, in: .devices, summary: "Leave /dev/ntsync usable",
      discussion: "Else it is hidden."),
    flag(
      .machineID, in: .devices, summary: "A fresh random machine-id",
      discussion: "In /etc/machine-id and /var/lib/dbus/machine-id, another one at each start."),
  ]
  + [
    flag(
      .keepConfigPulse, in: .devices, summary: "Leave the configuration of PulseAudio as it is",
      discussion: """
        Else programs see a client.conf, the user's or that of /etc/pulse, with a last line that \
        switches shared memory off, because a sound server outside can't reach the sandbox's. \
        --noprofile implies it.
        """),
    oldSpelling(
      "noautopulse", in: .devices, of: "keep-config-pulse", "The old name of keep-config-pulse"
    ) { $0.raise(.keepConfigPulse) },
    oldSpelling(
      "notpm", in: .devices, of: "nothing: it is the default",
      "No TPM (always, without keep-dev-tpm)"),
  ]

/// A word of old profiles: accepted, with a warning that says what is written today.
func oldSpelling(
  _ name: String, in topic: Directive.Topic, of today: String, _ summary: String,
  record: @escaping @Sendable (inout Recorder) -> Void = { _ in }
) -> Directive {
  Directive(
    name, in: topic, summary: summary, discussion: "With a warning: it is an old spelling.",
    example: name,
    record: { (recorder, _) throws(DirectiveError) in
      recorder.warnOldSpelling(name, "write \(today)")
      record(&recorder)
    })
}
