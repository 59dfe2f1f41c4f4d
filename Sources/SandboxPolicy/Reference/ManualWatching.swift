/// What sandbox(1) says of runs that are watched.
enum ManualWatching {
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
    Not seen: what a filtered bus refuses, calls of a program whose error action is
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
}
