import TestSupport
import Testing

private let box = Installation.shared

@Suite(.enabled(if: hasUserNamespaces)) struct AppImages {
  /// An AppImage of type 2: a program that marks itself as one, and a squashfs behind it.
  private static let directory: String = {
    let directory = box.home + "/appimages"
    let run = """
      #!/bin/sh
      echo "$APPDIR $APPIMAGE $ARGV0 $OWD: $*"; "$APPDIR/usr/bin/tool"
      touch "$APPDIR/x" 2>/dev/null || echo read-only
      ls /mnt/appimage /media/appimage 2>/dev/null; cat ~/appimages/secret 2>/dev/null
      exit 4
      """
    box.file("appimages/App/AppRun", run, mode: 0o755)
    box.file("appimages/App/usr/bin/tool", "#!/bin/sh\necho tool\n", mode: 0o755)
    box.file("appimages/secret", "secret\n")
    box.file("appimages/runtime.c", "int main(void) { return 9; }\n")
    box.run([
      "sh", "-c",
      """
      cd ~/appimages && cc -static -o runtime runtime.c && mksquashfs App fs -quiet -noappend >/dev/null
      printf 'AI\\002' | dd of=runtime bs=1 seek=8 conv=notrunc status=none
      cat runtime fs >Tool-1.2.AppImage
      """,
    ])
    return directory
  }()

  @Test func `are unpacked, shown read-only and started`() {
    let file = Self.directory + "/Tool-1.2.AppImage"
    box.file(".config/sandbox/tool.profile", "blacklist ${HOME}/appimages/secret\n")
    // The longest name that its own begins with, whatever its case.
    let outcome = box.sandbox(["--appimage", file, "a b"])
    let directory = outcome.output.prefix { $0 != " " }
    #expect(
      outcome.status == 4
        && outcome.output
          == "\(directory) \(file) \(file) /: a b\ntool\nread-only\n",
      "\(outcome)")
    #expect(["/srv", "/media", "/opt"].contains(directory))
    box.run(["rm", box.home + "/.config/sandbox/tool.profile"])
    #expect(box.sandbox(["--noprofile", "--appimage", file]).output.hasSuffix("\nsecret\n"))
  }

  @Test func `that were unpacked already are started as they are`() {
    let outcome = box.sandbox(["--noprofile", "--appimage", Self.directory + "/App"])
    #expect(outcome.status == 4 && outcome.output.contains("\ntool\nread-only\n"), "\(outcome)")
  }

  @Test func `tell profiles that they are, and bring their own programs`() {
    box.file(
      "appimages/told.profile", "?HAS_APPIMAGE: env OWD=told\nprivate-bin sh\nprivate-lib\n")
    let options = ["--profile=\(Self.directory)/told.profile", "--appimage"]
    let outcome = box.sandbox(options + [Self.directory + "/App"])
    #expect(outcome.output.contains("\ntool\nread-only\n"), "\(outcome)")
  }

  @Test func `are refused where they can't be had`() {
    let launch = { (words: [String]) in box.sandbox(["--noprofile"] + words).errors }
    #expect(launch(["--appimage", "/bin/true"]).contains("is no AppImage of type 2"))
    #expect(launch(["--appimage", "/nosuch"]).contains("there is no such AppImage"))
    let file = Self.directory + "/Tool-1.2.AppImage"
    #expect(launch(["--filter-only", "--appimage", file]).contains("can't be enforced with"))
    // What unsquashfs refuses is not started.
    box.run([
      "sh", "-c",
      "cd ~/appimages; head -c $(($(stat -c %s runtime) + 200)) Tool-1.2.AppImage >Cut.AppImage",
    ])
    let outcome = box.sandbox(["--noprofile", "--appimage", Self.directory + "/Cut.AppImage"])
    #expect(outcome.status == 1 && outcome.output.isEmpty, "\(outcome)")
  }
}
