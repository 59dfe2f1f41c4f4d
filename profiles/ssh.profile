# ssh: a shell on another machine.
# Keep list proven on Debian 12 (x86-64), 2026-11: commands there, a terminal, ports led through, an agent, a shared connection.
include ssh.local
include globals.local

include allow-ssh.inc

include disable-common.inc
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
novideo
private-dev

caps.drop all
nonewprivs
noroot
protocol unix,inet,inet6,netlink
memory-deny-write-execute
restrict-namespaces
seccomp.block-secondary
seccomp.keep accept,access,arch_prctl,bind,brk,chdir,chmod,clock_gettime,clock_nanosleep,clone,clone3,close,close_range,connect,dup,dup2,execve,exit,exit_group,faccessat,fadvise64,fallocate,fchdir,fchmod,fcntl,fdatasync,flock,fstat,fstatfs,fsync,ftruncate,futex,getcwd,getdents64,getegid,geteuid,getgid,getpeername,getpgrp,getpid,getppid,getrandom,getrusage,getsockname,getsockopt,gettid,gettimeofday,getuid,ioctl,kill,link,listen,lseek,lstat,madvise,mkdir,mmap,mprotect,mremap,munmap,nanosleep,newfstatat,openat,pipe,pipe2,poll,ppoll,pread64,prlimit64,pselect6,pwrite64,read,readlink,readv,recvfrom,recvmsg,rename,rmdir,rseq,rt_sigaction,rt_sigprocmask,rt_sigsuspend,sched_getaffinity,sched_yield,select,sendmmsg,sendmsg,sendto,set_robust_list,set_tid_address,setitimer,setpgid,setpriority,setresgid,setresuid,setsid,setsockopt,shutdown,sigaltstack,socket,socketpair,stat,statfs,statx,symlink,sync_file_range,sysinfo,tgkill,time,umask,uname,unlink,utimensat,vfork,wait4,write,writev

dbus-user none
dbus-system none
