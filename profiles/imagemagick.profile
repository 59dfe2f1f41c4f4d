# ImageMagick: makes and changes pictures.
# Keep list proven on Debian 12 (x86-64), 2026-11: pictures made, resized, compared, put together, with text, by pipes, larger than its memory.
include imagemagick.local
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
net none

caps.drop all
nonewprivs
noroot
protocol unix
memory-deny-write-execute
restrict-namespaces
seccomp.block-secondary
seccomp.keep access,arch_prctl,bind,brk,chdir,chmod,clock_gettime,clock_nanosleep,clone,clone3,close,connect,dup,dup2,execve,exit,exit_group,faccessat,fadvise64,fallocate,fchmod,fchmodat,fcntl,fdatasync,flock,fstat,fstatfs,fsync,ftruncate,futex,getcwd,getdents64,getegid,geteuid,getgid,getpeername,getpid,getppid,getrandom,getrusage,getsockname,getsockopt,gettid,gettimeofday,getuid,ioctl,kill,link,linkat,listen,lseek,lstat,madvise,mkdir,mlock,mmap,mprotect,mremap,munmap,nanosleep,newfstatat,openat,pause,pipe,pipe2,poll,ppoll,pread64,prlimit64,pselect6,pwrite64,read,readlink,readv,recvfrom,recvmsg,rename,rmdir,rseq,rt_sigaction,rt_sigprocmask,rt_sigsuspend,sched_getaffinity,sched_getparam,sched_yield,select,sendmmsg,sendmsg,sendto,set_robust_list,set_tid_address,setitimer,setsid,setsockopt,shutdown,sigaltstack,socket,socketpair,stat,statfs,statx,symlink,sync_file_range,sysinfo,tgkill,time,times,umask,uname,unlink,unlinkat,utimensat,wait4,write,writev

dbus-user none
dbus-system none
