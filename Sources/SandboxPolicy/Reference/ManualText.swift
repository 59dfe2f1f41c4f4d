/// The texts of the two manual pages around what the table says.
extension ManualPage {
  /// sandbox(1): the command.
  package static var command: String {
    header("SANDBOX", section: 1, "run a program with no more power than it needs")
      + """
      .SH SYNOPSIS
      .B sandbox
      .RI [ options ]
      .RB [ \\-\\- ]
      .I program
      .RI [ arguments ]
      .SH DESCRIPTION
      .B sandbox
      runs an untrusted program with no more power than it needs. It needs no privileges itself and
      refuses to run with a set-user-ID bit or file capabilities.
      .PP
      A profile says what the program may do. It is the file
      .IR PROGRAM .profile
      of the first of these directories that has it:
      .I ~/.config/sandbox
      (yours),
      .I /etc/sandbox
      (the system's;
      .I PREFIX/etc/sandbox
      for an installation elsewhere than /usr),
      .I ~/.config/firejail
      (yours for Firejail),
      .I PREFIX/share/sandbox/profiles
      (shipped),
      .I /etc/firejail
      (Firejail's).
      Where there is none,
      .I default.profile
      is used, or
      .I server.profile
      for root. PROGRAM is the last part of the program's path as it was typed.
      Without a program, the login shell is run.
      .PP
      The language is Firejail's: see
      .BR sandbox\\-profile (5).
      Each directive of a profile is an option as well, written
      .B \\-\\-directive
      or
      .BR \\-\\-directive=value .
      Options are read before the profile, and a value given by hand counts over the same setting
      of the profile. (Firejail lets the profile win.) Path rules of the command line come before
      the profile's, but read\\-only, read\\-write, noexec and tmpfs come after them.
      .PP
      The program runs with all that its profile asks for, or it doesn't run: one line says where
      the rule stands, what failed and what to do.
      .SH OPTIONS
      These are options only. All others are described in
      .BR sandbox\\-profile (5).

      """
      + entries { $0.availability == .commandLineOnly && $0.support.isAccepted } + """
        .TP
        .B \\-\\-
        Ends the options. A program that is missing then gives the shell's status 127.
        .SH WHAT IS ALWAYS IN FORCE
        .IP \\(bu 2
        no_new_privs: no set-user-ID program and no file capability gives the program anything.
        .IP \\(bu 2
        No capabilities, unless a profile keeps some. Started by an ordinary user the program never
        has any; with a view, its bounding set is emptied too.
        .IP \\(bu 2
        A filter that lets nobody type into the caller's terminal (TIOCSTI, TIOCLINUX), and closes
        the x32 table of system calls.
        .IP \\(bu 2
        Descriptors above 2 are closed (see keep\\-fd). The mask, the environment and the working
        directory are the caller's; a working directory that is hidden inside becomes the home
        directory, or /.
        .PP
        One filter holds all that a profile says about system calls. 32-bit system calls are filtered
        alike, or closed. Two calls can't be filtered, because the kernel shows them to no filter:
        uretprobe and uprobe. They serve the kernel's own probes and end a program that calls them
        by itself.
        .SH BASE RESTRICTIONS
        These hold in every run but one with
        .BR filter\\-only ,
        whatever the profile says, so that adding a directive never takes protection away.
        .TP
        .B processes
        A pid namespace with a new /proc: no process outside can be seen or signalled. IPC objects
        of System V are hidden by ipc\\-namespace, and always for root. The host name is the
        sandbox's own copy.
        .TP
        .B user namespaces
        Making another one answers EPERM, unless caps.keep keeps sys_admin or sys_chroot (see NESTED
        SANDBOXES).
        .TP
        .B system directories
        /usr, /bin, /sbin and /lib* are read-only. /boot, /lib/modules, /usr/lib/debug,
        /usr/src/linux* and /selinux are hidden. /etc is read-only, and nothing in it can be executed
        .RB ( writable\\-etc
        lifts it).
        .TP
        .B /var
        is read-only, and nothing in it can be executed
        .RB ( writable\\-var
        lifts it). /var/tmp is private and empty
        .RB ( keep\\-var\\-tmp ).
        /var/log holds empty files of the same names
        .RB ( writable\\-var\\-log ).
        /var/lock, /var/lib/{dhcp,nginx,snmp,sudo} and /var/cache/{apache2,lighttpd} are empty, and
        /run/utmp too.
        .TP
        .B /proc and /sys
        /sys and /proc/sys are read-only. What tells or changes the kernel's own state is hidden:
        firmware, hypervisor, power, debug and uevent files, binfmt_misc, core_pattern, modprobe,
        hotplug, sysrq\\-trigger, irq, bus, kcore, kallsyms, mem, kmem, kmsg and the like; /dev/port
        and /dev/kmsg too.
        .TP
        .B other users
        /home and /run/user show the caller's directory alone, /root is hidden, and /etc/passwd and
        /etc/group lose the lines of other people
        .RB ( allusers
        lifts all three).
        .TP
        .B own state
        The directories of profiles
        .RI ( ~/.config/sandbox ", " ~/.config/firejail )
        are hidden, so that a program can't write the profile of the next start. Where one does not
        exist, it is there, empty and hidden, as long as the sandbox is. The runtime directories of
        sandboxes are hidden, and those of systemd and gnupg
        .RB ( writable\\-run\\-user
        lifts the latter). Of the sockets of X servers only that of $DISPLAY is there.
        .PP
        Where the kernel has Landlock, it guards the same once more: beneath nothing that the view
        makes read-only can be written, whatever becomes of the mounts.
        .SH PROCESSES
        With a view two processes stay beside the program. The launcher waits outside, passes on the
        signals that it is sent, and sees to
        .BR timeout .
        The first process inside (pid 1) reaps what is left behind. When the program that was named
        ends, everything ends with it, background processes included; so run a server in the
        foreground. (Firejail waits for the last process.) Programs that joined are waited for. When
        the launcher is killed, the kernel ends everything too, and no mount and no process is left. A
        directory of profiles that was missing, and so had to be made, is removed by the launcher, or, if
        that was killed, by the next one that ends. A third process, outside, is there where a rule is
        about a missing path, and removes what had to be made for it in any case.
        .PP
        The program stays in the caller's session: Ctrl\\-C, Ctrl\\-Z and
        .B fg
        do what they do without a sandbox, and the filter keeps it from typing into the terminal.
        .PP
        With
        .B filter\\-only
        no process stays, because the launcher becomes the program.
        .SH NESTED SANDBOXES
        Browsers and
        .BR bwrap (1)
        build a sandbox of their own in a user namespace. A profile allows that by keeping a
        capability for it,
        .B caps.keep sys_admin
        or
        .BR "caps.keep sys_chroot" ,
        as Firejail's profiles of browsers do. It can only narrow: what is covered can't be uncovered
        in a namespace made inside (mount_namespaces(7)). The layer of Landlock is left out then,
        because it would refuse every mount.
        .B allow\\-bwrap
        does the same. Elsewhere bwrap can't make its namespaces, and so programs that start others by it
        (those that load images of strangers, for example) would fail: the launcher stands in its place,
        and starts the program that bwrap is asked for, in the sandbox that is there. Of bwrap's options,
        those about the environment, the directory and descriptors act; what it would show or hide does
        not, and nothing becomes wider.
        .SH NAMESPACES
        A view needs a mount namespace, and for an ordinary user a user namespace, in which nobody
        but the caller exists. System calls, capabilities and limits alone need none:
        .B filter\\-only
        is that. Some hosts refuse user namespaces:
        .IP \\(bu 2
        .I user.max_user_namespaces
        is 0;
        .IP \\(bu 2
        .I kernel.unprivileged_userns_clone
        is 0 (Debian);
        .IP \\(bu 2
        .I kernel.apparmor_restrict_unprivileged_userns
        is 1 (Ubuntu);
        .IP \\(bu 2
        a container's own filter refuses unshare(2) or mount(2).
        .PP
        A profile with rules about files is then refused with a line that names the switch. Set it
        otherwise with
        .BR sysctl (8),
        or use
        .BR \\-\\-filter\\-only .
        The base restrictions alone are left out there, with a warning, and so are the rules about
        files of the shipped default and server profiles (see view\\-optional in
        .BR sandbox\\-profile (5)).
        .SH LIMITS OF PATH RULES
        A path is covered as it is found when the program starts, by every name that leads to it: by
        links, by /proc, by a parent directory that is renamed inside. A symbolic link of the caller's
        that a rule names is covered as well, so that no file can take its place.
        .PP
        For rules of the command line and of profiles of one's own (all but the files of the shipped and
        of Firejail's directory and those that end in .inc) the place is held too: the directories above can't be renamed, which
        makes renames across them fail as between file systems (EXDEV); and where nothing lies at the
        place, an empty directory of mode 1700 is there on the host as long as the sandbox is, so that the
        program can't make something at a path that blacklist names (64 such paths at most). For the thousands of paths that
        collections name, that would be too much; one of those that does not exist can be made by the
        program where it may write to the directory above, and is not hidden then.
        .PP
        These are beyond the kernel's means:
        .IP \\(bu 2
        a path that does not exist at the start has no cover when somebody outside makes it later, but
        for those that are held;
        .IP \\(bu 2
        a hard link to a hidden file, made before the start under a name that is visible, shows the
        file;
        .IP \\(bu 2
        when a program outside renames another file to a hidden name, or removes the hidden one, the
        kernel takes the cover away with it; editors that save by rename do that. Hide the directory
        around a file where that matters;
        .IP \\(bu 2
        what is written to a whitelisted or writable place is on the host, links included: programs
        outside that follow them do so with their own rights.
        .PP
        The network is the host's, abstract Unix sockets included, unless the profile says
        .B net none
        or
        .BR protocol .
        .SH DIFFERENCES FROM FIREJAIL
        A profile of Firejail's gives a program the same files, devices, sockets, buses and system
        calls as Firejail does, but for these, each of which gives less unless it says otherwise. The
        comparison is made by a test, for every profile of Debian's firejail\\-profiles.
        .TP
        .B command line
        A value given by hand counts over the profile's, but not under the name firejail.
        .TP
        .B end
        Everything ends with the program that was named and those that joined it.
        .TP
        .B joining
        Works without root for join\\-network and join\\-filesystem too, with the sandbox's limits, Landlock
        rules and environment. Owners of other users' files show as nobody in \\-\\-ls.
        .TP
        .B filtered buses
        The proxy's socket is in the bus's usual place, instead of another one. Without a proxy,
        filter means none.
        .TP
        .B own state
        The runtime directories of sandboxes are hidden.
        .TP
        .B private
        In an empty home, read\\-only lines hold for what mkdir makes there. private with a directory
        shows that as it is, without start\\-up files from /etc/skel.
        .TP
        .B private\\-bin
        The program that was asked for is always there (more).
        .TP
        .B private\\-etc
        It always shows what nearly every program needs, as newer versions of Firejail do (more). Nothing
        in /etc can be executed, also there.
        .TP
        .B privileges
        no_new_privs is always set. The capability bounding set is empty, or what caps.keep names, in a
        user namespace, where it gives nothing on the host.
        .TP
        .B protocol
        socketpair is held to the same families, io_uring, which opens sockets unseen, is closed, and
        32\\-bit programs get no socket, because their calls hide the family.
        .TP
        .B system calls
        Groups and the default list have the members of Firejail 0.9.81, calls of newer kernels
        included, natively and for 32\\-bit programs alike. An unknown name is an error. execve,
        execveat and prctl are not added to seccomp.keep.
        .TP
        .B user namespaces
        Making one is refused unless the profile keeps sys_admin or sys_chroot, or says allow\\-bwrap.
        .TP
        .B whitelist
        A whitelist line of which nothing exists still makes its directory private.
        \(ManualRunning.running)
        \(ManualWatching.explaining)
        \(ManualWatching.exports)
        \(ManualWatching.building)
        \(ManualWatching.auditing)
        .SH EXIT STATUS
        .TP
        .I n
        the program ended with this status
        .TP
        .RI 128+ n
        the program was ended by signal
        .IR n ;
        159 is the filter's kill
        .TP
        1
        nothing was started, or the time of
        .B timeout
        was over
        .TP
        126, 127
        after
        .BR \\-\\- :
        the program can't be executed, or is missing
        .SH FILES
        .TP
        .I ~/.config/sandbox/PROGRAM.local
        read at the start of a shipped profile: the place for changes of one's own
        .TP
        .I /etc/sandbox/sandbox.config
        what the administrator forbids
        .TP
        .I ~/.config/sandbox/globals.local
        the same for all shipped profiles
        .SH EXAMPLES
        .TP
        .B sandbox transmission\\-gtk
        runs it under its profile
        .TP
        .B sandbox \\-\\-noprofile \\-\\-blacklist=~/.ssh sh
        hides the keys, beside what is always hidden
        .TP
        .B sandbox \\-\\-noprofile \\-\\-private \\-\\-net=none \\-\\-private\\-dev sh
        an empty home, no network, few devices
        .TP
        .B sandbox \\-\\-whitelist=~/Documents/tax file\\-roller
        shows one directory of the home and nothing else of it
        .TP
        .B sandbox \\-\\-noprofile \\-\\-filter\\-only \\-\\-seccomp.drop=mkdir sh
        tries a list by hand
        .TP
        .B sandbox \\-\\-debug\\-syscalls | grep 201
        looks a number up
        .TP
        .B sandbox \\-\\-receipt=receipt.json true
        writes what is in force
        .SH SEE ALSO
        .BR sandbox\\-profile (5),
        .BR seccomp (2),
        .BR capabilities (7),
        .BR user_namespaces (7)

        """
  }

  /// sandbox-profile(5): the language.
  package static var profile: String {
    header("SANDBOX\\-PROFILE", section: 5, "what a sandboxed program may do")
      + """
      .SH DESCRIPTION
      A profile is a text file with one directive a line. What follows a # is a comment. Blanks at
      the ends are dropped, and several in a row count as one. Words are case-sensitive. The files
      of Firejail are read as they are; where this language differs, the entry says so.
      .PP
      A line has at most 8191 bytes and a file at most 65535 lines; both must be UTF\\-8 without
      NUL and without carriage returns. A longer line is refused (Firejail reads its rest as
      another line). An unknown line is an error, and nothing is started.
      .PP
      A profile must belong to the caller or to root, must not be writable by everyone, and must be
      a regular file.
      .SH MACROS
      At the front of a path:
      .B ${HOME}
      or
      .B ~
      (the home directory:
      .B $HOME
      where it is absolute and the caller's own, else what passwd says),
      .B ${RUNUSER}
      (/run/user/UID),
      .B ${CFG}
      (/etc/firejail), and
      .B ${DESKTOP} ${DOCUMENTS} ${DOWNLOADS} ${MUSIC} ${PICTURES} ${PROJECTS} ${PUBLICSHARE}
      .B ${TEMPLATES} ${VIDEOS}
      (what user\\-dirs.dirs says, or the usual name in several languages; a rule for one that does
      not exist has no effect).
      .B ${PATH}
      stands for each directory of
      .BR $PATH .
      .SH PATTERNS
      .B *
      and
      .B ?
      and
      .B [...]
      stand for bytes other than a slash; leading dots match. Paths are absolute, hold no .. and none
      of
      .BR "! \\(dq # $ % & ' , ; < > \\(rs ^ \\(ga { | }" .
      .SH CONDITIONALS
      .B ?NAME: line
      reads the line where NAME holds: HAS_APPIMAGE, HAS_NET, HAS_NODBUS, HAS_NOSOUND, HAS_PRIVATE,
      HAS_X11, BROWSER_DISABLE_U2F, BROWSER_ALLOW_DRM, ALLOW_TRAY. HAS_NET, HAS_NODBUS,
      HAS_NOSOUND and HAS_PRIVATE hold where net, dbus-*, nosound or private stood before, HAS_X11 with x11 or in a
      nested X server; BROWSER_DISABLE_U2F always holds; the others never do in this version.

      """
      + chapters() + conditions + phases + refused() + """
        .SH EXAMPLE
        .nf
        # ~/.config/sandbox/frobnicate.profile
        noblacklist ${HOME}/.config/frobnicate
        include disable\\-common.inc
        include disable\\-programs.inc
        read\\-only ${HOME}
        read\\-write ${HOME}/.config/frobnicate
        caps.drop all
        noroot
        protocol unix
        seccomp
        .fi
        .SH SEE ALSO
        .BR sandbox (1)

        """
  }

  /// What lists of system calls say of arguments.
  private static let conditions = """
    .SH CONDITIONS ON ARGUMENTS
    In a list of system calls,
    .BI name( CONDITION )
    stands for the calls whose arguments fulfil the condition. A
    .B seccomp.keep
    list allows these and refuses the others, by the error action or by what follows:
    .BR prctl(option=PR_SET_NAME):ENOSYS .
    .B seccomp.drop
    and
    .B seccomp
    refuse these and let the others pass. Items for one call add up; the call without a condition
    stands for all of them. A list has no blanks, and a shell needs quotes around it.
    .TP
    .B fd<=2
    Comparisons are
    .BR "= != < <= > >=" ,
    without a sign, as libseccomp and the kernel compare:
    .B \\-1
    is the largest number. Where the kernel reads 32 bits of a register, these are compared and the
    upper half is not looked at; a number that does not fit is an error.
    .TP
    .B request=TCGETS|TIOCGWINSZ
    One of several values; behind != none of them. A value is a number or a constant of the kernel's
    headers;
    .B O_RDWR+O_CREAT
    joins bits.
    .TP
    .B flags&O_ACCMODE=O_RDONLY
    The bits of a mask alone, by = or !=.
    .TP
    .B domain=AF_UNIX,type&0xf=SOCK_STREAM
    Both must hold; && says the same.
    .TP
    .B option=PR_SET_NAME||option=PR_GET_NAME
    One must hold; it binds less than the comma.
    .PP
    Arguments have the names of the manual pages (section 2), or those of the kernel, or arg0 to
    arg5. What an argument points to can change after the check: pointers are compared with 0 only.
    What 32\\-bit programs pass behind pointers or in two halves (sockets, offsets, mmap) can't be
    told there: such a call is refused as a whole where a condition would refuse some of it.

    """

  /// `seccomp.keep.after`.
  private static let phases = """
    .SH TWO PHASES
    A server needs more while it starts than while it serves: sockets are bound, files opened, users
    changed. With
    .PP
    .RS
    .nf
    seccomp.keep ...
    seccomp.keep.after epoll_wait read,write,accept4,epoll_wait,...
    .fi
    .RE
    .PP
    the first list holds until the event, the second from then on, in each process and thread of the
    program, for good. Without a
    .B seccomp.keep
    the first phase has what the other lines say. Everything else (protocol,
    memory\\-deny\\-write\\-execute, seccomp.allow and so on) holds in both.
    .PP
    A kernel's filter can't change, so it asks: the launcher stays, and answers for the calls on which
    the two lists differ, and for the event. What both answer alike costs nothing extra; what one list
    alone has costs some microseconds each time, so a call that is made often belongs into both.
    Without the launcher these calls fail with ENOSYS. The choice of the event is yours:
    .TP
    .B listen
    A call, at its first time, whatever becomes of it. It is let through where one of the two lists has
    it. A program with more than one socket makes it before it has bound them all.
    .TP
    .B epoll_wait(timeout!=\\-1),epoll_pwait
    One of several, with conditions. Choose a rare one: each time that it is made, the launcher is
    asked.
    .TP
    .B /run/server.pid
    A file is opened by this name, whether it is there or not. Each open asks.
    .TP
    .B SIGUSR1
    The launcher gets this signal, or
    .BR SIGUSR2 ,
    by kill(1), and does not pass it on. It costs nothing.
    .PP
    Where the event never comes, a warning says so at the end. The error action can't be trap or log.
    .B \\-\\-debug\\-filter
    prints both phases,
    .B \\-\\-explain
    and the message of a killed call name the line of the list that holds,
    .B \\-\\-check\\-list
    takes them together;
    .B \\-\\-build
    learns one list, for the whole run, and refuses the option.

    """
}
