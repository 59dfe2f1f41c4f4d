" Made from the directive table by ReferenceTool: change that, not this.
if exists('b:current_syntax') | finish | endif
setlocal iskeyword+=-,.
syntax match sandboxComment /^\s*#.*/
syntax match sandboxComment /\s#.*/
syntax match sandboxCondition /^\s*?[A-Z0-9_]\+:/
syntax match sandboxVariable /\${[A-Z_]\+}/
syntax match sandboxGroup /@[a-z0-9-]\+/
syntax match sandboxUnknown /^\s*[a-z][a-z0-9.-]*/
syntax match sandboxWord /^\s*\(?[A-Z0-9_]\+:\s*\)\?\<\(memory-deny-write-execute\|seccomp\.block-secondary\|deterministic-exit-code\|deterministic-shutdown\|dbus-system\.broadcast\|seccomp-error-action\|landlock\.fs\.execute\|landlock\.fs\.makeipc\|landlock\.fs\.makedev\|restrict-namespaces\|dbus-user\.broadcast\|seccomp\.keep\.after\|hostname-randomize\|writable-run-user\|landlock\.fs\.write\|rlimit-sigpending\|keep-config-pulse\|writable-var-log\|landlock\.enforce\|landlock\.fs\.read\|apparmor-replace\|dbus-system\.talk\|dbus-system\.call\|blacklist-nolog\|seccomp\.32\.drop\|seccomp\.32\.keep\|allow-debuggers\|keep-dev-ntsync\|dbus-system\.own\|dbus-system\.see\|apparmor-stack\|dbus-user\.talk\|dbus-user\.call\|view-optional\|private-cache\|keep-shell-rc\|seccomp\.allow\|rlimit-nofile\|keep-hostname\|dbus-user\.own\|dbus-user\.see\|xephyr-screen\|ipc-namespace\|join-or-start\|whitelist-ro\|writable-etc\|writable-var\|keep-dev-shm\|keep-var-tmp\|seccomp\.drop\|seccomp\.keep\|rlimit-fsize\|rlimit-nproc\|keep-dev-tpm\|noblacklist\|filter-only\|nowhitelist\|disable-mnt\|private-bin\|private-etc\|private-opt\|private-srv\|private-lib\|private-tmp\|private-dev\|private-cwd\|noautopulse\|dbus-system\|allow-bwrap\|read-write\|seccomp\.32\|nonewprivs\|rlimit-cpu\|noprinters\|machine-id\|hosts-file\|netfilter6\|blacklist\|read-only\|whitelist\|caps\.drop\|caps\.keep\|rlimit-as\|netfilter\|dbus-user\|allusers\|protocol\|nogroups\|apparmor\|hostname\|tracelog\|include\|private\|seccomp\|timeout\|keep-fd\|nosound\|novideo\|noinput\|ignore\|noexec\|mkfile\|noroot\|nodbus\|quiet\|tmpfs\|mkdir\|rmenv\|nodvd\|nou2f\|notpm\|shell\|warn\|bind\|caps\|nice\|no3d\|notv\|name\|tab\|cpu\|env\|net\|dns\|x11\)\>[.-]\@!/ contains=sandboxCondition
syntax match sandboxRefused /^\s*\<\(private-home\|defaultgw\|veth-name\|netlock\|iprange\|netmask\|netns\|ip6\|mac\|mtu\|ip\)\>[.-]\@!/
highlight default link sandboxComment Comment
highlight default link sandboxCondition PreProc
highlight default link sandboxVariable Identifier
highlight default link sandboxGroup Type
highlight default link sandboxWord Statement
highlight default link sandboxRefused Error
highlight default link sandboxUnknown Error
let b:current_syntax = 'sandboxprofile'
