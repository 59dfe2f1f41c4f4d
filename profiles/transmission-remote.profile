# transmission-remote: remote control of transmission-daemon.
# Keep list proven on Debian 12 (x86-64), 2026-11: add, list, exit.
include transmission-remote.local
include globals.local

noblacklist ${HOME}/.cache/transmission
noblacklist ${HOME}/.config/transmission
noblacklist ${HOME}/.config/transmission-daemon

include disable-common.inc
include disable-devel.inc
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
private-dev

caps.drop all
netfilter
nonewprivs
noroot
protocol unix,inet,inet6
restrict-namespaces
memory-deny-write-execute
seccomp.block-secondary
seccomp.keep access,arch_prctl,brk,clock_getres,clock_gettime,clock_nanosleep,close,connect,execve,exit,exit_group,faccessat,faccessat2,fadvise64,fcntl,fstat,futex,getcwd,getdents,getdents64,getegid,geteuid,getgid,getpeername,getpid,getrandom,getrlimit,getsockname,getsockopt,gettid,gettimeofday,getuid,ioctl,lseek,lstat,madvise,mmap,mprotect,mremap,munmap,nanosleep,newfstatat,open,openat,poll,ppoll,pread64,prlimit64,pselect6,read,readlink,readlinkat,readv,recvfrom,recvmsg,restart_syscall,rseq,rt_sigaction,rt_sigprocmask,rt_sigreturn,sched_getaffinity,sched_yield,select,sendmmsg,sendmsg,sendto,set_robust_list,set_tid_address,setsockopt,sigaltstack,socket,socketpair,stat,statx,sysinfo,tgkill,time,uname,write,writev
