// What somebody could do who has taken over a server: a library that tries calls when it is loaded,
// and again when the server sends a value that holds "intrude". One line a time on descriptor 200.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static void try(char *line, const char *name, long result) {
  strcat(strcat(strcat(line, " "), result < 0 && errno == EPERM ? "no-" : ""), name);
}

static void intrude(const char *title) {
  char line[512] = {0};
  struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/nowhere"};
  strcpy(line, title);
  try(line, "socket", syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0));
  try(line, "bind", syscall(SYS_bind, -1, &address, sizeof address));
  try(line, "listen", syscall(SYS_listen, -1, 1));
  try(line, "connect", syscall(SYS_connect, -1, &address, sizeof address));
  try(line, "openat", syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY));
  try(line, "mkdir", syscall(SYS_mkdir, "/nowhere/x", 0700));
  try(line, "kill", syscall(SYS_kill, 0, 0));
  try(line, "code", (long)mmap(0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  long child = syscall(SYS_clone, 17, 0, 0, 0, 0);
  if (child == 0) syscall(SYS_exit_group, 0);
  try(line, "process", child);
  // What a server does all the time.
  try(line, "memory", (long)mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  try(line, "accept", syscall(SYS_accept4, -1, 0, 0, 0));
  try(line, "thread", syscall(SYS_clone, CLONE_THREAD, 0, 0, 0, 0));
  strcat(line, "\n");
  write(200, line, strlen(line));
}

__attribute__((constructor)) static void start(void) {
  const char *log = getenv("INTRUDER");
  int file = log ? open(log, O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;
  if (file < 0) return;
  dup2(file, 200);
  unsetenv("LD_PRELOAD");
  intrude("starting");
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
  for (size_t i = 0; i < message->msg_iovlen; i++)
    if (memmem(message->msg_iov[i].iov_base, message->msg_iov[i].iov_len, "intrude", 7))
      intrude("serving");
  return syscall(SYS_sendmsg, fd, message, flags);
}
