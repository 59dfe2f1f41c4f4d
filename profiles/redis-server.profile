# redis-server: a store of keys and values, on the network.
# Keep list proven on Debian 12 (x86-64), 2026-11: lists, scripts, a socket, both kinds of saving, shut-down.
include redis-server.local
include globals.local

include disable-common.inc
include disable-exec.inc
include disable-interpreters.inc
include disable-proc.inc
include disable-programs.inc

disable-mnt
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
protocol unix,inet,inet6
memory-deny-write-execute
restrict-namespaces
seccomp.block-secondary
seccomp.keep accept4,access,arch_prctl,bind,brk,chdir,chmod,clock_gettime,clock_nanosleep,clone,clone3,close,connect,dup,dup2,epoll_create,epoll_ctl,epoll_wait,execve,exit,exit_group,faccessat,fadvise64,fallocate,fchmod,fcntl,fdatasync,flock,fstat,fstatfs,fsync,ftruncate,futex,getcwd,getdents64,getegid,geteuid,getgid,getpeername,getpid,getppid,getrandom,getrusage,getsockname,getsockopt,gettid,gettimeofday,getuid,ioctl,kill,listen,lseek,lstat,madvise,mkdir,mmap,mprotect,mremap,munmap,nanosleep,newfstatat,open,openat,pipe,pipe2,poll,ppoll,prctl,pread64,prlimit64,pselect6,pwrite64,read,readlink,readv,recvfrom,recvmsg,rename,rmdir,rseq,rt_sigaction,rt_sigprocmask,rt_sigsuspend,sched_getaffinity,sched_setaffinity,sched_yield,select,sendmmsg,sendmsg,sendto,set_robust_list,set_tid_address,setitimer,setsid,setsockopt,shutdown,sigaltstack,socket,socketpair,stat,statfs,statx,sync_file_range,sysinfo,tgkill,time,truncate,umask,uname,unlink,utimensat,wait4,write,writev

dbus-user none
dbus-system none
