# transmission-cli: BitTorrent client for the terminal.
# Keep list proven on Debian 12 (x86-64), 2026-11: a torrent verified and offered.
include transmission-cli.local
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
seccomp.keep access,arch_prctl,bind,brk,chmod,clock_getres,clock_gettime,clock_nanosleep,clone,clone3,close,connect,copy_file_range,epoll_create,epoll_create1,epoll_ctl,epoll_pwait,epoll_pwait2,epoll_wait,execve,exit,exit_group,faccessat,faccessat2,fadvise64,fallocate,fchmod,fchmodat,fcntl,fdatasync,flock,fstat,fsync,ftruncate,futex,getcwd,getdents,getdents64,getegid,geteuid,getgid,getpeername,getpid,getrandom,getrlimit,getsockname,getsockopt,gettid,gettimeofday,getuid,ioctl,listen,lseek,lstat,madvise,mkdir,mkdirat,mmap,mprotect,mremap,munmap,nanosleep,newfstatat,open,openat,pipe,pipe2,poll,ppoll,pread64,preadv,preadv2,prlimit64,pselect6,pwrite64,pwritev,pwritev2,read,readlink,readlinkat,readv,recvfrom,recvmsg,rename,renameat,renameat2,restart_syscall,rmdir,rseq,rt_sigaction,rt_sigprocmask,rt_sigreturn,sched_getaffinity,sched_yield,select,sendfile,sendmmsg,sendmsg,sendto,set_robust_list,set_tid_address,setsockopt,shutdown,sigaltstack,socket,socketpair,stat,statx,sync_file_range,sysinfo,tgkill,time,truncate,umask,uname,unlink,unlinkat,write,writev
