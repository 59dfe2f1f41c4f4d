// The floor: what a launcher must do at least, and nothing else.
//
//     floor FILTER -- PROGRAM...            load the filter's bytes, execute
//     floor FILTER PATHS -- PROGRAM...      and before that a view: namespaces for one user, a new /proc,
//                                           system directories read-only, each path of the file covered,
//                                           a first process that waits
//     floor FILTER STEPS -- PROGRAM...      the same with the steps of a plan, one a line, in the file: a
//                                           letter, a mode or source where it needs one, and a path
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/mount.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void must(long result, const char *what) {
  if (result < 0) perror(what), exit(1);
}

static char *contents(const char *path, long *size) {
  int file = open(path, O_RDONLY);
  struct stat status;
  must(file, path);
  must(fstat(file, &status), path);
  char *bytes = malloc(status.st_size + 1);
  *size = read(file, bytes, status.st_size);
  bytes[*size] = 0;
  close(file);
  return bytes;
}

static void put(const char *path, const char *text) {
  int file = open(path, O_WRONLY);
  must(file, path);
  must(write(file, text, strlen(text)), path);
  close(file);
}

static void read_only(const char *path) {
  int tree = syscall(SYS_open_tree, AT_FDCWD, path, 1 | O_CLOEXEC | AT_RECURSIVE);
  struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY};
  must(tree, path);
  must(syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes,
               sizeof attributes), "mount_setattr");
  must(syscall(SYS_move_mount, tree, "", AT_FDCWD, path, 4), "move_mount");
  close(tree);
}

// An empty directory of one file system that all of them share.
static void replace(const char *path, int mode) {
  static int scratch = -1, count;
  char name[16];
  if (scratch < 0) {
    int context = syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC);
    must(syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, 0, 0, 0), "fsconfig");
    must(scratch = syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID), "fsmount");
  }
  sprintf(name, "%d", count++);
  must(mkdirat(scratch, name, mode), "mkdirat");
  int tree = syscall(SYS_open_tree, scratch, name, 1 | O_CLOEXEC);
  must(syscall(SYS_move_mount, tree, "", AT_FDCWD, path, 4), path);
  close(tree);
}

static void seal(const char *path) {
  struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY};
  must(syscall(SYS_mount_setattr, AT_FDCWD, path, 0, &attributes, sizeof attributes), path);
}

static int ruleset = -1;
static const long refused = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG;

static void allow(const char *path) {
  struct landlock_ruleset_attr attributes = {.handled_access_fs = refused};
  if (ruleset < 0)
    must(ruleset = syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0), "landlock");
  struct stat status;
  struct landlock_path_beneath_attr rule = {.parent_fd = open(path, O_PATH | O_CLOEXEC)};
  must(rule.parent_fd, path);
  fstat(rule.parent_fd, &status);
  rule.allowed_access = S_ISDIR(status.st_mode) ? refused : LANDLOCK_ACCESS_FS_WRITE_FILE;
  must(syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0), path);
  close(rule.parent_fd);
}

static void step(char *line) {
  char *path = line + 2, *end = 0;
  long mode = strtol(path, &end, 8);
  if (end != path) path = end + 1;
  switch (*line) {
    case '/': must(mount("/mnt/file", line, 0, MS_BIND, 0), line); break;
    case 'D': must(mount("/mnt/directory", path, 0, MS_BIND, 0), path); break;
    case 'R': read_only(path); break;
    case 'E': replace(path, mode); break;
    case 'S': seal(path); break;
    case 'M': must(mkdir(path, mode), path); break;
    case 'F': close(open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, mode)); break;
    case 'B':
      end = strchr(path, ' ');
      *end = 0;
      must(mount(path, end + 1, 0, MS_BIND | MS_REC, 0), path);
  }
}

static void view(char *lines, int uid, int gid, int has_steps) {
  char map[64];
  put("/proc/self/setgroups", "deny");
  sprintf(map, "%d %d 1\n", uid, uid);
  put("/proc/self/uid_map", map);
  sprintf(map, "%d %d 1\n", gid, gid);
  put("/proc/self/gid_map", map);
  must(mount(0, "/", 0, MS_PRIVATE | MS_REC, 0), "private");
  must(mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, 0), "proc");
  if (!has_steps) read_only("/usr"), read_only("/etc");
  must(mount("tmpfs", "/mnt", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0"), "tmpfs");
  must(mknod("/mnt/file", S_IFREG, 0), "cover");
  if (has_steps) must(mkdir("/mnt/directory", 0), "cover");
  must(mount(0, "/mnt", 0, MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, 0), "remount");
  for (char *line = strtok(lines, "\n"); line; line = strtok(0, "\n")) step(line);
}

// Directories that are there as long as the view is.
static void lend(const char *lines, int ends) {
  for (const char *line = lines; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : 0) {
    char path[4096];
    if (sscanf(line, "L %4095[^\n]", path) == 1) must(ends ? rmdir(path) : mkdir(path, 0700), path);
  }
}

static void drop_capabilities(void) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct none[2] = {0};
  for (int number = 0; number <= CAP_LAST_CAP; number++) prctl(PR_CAPBSET_DROP, number, 0, 0, 0);
  must(syscall(SYS_capset, &header, none), "capset");
}

// Allows writing below what the rest of the lines name.
static void restrict_writing(char *lines, long size) {
  for (char *line = lines; line < lines + size; line += strlen(line) + 1)
    if (*line == 'K') allow(line + 2);
  if (ruleset >= 0) must(syscall(SYS_landlock_restrict_self, ruleset, 0), "landlock");
}

int main(int count, char **words) {
  long size, length = 0;
  char *lines = 0;
  int first = strcmp(words[2], "--") ? 4 : 3;
  int has_steps = first == 4 && strstr(words[2], ".steps");
  char *filter = contents(words[1], &size);
  if (first == 4) {
    lines = contents(words[2], &length);
    int uid = getuid(), gid = getgid(), status;
    if (has_steps) lend(lines, 0);
    long child = syscall(SYS_clone,
                         CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | SIGCHLD, 0, 0,
                         0, 0);
    must(child, "clone");
    if (child) {
      waitpid(child, &status, 0);
      if (has_steps) lend(lines, 1);
      return WEXITSTATUS(status);
    }
    view(lines, uid, gid, has_steps);
    if (has_steps) drop_capabilities();
    long program = fork();
    must(program, "fork");
    if (program) {
      waitpid(program, &status, 0);
      return WEXITSTATUS(status);
    }
  }
  struct sock_fprog program = {size / 8, (struct sock_filter *)filter};
  must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
  if (has_steps) restrict_writing(lines, length);
  must(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program), "seccomp");
  execve(words[first], words + first, environ);
  must(-1, words[first]);
}
