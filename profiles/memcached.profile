# memcached: a cache in memory, on the network.
# Keep lists proven on Debian 12 (x86-64), 2026-11: sixteen clients at once, four threads, end by SIGTERM.
include memcached.local
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

caps.keep setgid,setuid
nonewprivs
protocol unix,inet,inet6
memory-deny-write-execute
restrict-namespaces
seccomp.block-secondary
seccomp.keep accept,accept4,access,arch_prctl,bind,brk,chdir,chmod,clock_gettime,clock_nanosleep,clone,clone3,close,connect,dup,dup2,epoll_create1,epoll_ctl,epoll_wait,eventfd2,exit,exit_group,faccessat,fadvise64,fallocate,fchmod,fcntl,fdatasync,flock,fstat,fstatfs,fsync,ftruncate,futex,getcwd,getdents64,getegid,geteuid,getgid,getpeername,getpid,getppid,getrandom,getrusage,getsockname,getsockopt,gettid,gettimeofday,getuid,ioctl,kill,listen,lseek,lstat,madvise,mkdir,mlockall,mmap,mprotect,mremap,msync,munmap,nanosleep,newfstatat,openat,pipe2,poll,ppoll,prctl,pread64,preadv,prlimit64,pselect6,pwrite64,read,readlink,readv,recvfrom,recvmsg,rename,rseq,rt_sigaction,rt_sigprocmask,rt_sigsuspend,sched_getaffinity,sched_yield,select,sendmmsg,sendmsg,sendto,set_robust_list,set_tid_address,setgid,setgroups,setsid,setsockopt,setuid,shutdown,sigaltstack,socket,socketpair,stat,statfs,statx,sysinfo,tgkill,time,umask,uname,unlink,utimensat,wait4,write,writev
# The main thread waits for clients by a timeout, which no other thread has.
seccomp.keep.after epoll_wait(timeout!=-1),epoll_pwait(timeout!=-1),epoll_pwait2(timeout!=0) accept,accept4,brk,clock_gettime,clock_nanosleep,clone(flags&CLONE_THREAD=CLONE_THREAD),close,epoll_ctl,epoll_pwait,epoll_pwait2,epoll_wait,exit,exit_group,fcntl(cmd=F_GETFL|F_SETFL),fstat,futex,getpeername,getpid,getrandom,getrusage,getsockname,getsockopt,gettid,gettimeofday,madvise,mmap(prot&PROT_EXEC=0),mprotect(prot&PROT_EXEC=0),mremap,munmap,nanosleep,newfstatat,poll,ppoll,read,readv,recvfrom,recvmsg,rseq,rt_sigprocmask,sched_getaffinity,sched_yield,sendmsg,sendto,set_robust_list,setsockopt,shutdown,time,unlink,write,writev

dbus-user none
dbus-system none
