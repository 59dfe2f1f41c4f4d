# mpv: plays films and sound.
# Keep list proven on Debian 12 (x86-64), 2026-11: a film in a window, keys, pictures of it, a socket, a server, films and pictures written.
include mpv.local
include globals.local

noblacklist ${HOME}/.cache/mpv
noblacklist ${HOME}/.config/mpv
noblacklist ${HOME}/.local/state/mpv
noblacklist ${HOME}/.netrc
include allow-lua.inc
include allow-python3.inc

include disable-common.inc
include disable-exec.inc
include disable-interpreters.inc
include disable-proc.inc
include disable-programs.inc

machine-id
nogroups
noinput
nou2f
novideo
private-dev

caps.drop all
nonewprivs
noroot
protocol unix,inet,inet6,netlink
restrict-namespaces
seccomp.block-secondary
seccomp.keep accept,accept4,access,alarm,arch_prctl,bind,brk,capget,chdir,chmod,chown,clock_getres,clock_gettime,clock_nanosleep,clone,clone3,close,close_range,connect,copy_file_range,dup,dup2,dup3,epoll_create,epoll_create1,epoll_ctl,epoll_pwait,epoll_pwait2,epoll_wait,eventfd,eventfd2,execve,exit,exit_group,faccessat,faccessat2,fadvise64,fallocate,fchdir,fchmod,fchmodat,fchown,fcntl,fdatasync,fgetxattr,flistxattr,flock,fstat,fstatfs,fsync,ftruncate,futex,get_mempolicy,getcwd,getdents,getdents64,getegid,geteuid,getgid,getgroups,getitimer,getpeername,getpgid,getpgrp,getpid,getppid,getpriority,getrandom,getresgid,getresuid,getrlimit,getrusage,getsockname,getsockopt,gettid,gettimeofday,getuid,getxattr,inotify_add_watch,inotify_init,inotify_init1,inotify_rm_watch,ioctl,kill,lchown,lgetxattr,link,linkat,listen,listxattr,llistxattr,lseek,lstat,madvise,membarrier,memfd_create,mincore,mkdir,mkdirat,mlock,mmap,mprotect,mremap,msync,munlock,munmap,nanosleep,newfstatat,open,openat,pause,pidfd_open,pipe,pipe2,poll,ppoll,prctl,pread64,preadv,preadv2,prlimit64,pselect6,pwrite64,pwritev,pwritev2,read,readlink,readlinkat,readv,recvfrom,recvmmsg,recvmsg,rename,renameat,renameat2,restart_syscall,rmdir,rseq,rt_sigaction,rt_sigpending,rt_sigprocmask,rt_sigreturn,rt_sigsuspend,rt_sigtimedwait,sched_get_priority_max,sched_get_priority_min,sched_getaffinity,sched_getattr,sched_getparam,sched_getscheduler,sched_setattr,sched_setparam,sched_setscheduler,sched_yield,select,sendfile,sendmmsg,sendmsg,sendto,set_mempolicy,set_robust_list,set_tid_address,setitimer,setpgid,setpriority,setrlimit,setsid,setsockopt,shmat,shmctl,shmdt,shmget,shutdown,sigaltstack,signalfd4,socket,socketpair,splice,stat,statfs,statx,symlink,symlinkat,sync_file_range,sysinfo,tgkill,time,timerfd_create,timerfd_gettime,timerfd_settime,times,truncate,umask,uname,unlink,unlinkat,utimensat,utimes,vfork,wait4,waitid,write,writev

dbus-user none
dbus-system none
