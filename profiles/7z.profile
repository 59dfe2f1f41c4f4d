# 7z: packs and unpacks archives.
# Keep list proven on Debian 12 (x86-64), 2026-11: 7z, zip with a password, xz by pipes, parts, changes, tests.
include 7z.local
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
net none
private-dev

caps.drop all
nonewprivs
noroot
protocol unix
memory-deny-write-execute
restrict-namespaces
seccomp.block-secondary
seccomp.keep access,arch_prctl,brk,chdir,chmod,chown,clock_gettime,clock_nanosleep,clone,clone3,close,connect,dup,dup2,execve,exit,exit_group,faccessat,fadvise64,fallocate,fchmod,fcntl,fdatasync,flock,fstat,fstatfs,fsync,ftruncate,futex,getcwd,getdents64,getegid,geteuid,getgid,getpid,getppid,getrandom,getrusage,gettid,gettimeofday,getuid,ioctl,kill,link,lseek,lstat,madvise,mkdir,mmap,mprotect,mremap,munmap,nanosleep,newfstatat,openat,pipe2,poll,ppoll,pread64,prlimit64,pselect6,pwrite64,read,readlink,readv,recvfrom,rename,rmdir,rseq,rt_sigaction,rt_sigprocmask,rt_sigsuspend,sched_getaffinity,sched_setaffinity,sched_yield,select,sendto,set_robust_list,set_tid_address,sigaltstack,socket,stat,statfs,statx,symlink,sysinfo,tgkill,time,times,umask,uname,unlink,utimensat,wait4,write,writev

dbus-user none
dbus-system none
