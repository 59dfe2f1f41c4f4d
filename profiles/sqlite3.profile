# sqlite3: the shell of SQLite.
# Keep list proven on Debian 12 (x86-64), 2026-11: tables, transactions, WAL, dump, backup, import, two files, two at once.
include sqlite3.local
include globals.local

noblacklist ${HOME}/.sqliterc
noblacklist ${HOME}/.sqlite_history

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
seccomp.keep access,arch_prctl,brk,chdir,chmod,clock_gettime,clock_nanosleep,clone,close,connect,dup,dup2,execve,exit,exit_group,faccessat,fadvise64,fallocate,fchmod,fcntl,fdatasync,flock,fstatfs,fsync,ftruncate,futex,getcwd,getdents64,getegid,geteuid,getgid,getpid,getppid,getrandom,getrusage,gettid,gettimeofday,getuid,ioctl,kill,lseek,lstat,madvise,mkdir,mmap,mprotect,mremap,munmap,nanosleep,newfstatat,openat,pipe2,poll,ppoll,pread64,prlimit64,pselect6,pwrite64,read,readlink,readv,recvfrom,rename,rseq,rt_sigaction,rt_sigprocmask,rt_sigsuspend,sched_getaffinity,sched_yield,select,sendto,set_robust_list,set_tid_address,sigaltstack,socket,stat,statfs,statx,symlink,sysinfo,tgkill,time,umask,uname,unlink,utimensat,vfork,wait4,write,writev

dbus-user none
dbus-system none
