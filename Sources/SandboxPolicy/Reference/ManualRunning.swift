/// What sandbox(1) says of sandboxes that run, and of living with them.
enum ManualRunning {
  static let running = #"""
    .SH RUNNING SANDBOXES
    .B \-\-list
    names them,
    .B \-\-join
    runs another program in one,
    .B \-\-shutdown
    ends some, and so on (see OPTIONS). NAME|PID is the name of a sandbox, or the number of its launcher
    or of any process inside. A name that a running sandbox has is not given again: \-PID is added.
    .PP
    There is no directory of state. What a sandbox says of itself is a sealed file in the memory of its
    launcher (memfd_create(2)), which also holds its namespaces open; the kernel takes both away with
    it. A process counts as a sandbox's launcher where it runs the same file as the one that asks, in
    the same process namespace, under no other filter and privileges, and holds such a file that names
    it: so nobody inside a sandbox can pass for one, and after an upgrade the launchers of before are
    not found any more (end them by kill(1)). A sandbox without a view (filter\-only) has no launcher
    beside it and is not found.
    .PP
    A program that joins gets the namespaces, and, in the order of the first program's start: processors,
    priority, limits, capabilities, no_new_privs, Landlock rules, AppArmor profile, environment and
    filter. Nobody can look into it before that. A sandbox lasts as long as its first program and each
    that joined it; signals end all of them. One with two phases (seccomp.keep.after) can't be joined.
    .SH IN FIREJAIL'S PLACE
    Under the name
    .B firejail
    (make install FIREJAIL_NAME=yes) the launcher keeps to what scripts know: Reading profile, Parent pid,
    Child process initialized and Parent is shutting down on standard error unless it is to be quiet
    (quiet, or FIREJAIL_QUIET=yes), errors after Error: with status 1, Warning:, container=firejail in
    the environment, \-c and a login shell's name, Firejail's directories of profiles before the own
    ones. Options and lines count in the order in which they are read, the program's own profile last: of
    values that exclude each other the profile's stays. What DIFFERENCES FROM FIREJAIL says holds there too.
    .PP
    .I /etc/firejail/firejail.config
    is read: a feature that it switches off is forbidden, quiet\-by\-default, disable\-mnt,
    seccomp\-error\-action and the conditions of browser profiles hold. A key that would take protection
    away (seccomp no, whitelist no), or that is not supported, stops the launch.
    .PP
    Under the name
    .B firemon
    the launcher shows what runs: \-\-list, \-\-tree, \-\-top and \-\-netstats, and \-\-caps, \-\-cpu,
    \-\-seccomp, \-\-apparmor, \-\-x11, \-\-route and \-\-arp of each first program; \-\-name or a process number
    chooses one sandbox, \-\-wrap leaves lines whole.
    .PP
    Under the name of any other program, by a link, that program is started, under its profile; the
    links themselves are passed over in the search of PATH. Inside a sandbox, where the kernel vouches
    for that (a filter, no_new_privs, one user alone), both start the program as it is, with a warning:
    it stays in the sandbox that is there.
    .SH THE SYSTEM'S POLICY
    Each line
    .B no DIRECTIVE
    of /etc/sandbox/sandbox.config (PREFIX/etc/sandbox) forbids a word on this machine: whoever asks for
    it, in a profile or on the command line, is told the place, and nothing is started. It can only
    narrow. Without a set\-user\-ID bit nobody is kept from starting programs without the launcher.
    """#
}
