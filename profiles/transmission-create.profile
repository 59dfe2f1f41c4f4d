# transmission-create: makes torrent files.
# Keep list proven on Debian 12 (x86-64), 2026-11: one file made.
include transmission-create.local
include globals.local

include disable-common.inc
include disable-devel.inc
include disable-exec.inc
include disable-interpreters.inc
include disable-proc.inc
include disable-programs.inc

ipc-namespace
machine-id
net none
no3d
nodvd
nogroups
noinput
nosound
notv
nou2f
novideo
private-cache
x11 none
private-dev

caps.drop all
nonewprivs
noroot
protocol unix
restrict-namespaces
memory-deny-write-execute
seccomp.block-secondary
seccomp.keep access,arch_prctl,brk,clock_getres,clock_gettime,clock_nanosleep,clone,clone3,close,execve,exit,exit_group,faccessat,faccessat2,fadvise64,fcntl,fstat,futex,getcwd,getdents,getdents64,getegid,geteuid,getgid,getpid,getrandom,getrlimit,gettid,gettimeofday,getuid,ioctl,lseek,lstat,madvise,mmap,mprotect,mremap,munmap,nanosleep,newfstatat,open,openat,pread64,prlimit64,read,readlink,readlinkat,readv,rename,renameat,renameat2,restart_syscall,rseq,rt_sigaction,rt_sigprocmask,rt_sigreturn,sched_getaffinity,sched_yield,set_robust_list,set_tid_address,sigaltstack,stat,statx,sysinfo,tgkill,time,uname,write,writev
