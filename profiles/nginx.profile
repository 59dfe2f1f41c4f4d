# nginx: a web server.
# Keep list proven on Debian 12 (x86-64), 2026-11: pages plain and by TLS, packed, in parts, a cache before another server, new logs, a new configuration, as a user and as root.
include nginx.local
include globals.local

include disable-common.inc
include disable-exec.inc
include disable-interpreters.inc
include disable-proc.inc
include disable-programs.inc

no3d
nodvd
noinput
nosound
notv
nou2f
novideo
private-dev
writable-var
writable-var-log

caps.keep chown,dac_override,net_bind_service,setgid,setuid
nonewprivs
protocol unix,inet,inet6
memory-deny-write-execute
restrict-namespaces
seccomp.block-secondary
seccomp.keep accept,accept4,access,arch_prctl,bind,brk,capget,capset,chdir,chmod,chown,clock_gettime,clock_nanosleep,clone,clone3,close,connect,dup,dup2,epoll_create,epoll_ctl,epoll_wait,eventfd2,execve,exit,exit_group,faccessat,fadvise64,fallocate,fchmod,fchown,fcntl,fdatasync,flock,fstat,fstatfs,fsync,ftruncate,futex,getcwd,getdents64,getegid,geteuid,getgid,getpeername,getpid,getppid,getrandom,getrlimit,getrusage,getsockname,getsockopt,gettid,gettimeofday,getuid,io_destroy,io_getevents,io_setup,io_submit,ioctl,kill,listen,lseek,lstat,madvise,mkdir,mmap,mprotect,mremap,munmap,nanosleep,newfstatat,openat,pipe,pipe2,poll,ppoll,prctl,pread64,preadv,prlimit64,pselect6,pwrite64,pwritev,read,readlink,readv,recvfrom,recvmsg,rename,rmdir,rseq,rt_sigaction,rt_sigprocmask,rt_sigsuspend,sched_getaffinity,sched_setaffinity,sched_yield,select,sendfile,sendmmsg,sendmsg,sendto,set_robust_list,set_tid_address,setgid,setgroups,setitimer,setpriority,setrlimit,setsid,setsockopt,setuid,shutdown,sigaltstack,socket,socketpair,stat,statfs,statx,sync_file_range,sysinfo,tgkill,time,umask,uname,unlink,utimensat,wait4,write,writev

dbus-user none
dbus-system none
