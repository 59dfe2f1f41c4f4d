# default: for programs without a profile of their own, started by an ordinary user.
# Keep list proven on Debian 12 (x86-64), 2026-11: shells, coreutils, git, python3, curl, vim, gcc, GTK programs.
# What a program needs beyond it goes into default.local, or better into a profile of its own.
include default.local
include globals.local

# Nobody chose this profile by name, so a host without user namespaces gets what can be had.
view-optional
include disable-common.inc
include disable-programs.inc

caps.drop all
nonewprivs
protocol unix,inet,inet6,netlink
restrict-namespaces
seccomp.keep @basic-io,@file-system,@io-event,@ipc,@memfd,@memlock,@network-io,@process,@program-keep,@default-keep,@resources,@sandbox,@signal,@sync,@timer,brk,capget,capset,copy_file_range,fadvise64,flock,get_mempolicy,getcpu,getpriority,getrandom,ioctl,ioprio_get,kcmp,madvise,map_shadow_stack,mremap,mseal,pkey_alloc,pkey_free,pkey_mprotect,readahead,sched_get_priority_max,sched_get_priority_min,sched_getaffinity,sched_getattr,sched_getparam,sched_getscheduler,sched_rr_get_interval,sched_yield,sendfile,setfsgid,setfsuid,setpgid,setsid,splice,sysinfo,tee,umask,uname,utime,vmsplice,@chown,@setuid,futimesat,tkill,personality,arch_prctl,name_to_handle_at,quotactl,set_mempolicy,mbind,!process_vm_readv,!process_vm_writev,!process_madvise
