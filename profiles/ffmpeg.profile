# ffmpeg: makes and changes films and sound.
# Keep list proven on Debian 12 (x86-64), 2026-11: films made, changed and cut, pictures of them, text in them, pipes, a server, a key that stops it.
include ffmpeg.local
include globals.local

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
protocol unix,inet,inet6
memory-deny-write-execute
restrict-namespaces
seccomp.block-secondary
seccomp.keep access,arch_prctl,bind,brk,chdir,chmod,clock_gettime,clock_nanosleep,clone,clone3,close,connect,dup,dup2,execve,exit,exit_group,faccessat,fadvise64,fallocate,fchmod,fcntl,fdatasync,flock,fstat,fstatfs,fsync,ftruncate,futex,get_mempolicy,getcwd,getdents64,getegid,geteuid,getgid,getpeername,getpid,getppid,getpriority,getrandom,getrusage,getsockname,getsockopt,gettid,gettimeofday,getuid,ioctl,kill,listen,lseek,lstat,madvise,mkdir,mlock,mmap,mprotect,mremap,munmap,nanosleep,newfstatat,openat,pipe,pipe2,poll,ppoll,prctl,pread64,prlimit64,pselect6,pwrite64,read,readlink,readv,recvfrom,recvmsg,rename,rmdir,rseq,rt_sigaction,rt_sigprocmask,rt_sigsuspend,sched_getaffinity,sched_getparam,sched_getscheduler,sched_yield,select,sendmmsg,sendmsg,sendto,set_mempolicy,set_robust_list,set_tid_address,setitimer,setpriority,setsid,setsockopt,shutdown,sigaltstack,socket,socketpair,stat,statfs,statx,sync_file_range,sysinfo,tgkill,time,umask,uname,unlink,utimensat,wait4,write,writev

dbus-user none
dbus-system none
