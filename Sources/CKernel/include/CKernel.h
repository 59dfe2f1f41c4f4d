// What Swift cannot spell: variadic calls, calls that libc does not wrap, function-like macros.
// Nothing here decides. Each function makes one call and returns its result, or minus the errno.
#ifndef CKERNEL_H
#define CKERNEL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <linux/filter.h>
#include <linux/seccomp.h>

// prctl(2), all five arguments.
long ck_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d);

// seccomp(2) with SECCOMP_SET_MODE_FILTER: `instructions` is an array of `count` entries.
long ck_seccomp_filter(unsigned int flags, const struct sock_filter *instructions,
                       unsigned short count);

// seccomp(2) with SECCOMP_SET_MODE_STRICT.
long ck_seccomp_strict(void);

// seccomp(2) with SECCOMP_GET_ACTION_AVAIL: 0 where the kernel knows the action.
long ck_seccomp_knows(uint32_t action);

// openat2(2): flags and resolve are the fields of `struct open_how`.
long ck_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve);

// mount_setattr(2), open_tree(2), move_mount(2).
long ck_mount_setattr(int fd, const char *path, unsigned int flags, uint64_t set, uint64_t clear);
long ck_open_tree(int fd, const char *path, unsigned int flags);
long ck_move_mount(int from, const char *from_path, int to, const char *to_path,
                   unsigned int flags);

// fsopen(2), fsconfig(2), fsmount(2), close-on-exec. A null key is a command.
long ck_fsopen(const char *type);
long ck_fsconfig(int fd, unsigned int command, const char *key, const char *value);
long ck_fsmount(int fd, uint64_t attributes);
// The file system type of an open file (fstatfs(2)); minus the errno where it can't be told.
long ck_filesystem_type(int fd);
long ck_mkdirat(int fd, const char *name, unsigned int mode);
long ck_openat(int fd, const char *name, int flags, unsigned int mode);

// clone(2) without a stack of its own: 0 in the child, as fork(2), in new namespaces (CLONE_NEW*).
long ck_clone(unsigned long namespaces);
// getdents64(2).
long ck_getdents(int fd, void *buffer, size_t size);
// pivot_root(2).
long ck_pivot_root(const char *root, const char *old);
// flock(2), whose name Swift takes for the structure's; pidfd_open(2).
long ck_flock(int fd, int operation);
long ck_pidfd_open(pid_t pid);
// pidfd_send_signal(2).
long ck_pidfd_send(int handle, int signal);
// Brings up the loopback device of this network namespace (netdevice(7)).
long ck_loopback_up(void);

// landlock_create_ruleset(2): the version where `version_only` is not 0, else a descriptor for a
// ruleset that handles these rights and scopes; landlock_add_rule(2) for what lies beneath an open
// directory or file; landlock_restrict_self(2).
long ck_landlock_ruleset(uint64_t files, uint64_t scopes, int version_only);
long ck_landlock_allow(int ruleset, uint64_t files, int beneath);
long ck_landlock_restrict(int ruleset);

// readlink(2) into raw bytes; getxattr(2) of the capabilities that a file carries: 1 if it has any.
long ck_readlink(const char *path, void *buffer, size_t size);
int ck_has_capabilities(const char *path);

// close_range(2).
long ck_close_range(unsigned int first, unsigned int last, unsigned int flags);

// Six raw arguments: the launch key travels in the registers that a call itself does not read.
struct ck_key {
  uint64_t words[3];
};
long ck_execve_keyed(const char *path, char *const argv[], char *const envp[],
                     const struct ck_key *key);
long ck_write_keyed(int fd, const void *bytes, size_t count, const struct ck_key *key);
void ck_exit_keyed(int status, const struct ck_key *key) __attribute__((noreturn));

// A connected pair of Unix sockets, close-on-exec; the first one learns who sends (SO_PASSCRED).
long ck_socket_pair(int ends[2]);
// sendmsg(2) of one descriptor; recvmsg(2) of one, with the sender's number as seen from here.
long ck_send_descriptor_keyed(int socket, int fd, const struct ck_key *key);
long ck_receive_descriptor(int socket, pid_t *sender);

// A system call that waits for an answer (seccomp_unotify(2)).
struct ck_notification {
  uint64_t id, instruction, arguments[6];
  pid_t thread;
  int number;
  uint32_t architecture;
};
long ck_notification_receive(int listener, struct ck_notification *notification);
// The answer: minus `error` as the result, or, if `goes_on`, what the kernel says to the call.
long ck_notification_answer(int listener, uint64_t id, int error, int goes_on);
long ck_notification_is_valid(int listener, uint64_t id);
// Wakes the other side on this processor (Linux 6.6).
long ck_notification_wake_at_once(int listener);

// tgkill(2).
long ck_thread_kill(pid_t process, pid_t thread, int signal);

// process_vm_readv(2): how many bytes were read.
long ck_read_memory(pid_t process, uint64_t address, void *bytes, size_t count);

// getrandom(2), all of it or an error.
long ck_getrandom(void *bytes, size_t count);

// ptrace(2) as a request with numbers.
long ck_ptrace(int request, pid_t pid, unsigned long address, unsigned long data);

// fcntl(2) F_GETFD and F_SETFD; ioctl(2) with a number.
long ck_fcntl(int fd, int command, long argument);
long ck_ioctl(int fd, unsigned long request, unsigned long argument);

// Blocks SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2 and SIGCHLD and returns a descriptor that reports them
// (signalfd(2)); the second unblocks them again.
long ck_catch_signals(void);
long ck_release_signals(void);
// Reads one signal: its number, and whether a process sent it in *from_process.
long ck_next_signal(int fd, int *from_process);

// waitid(2): 1 where a child has ended and is not reaped yet, 0 where not.
long ck_has_ended(pid_t pid);

// The status macros of wait(2).
int ck_wait_exited(int status);
int ck_wait_exit_status(int status);
int ck_wait_signaled(int status);
int ck_wait_signal(int status);
int ck_wait_stopped(int status);

// errno(3) of this thread and environ(7), which Swift can't name.
int ck_errno(void);
char **ck_environment(void);

// The words of the command line as the kernel passed them. Swift's own list is found by reading
// /proc/self/maps, and is empty where that fails.
int ck_argument_count(void);
const char *ck_argument(int index);

// getauxval(3): who started this program; no call that could fail. ck_is_privileged_start is 1 when
// the kernel gave it more rights than its caller has (AT_SECURE).
uint32_t ck_uid(void);
uint32_t ck_effective_uid(void);
uint32_t ck_gid(void);
uint32_t ck_effective_gid(void);
int ck_is_privileged_start(void);

// getpriority(2) of this process in *value; minus the errno where it fails.
long ck_priority(int *value);
// Lets a terminal give each key at once, unseen, and back (termios(3)); what it was is kept here.
long ck_terminal_raw(int fd);
long ck_terminal_restore(int fd);
// The size of a terminal (TIOCGWINSZ): rows in the upper half, columns in the lower.
long ck_terminal_size(int fd);
// readdir(3): the next name in *name (null at the end); minus the errno where it fails.
long ck_next_entry(void *directory, const char **name);

// A system call by number, natively and by the 32-bit entry (x86-64 only: -ENOSYS elsewhere).
long ck_syscall(long number, long a, long b, long c, long d, long e, long f);
long ck_syscall_i386(long number, long a, long b, long c, long d, long e);

#endif
