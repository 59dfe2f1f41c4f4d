/// What sandbox(1) says of runs that are watched.
enum ManualWatching {
  static let auditing = #"""
    .SH AUDITING A SANDBOX
    .B sandbox \-\-audit PROGRAM
    sets up all that PROGRAM's profile asks for and looks at it from inside, in the program's place. It
    believes nothing but outcomes: each dangerous call is made with the filter and without, natively
    and by the 32-bit entry, and counts as closed where the filter changes what comes of it, or where
    the kernel refuses it for want of a right; files are opened, a file without a name is made where
    something might be written, sockets are connected. Nothing is changed.
    .PP
    An area with an A has nothing open. B, C and D have a quarter, half and more of what makes it as
    good as no sandbox. Below stands what would close it. Access to a network, a display or a bus may be
    what the program is for: the grades are facts, not advice.
    """#

  static let building = #"""
    .SH BUILDING PROFILES
    .B sandbox \-\-build=FILE PROGRAM
    runs the program under the base restrictions and the options of the command line, without a
    profile and without a list of calls, and asks the kernel to report every call
    (seccomp_unotify(2)). Use the program as it will be used. When it ends, or at Ctrl\-C, FILE gets
    a profile:
    .IP \(bu 2
    .B seccomp.keep
    with the calls that were made, and others of the same use: how a program ends and aborts, what
    the functions that its programs and their libraries import from libc may call, older and newer
    twins. At most half as many are added; a comment names them;
    .B \-\-build\-exact
    adds none. Calls for which libc has an older one need not be listed;
    .IP \(bu 2
    .B protocol
    and
    .BR "net none" ,
    .BR memory\-deny\-write\-execute ,
    .BR restrict\-namespaces ,
    .B seccomp.block\-secondary
    and the words for devices, each where the run did without;
    .IP \(bu 2
    .BR whitelist ,
    .BR private\-bin ,
    .BR private\-etc ,
    .BR private\-dev ,
    .B private\-tmp
    with what was used and exists, gathered to directories: ~/.config/NAME, ~/.NAME,
    /usr/share/NAME. A directory of the home that was written is made beforehand
    .RB ( mkdir );
    .IP \(bu 2
    the disable\-*.inc files, with a
    .B noblacklist
    for what of it the program needs, and
    .B dbus\-user none
    where no bus was used; for one that was,
    .B dbus\-user filter
    with the names that were talked to, looked for or owned.
    .PP
    Behind the profile stands its record, in comments that begin with "#:": each call with its number
    and the files in whose code it stood, paths, programs, families. The next
    .B \-\-build
    of the same FILE goes on from there: counts add up, lists grow, a restriction that no longer
    fits goes, and lines that were added by hand stay. With
    .BI \-\-profile= OLD
    behind it, an existing profile is extended the same way: its lines stay, its lists grow, and the
    calls that its list lacked are named.
    .PP
    Then the program runs a second time, under what was written, with
    .BR \-\-explain ;
    .B \-\-build\-unproven
    leaves that out. A learning run is as open as the base restrictions: use
    .B \-\-private
    and the like with it for a program that is not trusted at all.
    """#

  static let explaining = #"""
    .SH EXPLAINING REFUSALS
    .B \-\-explain
    runs the program under its rules and names each refusal: the rule with its file and line, the
    program and its process number, the call with its arguments as they were when it was made, the
    answer, and the lines that allow it, for the
    .I .local
    file of the profile, which is read before the profile's own lines.
    .PP
    System calls that the filter refuses are answered by the launcher instead, by the very rules that
    the filter is made of (seccomp_unotify(2)). For calls that name a path, an address or a right,
    the launcher looks at what the program's view has there, says what will come of it, and lets the
    kernel carry out the call, which decides. So no more is allowed than without it. When
    the launcher dies, the program dies with it, and a call that waits fails.
    .PP
    Refusals before which a process ended with an error come first in the list at the end. Calls that
    libc tries before an older one
    .RB ( clone3 ,
    .B openat2
    and so on, answered by ENOSYS) are listed last and not reported at once.
    .PP
    What a filtered bus refuses is named from what the program sends (method, name, object), by the
    rules that the proxy has.
    .PP
    Not seen: calls of a program whose error action is
    .B trap
    (they are its own affair), and what is refused to a program that already answers for another
    filter: a process can have one who answers, so a second
    .B \-\-explain
    inside fails with EBUSY.
    .PP
    Without the option, a call that ends a program (the error action
    .BR kill )
    is still named in one line, before the program ends by SIGSYS (by SIGKILL where it
    handles, ignores or blocks that signal; the status is 159 all the same). The launcher stays for
    that also with
    .BR filter\-only .
    Where an error number is answered, nothing stays.
    """#

  /// `--export`.
  static let exports = #"""
    .SH EXPORTING POLICIES
    .BI \-\-export= FORMAT
    writes what a profile says about system calls, capabilities and limits for engines that have their
    own files, on standard output. Options before it count, as they would for a run.
    .TP
    .B oci
    The seccomp object of the OCI runtime specification, for
    .BR "docker run \-\-security\-opt seccomp=FILE" ,
    podman, crun, and Kubernetes (localhostProfile). All conditions on arguments are in it, as cases that
    exclude each other. The members process and comments have the rest; engines ignore them.
    .TP
    .B systemd
    Lines for a unit's [Service] section. systemd compares no arguments: a call whose list has
    conditions is refused as a whole.
    .TP
    .B bpf
    The filter as the kernel takes it, for
    .BR "bwrap \-\-seccomp 9 9<FILE" .
    .PP
    Rules about files, devices, buses and the network, and a second phase, are not carried over; each is
    named in a comment, or on standard error for bpf. An engine starts the program by execve after it
    loaded the filter: a keep list without it needs
    .BR \-\-seccomp.allow=execve .
    oci and systemd are for the machine's own architecture: 32\-bit programs end.
    """#
}
