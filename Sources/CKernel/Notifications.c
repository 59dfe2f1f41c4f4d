#pragma GCC diagnostic error "-Wall"
#pragma GCC diagnostic error "-Wextra"
// User notifications of seccomp(2): the descriptor's way to who answers, questions and answers.
#include "CKernel.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static long result(long value) { return value < 0 ? -errno : value; }

long ck_send_descriptor_keyed(int socket, int fd, const struct ck_key *key) {
  char byte = 0;
  struct iovec data = {.iov_base = &byte, .iov_len = 1};
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof fd)];
  } control = {.header = {.cmsg_len = CMSG_LEN(sizeof fd),
                          .cmsg_level = SOL_SOCKET,
                          .cmsg_type = SCM_RIGHTS}};
  memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
  struct msghdr message = {.msg_iov = &data,
                           .msg_iovlen = 1,
                           .msg_control = &control,
                           .msg_controllen = sizeof control};
  return result(syscall(SYS_sendmsg, socket, &message, MSG_NOSIGNAL, key->words[0], key->words[1],
                        key->words[2]));
}

long ck_receive_descriptor(int socket, pid_t *sender) {
  char byte;
  struct iovec data = {.iov_base = &byte, .iov_len = 1};
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
  } control;
  struct msghdr message = {.msg_iov = &data,
                           .msg_iovlen = 1,
                           .msg_control = &control,
                           .msg_controllen = sizeof control};
  long count = result(recvmsg(socket, &message, MSG_CMSG_CLOEXEC));
  if (count < 0) return count;
  int fd = -1;
  *sender = 0;
  for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET) continue;
    if (part->cmsg_type == SCM_RIGHTS) memcpy(&fd, CMSG_DATA(part), sizeof fd);
    if (part->cmsg_type == SCM_CREDENTIALS) {
      struct ucred sent;
      memcpy(&sent, CMSG_DATA(part), sizeof sent);
      *sender = sent.pid;
    }
  }
  return fd < 0 ? -ECONNRESET : fd;
}

long ck_socket_pair(int ends[2]) {
  int yes = 1;
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) return -errno;
  return result(setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes));
}

// The kernel wants zeroes, and writes no more than it knows.
long ck_notification_receive(int listener, struct ck_notification *notification) {
  union {
    struct seccomp_notif notification;
    char room[256];
  } buffer;
  memset(&buffer, 0, sizeof buffer);
  if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &buffer) < 0) return -errno;
  const struct seccomp_notif *got = &buffer.notification;
  *notification = (struct ck_notification){.id = got->id,
                                           .instruction = got->data.instruction_pointer,
                                           .thread = (pid_t)got->pid,
                                           .number = got->data.nr,
                                           .architecture = got->data.arch};
  memcpy(notification->arguments, got->data.args, sizeof notification->arguments);
  return 0;
}

long ck_notification_answer(int listener, uint64_t id, int error, int goes_on) {
  struct seccomp_notif_resp response = {
      .id = id,
      .error = -error,
      .flags = goes_on ? SECCOMP_USER_NOTIF_FLAG_CONTINUE : 0};
  return result(ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response));
}

long ck_notification_is_valid(int listener, uint64_t id) {
  return result(ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id));
}

long ck_notification_wake_at_once(int listener) {
  // SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP: newer than some headers.
  return result(ioctl(listener, _IOW('!', 4, uint64_t), 1UL));
}

long ck_thread_kill(pid_t process, pid_t thread, int signal) {
  return result(syscall(SYS_tgkill, process, thread, signal));
}

long ck_read_memory(pid_t process, uint64_t address, void *bytes, size_t count) {
  struct iovec local = {.iov_base = bytes, .iov_len = count};
  struct iovec remote = {.iov_base = (void *)(uintptr_t)address, .iov_len = count};
  return result(process_vm_readv(process, &local, 1, &remote, 1, 0));
}
