# wget: fetches files and trees by URL.
# Keep list proven on Debian 12 (x86-64), 2026-11: files by http and https, a tree, a second look, spider, background.
include wget.local
include globals.local

noblacklist ${HOME}/.wgetrc
noblacklist ${HOME}/.netrc
noblacklist ${HOME}/.wget-hsts

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
private-dev

caps.drop all
nonewprivs
noroot
protocol unix,inet,inet6,netlink
memory-deny-write-execute
restrict-namespaces
seccomp.block-secondary
seccomp.keep accept,access,arch_prctl,bind,brk,chmod,clock_getres,clock_gettime,clock_nanosleep,clone,close,connect,dup,dup2,execve,exit,exit_group,faccessat,fadvise64,fallocate,fchmod,fcntl,fdatasync,flock,fsetxattr,fstat,fstatfs,fsync,ftruncate,futex,getcwd,getdents64,getegid,geteuid,getgid,getgroups,getpeername,getpgrp,getpid,getppid,getrandom,getrusage,getsockname,getsockopt,gettid,gettimeofday,getuid,ioctl,kill,listen,lseek,lstat,madvise,mkdir,mmap,mprotect,mremap,munmap,nanosleep,newfstatat,openat,pipe,pipe2,poll,ppoll,pread64,prlimit64,pselect6,pwrite64,read,readlink,readv,recvfrom,recvmsg,rename,rseq,rt_sigaction,rt_sigprocmask,rt_sigsuspend,sched_getaffinity,sched_yield,select,sendmmsg,sendmsg,sendto,set_robust_list,set_tid_address,setitimer,setsid,setsockopt,shutdown,sigaltstack,socket,socketpair,stat,statfs,statx,symlink,sysinfo,tgkill,time,umask,uname,unlink,utimensat,vfork,wait4,write,writev

dbus-user none
dbus-system none
