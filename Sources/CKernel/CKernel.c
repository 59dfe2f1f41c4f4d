#pragma GCC diagnostic error "-Wall"
#pragma GCC diagnostic error "-Wextra"
#include "CKernel.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <net/if.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <termios.h>
#include <unistd.h>

static long result(long value) { return value < 0 ? -errno : value; }

long ck_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d) {
  return result(prctl(option, a, b, c, d));
}

long ck_seccomp_filter(unsigned int flags, const struct sock_filter *instructions,
                       unsigned short count) {
  struct sock_fprog program = {.len = count, .filter = (struct sock_filter *)instructions};
  return result(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program));
}

long ck_seccomp_strict(void) { return result(syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, NULL)); }

long ck_seccomp_knows(uint32_t action) {
  return result(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action));
}

long ck_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
  struct open_how how = {.flags = flags, .mode = mode, .resolve = resolve};
  return result(syscall(SYS_openat2, directory, path, &how, sizeof how));
}

long ck_mount_setattr(int fd, const char *path, unsigned int flags, uint64_t set, uint64_t clear) {
  struct mount_attr attributes = {.attr_set = set, .attr_clr = clear};
  return result(syscall(SYS_mount_setattr, fd, path, flags, &attributes, sizeof attributes));
}

long ck_open_tree(int fd, const char *path, unsigned int flags) {
  return result(syscall(SYS_open_tree, fd, path, flags));
}

long ck_move_mount(int from, const char *from_path, int to, const char *to_path,
                   unsigned int flags) {
  return result(syscall(SYS_move_mount, from, from_path, to, to_path, flags));
}

long ck_fsopen(const char *type) { return result(syscall(SYS_fsopen, type, FSOPEN_CLOEXEC)); }

long ck_fsconfig(int fd, unsigned int command, const char *key, const char *value) {
  return result(syscall(SYS_fsconfig, fd, command, key, value, 0));
}

long ck_fsmount(int fd, uint64_t attributes) {
  return result(syscall(SYS_fsmount, fd, FSMOUNT_CLOEXEC, attributes));
}

long ck_filesystem_type(int fd) {
  struct statfs status;
  return fstatfs(fd, &status) < 0 ? -errno : (long)status.f_type;
}

long ck_mkdirat(int fd, const char *name, unsigned int mode) {
  return result(mkdirat(fd, name, mode));
}

long ck_openat(int fd, const char *name, int flags, unsigned int mode) {
  return result(openat(fd, name, flags | O_CLOEXEC, mode));
}

long ck_clone(unsigned long namespaces) {
  return result(syscall(SYS_clone, namespaces | SIGCHLD, 0, 0, 0, 0));
}

long ck_getdents(int fd, void *buffer, size_t size) {
  return result(syscall(SYS_getdents64, fd, buffer, size));
}

long ck_flock(int fd, int operation) { return result(flock(fd, operation)); }

long ck_pivot_root(const char *root, const char *old) {
  return result(syscall(SYS_pivot_root, root, old));
}

long ck_pidfd_open(pid_t pid) { return result(syscall(SYS_pidfd_open, pid, 0)); }

long ck_pidfd_send(int handle, int signal) {
  return result(syscall(SYS_pidfd_send_signal, handle, signal, NULL, 0));
}

long ck_loopback_up(void) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
  long value = result(ioctl(fd, SIOCSIFFLAGS, &request));
  close(fd);
  return value;
}

// The newest layout; an older kernel takes it where what it does not know is 0.
struct ruleset {
  uint64_t files, network, scopes;
};

long ck_landlock_ruleset(uint64_t files, uint64_t scopes, int version_only) {
  if (version_only) {
    return result(syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION));
  }
  struct ruleset rules = {.files = files, .scopes = scopes};
  return result(syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0));
}

long ck_landlock_allow(int ruleset, uint64_t files, int beneath) {
  struct landlock_path_beneath_attr rule = {.allowed_access = files, .parent_fd = beneath};
  return result(
      syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0));
}

long ck_landlock_restrict(int ruleset) {
  return result(syscall(SYS_landlock_restrict_self, ruleset, 0));
}

long ck_readlink(const char *path, void *buffer, size_t size) {
  return result(readlink(path, buffer, size));
}

int ck_has_capabilities(const char *path) {
  return getxattr(path, "security.capability", NULL, 0) >= 0;
}

long ck_close_range(unsigned int first, unsigned int last, unsigned int flags) {
  return result(syscall(SYS_close_range, first, last, flags));
}

long ck_execve_keyed(const char *path, char *const argv[], char *const envp[],
                     const struct ck_key *key) {
  return result(
      syscall(SYS_execve, path, argv, envp, key->words[0], key->words[1], key->words[2]));
}

long ck_write_keyed(int fd, const void *bytes, size_t count, const struct ck_key *key) {
  return result(
      syscall(SYS_write, fd, bytes, count, key->words[0], key->words[1], key->words[2]));
}

void ck_exit_keyed(int status, const struct ck_key *key) {
  for (;;) {
    syscall(SYS_exit_group, status, 0, 0, key->words[0], key->words[1], key->words[2]);
    __builtin_trap();
  }
}

long ck_getrandom(void *bytes, size_t count) {
  ssize_t got = getrandom(bytes, count, 0);
  if (got < 0) return -errno;
  return (size_t)got == count ? 0 : -EIO;
}

long ck_ptrace(int request, pid_t pid, unsigned long address, unsigned long data) {
  return result(syscall(SYS_ptrace, request, pid, address, data));
}

long ck_fcntl(int fd, int command, long argument) { return result(fcntl(fd, command, argument)); }

long ck_ioctl(int fd, unsigned long request, unsigned long argument) {
  return result(ioctl(fd, request, argument));
}

static void supervised(sigset_t *set) {
  sigemptyset(set);
  sigaddset(set, SIGHUP);
  sigaddset(set, SIGINT);
  sigaddset(set, SIGQUIT);
  sigaddset(set, SIGTERM);
  sigaddset(set, SIGUSR1);
  sigaddset(set, SIGUSR2);
  sigaddset(set, SIGCHLD);
}

long ck_catch_signals(void) {
  sigset_t set;
  supervised(&set);
  if (sigprocmask(SIG_BLOCK, &set, NULL) < 0) return -errno;
  return result(signalfd(-1, &set, SFD_CLOEXEC));
}

long ck_release_signals(void) {
  sigset_t set;
  supervised(&set);
  return result(sigprocmask(SIG_UNBLOCK, &set, NULL));
}

long ck_next_signal(int fd, int *from_process) {
  struct signalfd_siginfo information;
  ssize_t count;
  do count = read(fd, &information, sizeof information);
  while (count < 0 && errno == EINTR);
  if (count < 0) return -errno;
  *from_process = information.ssi_code != SI_KERNEL;
  return information.ssi_signo;
}

long ck_has_ended(pid_t pid) {
  siginfo_t info = {0};
  if (waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0) return -errno;
  return info.si_pid != 0;
}

int ck_wait_exited(int status) { return WIFEXITED(status); }
int ck_wait_exit_status(int status) { return WEXITSTATUS(status); }
int ck_wait_signaled(int status) { return WIFSIGNALED(status); }
int ck_wait_signal(int status) { return WTERMSIG(status); }
int ck_wait_stopped(int status) { return WIFSTOPPED(status); }

static int argument_count;
static char **argument_list;

// glibc passes constructors what main gets.
__attribute__((constructor)) static void keep_arguments(int count, char **list) {
  argument_count = count;
  argument_list = list;
}

int ck_errno(void) { return errno; }

char **ck_environment(void) { return environ; }

int ck_argument_count(void) { return argument_count; }

const char *ck_argument(int index) { return argument_list[index]; }

uint32_t ck_uid(void) { return (uint32_t)getauxval(AT_UID); }
uint32_t ck_effective_uid(void) { return (uint32_t)getauxval(AT_EUID); }
uint32_t ck_gid(void) { return (uint32_t)getauxval(AT_GID); }
uint32_t ck_effective_gid(void) { return (uint32_t)getauxval(AT_EGID); }

int ck_is_privileged_start(void) { return getauxval(AT_SECURE) != 0; }

long ck_priority(int *value) {
  errno = 0;
  *value = getpriority(PRIO_PROCESS, 0);
  return -errno;
}

long ck_next_entry(void *directory, const char **name) {
  errno = 0;
  struct dirent *entry = readdir(directory);
  *name = entry ? entry->d_name : NULL;
  return entry ? 0 : -errno;
}

long ck_syscall(long number, long a, long b, long c, long d, long e, long f) {
  return result(syscall(number, a, b, c, d, e, f));
}

long ck_syscall_i386(long number, long a, long b, long c, long d, long e) {
#if defined(__x86_64__)
  long value;
  __asm__ volatile("int $0x80"
                   : "=a"(value)
                   : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
                   : "memory", "r8", "r9", "r10", "r11", "cc");
  return (int)value;
#else
  (void)number, (void)a, (void)b, (void)c, (void)d, (void)e;
  return -ENOSYS;
#endif
}

static struct termios before;

long ck_terminal_raw(int fd) {
  if (tcgetattr(fd, &before) < 0) return -errno;
  struct termios raw = before;
  raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
  return result(tcsetattr(fd, TCSANOW, &raw));
}

long ck_terminal_restore(int fd) { return result(tcsetattr(fd, TCSANOW, &before)); }

long ck_terminal_size(int fd) {
  struct winsize size;
  return ioctl(fd, TIOCGWINSZ, &size) < 0 ? -errno : (long)size.ws_row << 16 | size.ws_col;
}
