// The floor: what a launcher must do at least, and nothing else.
//
//     floor FILTER -- PROGRAM...            load the filter's bytes, execute
//     floor FILTER PATHS -- PROGRAM...      and before that a view: namespaces for one user, a new /proc,
//                                           system directories read-only, each path of the file covered,
//                                           a first process that waits
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/filter.h>
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

static void view(char *paths, int uid, int gid) {
  char map[64];
  put("/proc/self/setgroups", "deny");
  sprintf(map, "%d %d 1\n", uid, uid);
  put("/proc/self/uid_map", map);
  sprintf(map, "%d %d 1\n", gid, gid);
  put("/proc/self/gid_map", map);
  must(mount(0, "/", 0, MS_PRIVATE | MS_REC, 0), "private");
  must(mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, 0), "proc");
  const char *directories[] = {"/usr", "/etc"};
  for (int i = 0; i < 2; i++) {
    int tree = syscall(SYS_open_tree, AT_FDCWD, directories[i], 1 | O_CLOEXEC | AT_RECURSIVE);
    struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY};
    must(tree, "open_tree");
    must(syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes,
                 sizeof attributes), "mount_setattr");
    must(syscall(SYS_move_mount, tree, "", AT_FDCWD, directories[i], 4), "move_mount");
    close(tree);
  }
  must(mount("tmpfs", "/mnt", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0"), "tmpfs");
  must(mknod("/mnt/file", S_IFREG, 0), "cover");
  must(mount(0, "/mnt", 0, MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, 0), "remount");
  for (char *path = strtok(paths, "\n"); path; path = strtok(0, "\n"))
    must(mount("/mnt/file", path, 0, MS_BIND, 0), path);
}

int main(int count, char **words) {
  long size, ignored;
  int first = strcmp(words[2], "--") ? 4 : 3;
  char *filter = contents(words[1], &size);
  if (first == 4) {
    char *paths = contents(words[2], &ignored);
    int uid = getuid(), gid = getgid(), status;
    long child = syscall(SYS_clone,
                         CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | SIGCHLD, 0, 0,
                         0, 0);
    must(child, "clone");
    if (child) {
      waitpid(child, &status, 0);
      return WEXITSTATUS(status);
    }
    view(paths, uid, gid);
    long program = fork();
    must(program, "fork");
    if (program) {
      waitpid(program, &status, 0);
      return WEXITSTATUS(status);
    }
  }
  struct sock_fprog program = {size / 8, (struct sock_filter *)filter};
  must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
  must(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program), "seccomp");
  execve(words[first], words + first, environ);
  must(-1, words[first]);
}
