# file: says what a file is.
# Keep list proven on Debian 12 (x86-64), 2026-11: programs, images, links, compressed files, lists, standard input.
include file.local
include globals.local

noblacklist ${HOME}/.magic
noblacklist ${HOME}/.magic.mgc

include disable-common.inc
include disable-exec.inc
include disable-interpreters.inc
include disable-proc.inc
include disable-programs.inc

machine-id
no3d
nodvd
nogroups
noinput
nosound
notv
nou2f
novideo
net none
private-dev

caps.drop all
nonewprivs
noroot
protocol unix
memory-deny-write-execute
restrict-namespaces
seccomp.block-secondary
seccomp.keep access,arch_prctl,brk,chmod,clock_gettime,clock_nanosleep,clone,close,dup,dup2,exit,exit_group,faccessat,fadvise64,fallocate,fchmod,fcntl,fdatasync,flock,fstatfs,fsync,ftruncate,futex,getcwd,getdents64,getegid,geteuid,getgid,getpid,getppid,getrandom,getrusage,gettid,getuid,ioctl,kill,lseek,lstat,madvise,mkdir,mmap,mprotect,mremap,munmap,nanosleep,newfstatat,openat,pipe2,poll,ppoll,pread64,prlimit64,pselect6,pwrite64,read,readlink,readv,rename,rseq,rt_sigaction,rt_sigprocmask,rt_sigsuspend,sched_getaffinity,sched_yield,select,set_robust_list,set_tid_address,sigaltstack,stat,statfs,statx,sysinfo,tgkill,umask,uname,unlink,utimensat,wait4,write,writev

dbus-user none
dbus-system none
