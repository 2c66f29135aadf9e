// Everything of the child that is neither mounts nor privileges.
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher/enforce/child/steps.h"
#include "launcher/enforce/child/handshake.h"

namespace child {

// clone copied the launcher's fds: its ends of the handshake, and its lock. Before its own
// death signal is set the launcher's end must be seen by end of file; the kernel clears the signal at the change of identity.
int leave_launcher(const Orders& orders, int&) {
  for (size_t i = 0; i < orders.parent_end_count; ++i) close(orders.parent_ends[i]);
  return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 ? 0 : errno;
}

int join_namespaces(const Orders& orders, int& subject) {
  for (size_t i = 0; i < orders.join_count; ++i) {
    if (syscall(SYS_setns, orders.join[i].fd, orders.join[i].type) == 0) continue;
    subject = static_cast<int>(i);
    return errno;
  }
  return 0;
}

int pin_path(const Orders& orders, int&) {
  if (!orders.pin_path) return 0;
  constexpr size_t kPage = 4096;
  constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
  const long page = syscall(SYS_mmap, 0, kPage, PROT_READ, kFlags, -1, 0);
  return page == 0 ? 0 : errno;
}

int await_go(const Orders& orders, int&) {
  char message = 0;
  for (;;) {
    const ssize_t count = recv(orders.handshake, &message, 1, 0);
    if (count == 1) return message == handshake::kGo ? 0 : EPROTO;
    if (count == 0) _exit(71);  // the parent has given up and says why itself
    if (errno != EINTR) return errno;
  }
}

int join_cgroups(const Orders& orders, int& subject) {
  for (size_t i = 0; i < orders.cgroup_count; ++i) {
    subject = static_cast<int>(i);
    if (write(orders.cgroup_tasks[i], "0", 1) != 1) return errno;
  }
  return 0;
}

int new_session(const Orders&, int&) { return setsid() >= 0 ? 0 : errno; }

int set_hostname(const Orders& orders, int&) {
  if (orders.hostname_length == 0) return 0;
  return syscall(SYS_sethostname, orders.hostname, orders.hostname_length) == 0 ? 0 : errno;
}

int leave_cgroup_namespace(const Orders& orders, int&) {
  if (!orders.own_cgroup_namespace) return 0;
  return syscall(SYS_unshare, CLONE_NEWCGROUP) == 0 ? 0 : errno;
}

// The soft limit of the launcher may be below K; the hard one is above it, prepare() has checked.
static int make_room_for(int number) {
  struct rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return errno;
  if (limit.rlim_cur > static_cast<rlim_t>(number)) return 0;
  limit.rlim_cur = limit.rlim_max;
  return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? 0 : errno;
}

int place_fds(const Orders& orders, int& subject) {
  // The parent keeps 3 to 15 occupied, so no source is overwritten before its turn.
  const struct {
    int from;
    int to;
  } rows[] = {{orders.input, 0}, {orders.output, 1}, {orders.errors, 2}, {orders.live, 3}, {orders.status, 4}};
  unsigned placed = 0;
  for (const auto& row : rows) {
    if (row.from < 0) break;
    subject = row.to;
    if (dup2(row.from, row.to) < 0) return errno;
    ++placed;
  }
  subject = orders.program_number;
  if (const int code = make_room_for(orders.program_number); code != 0) return code;
  // Everything else, also what our own caller leaked into us, closes at exec.
  if (syscall(SYS_close_range, placed, ~0u, CLOSE_RANGE_CLOEXEC) != 0) return errno;
  return dup3(orders.program, orders.program_number, O_CLOEXEC) >= 0 ? 0 : errno;
}

int lower_limits(const Orders& orders, int& subject) {
  for (size_t i = 0; i < orders.rlimit_count; ++i) {
    subject = static_cast<int>(i);
    const struct rlimit limit = {orders.rlimits[i].value, orders.rlimits[i].value};
    if (setrlimit(static_cast<__rlimit_resource>(orders.rlimits[i].resource), &limit) != 0) return errno;
  }
  umask(orders.umask);
  return 0;
}

int enter_directory(const Orders& orders, int&) { return chdir(orders.directory) == 0 ? 0 : errno; }

int die_with_launcher(const Orders& orders, int&) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return errno;
  // It may have died before: then its end of the handshake is closed.
  char byte = 0;
  if (recv(orders.handshake, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0) _exit(71);
  return 0;
}

int reset_signals(const Orders&, int&) {
  struct sigaction standard = {};
  standard.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) sigaction(number, &standard, nullptr);  // KILL and STOP say EINVAL
  sigset_t none;
  sigemptyset(&none);
  return sigprocmask(SIG_SETMASK, &none, nullptr) == 0 ? 0 : errno;
}

// For good: nobody can take it back (PR_SET_MDWE(2const)).
int deny_write_execute(const Orders& orders, int&) {
  if (!orders.deny_write_execute) return 0;
  if (prctl(kSetMdwe, kRefuseExecGain, 0UL, 0UL, 0UL) != 0) return errno;
  return prctl(kGetMdwe, 0UL, 0UL, 0UL, 0UL) == static_cast<int>(kRefuseExecGain) ? 0 : EPERM;
}

int restrict_by_landlock(const Orders& orders, int&) {
  if (orders.landlock < 0) return 0;
  return syscall(SYS_landlock_restrict_self, orders.landlock, 0) == 0 ? 0 : errno;
}

static int send_listener(int socket, int listener) {
  char message = handshake::kListener;
  struct iovec part = {&message, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  struct msghdr header = {};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof control;
  struct cmsghdr* rights = CMSG_FIRSTHDR(&header);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(rights), &listener, sizeof listener);
  return sendmsg(socket, &header, MSG_NOSIGNAL) == 1 ? 0 : errno;
}

int load_filter(const Orders& orders, int&) {
  const struct sock_fprog program = {orders.filter_length, const_cast<sock_filter*>(orders.filter)};
  // WAIT_KILLABLE_RECV (5.19): a worker's timer must not interrupt a call that the launcher is about to answer
  const unsigned long flags =
      orders.listener ? SECCOMP_FILTER_FLAG_NEW_LISTENER | (orders.listener_waits ? handshake::kWaitKillable : 0) : 0;
  const long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
  if (result < 0) return errno;
  return orders.listener ? send_listener(orders.handshake, static_cast<int>(result)) : 0;
}

int execute(const Orders& orders, int&) {
  const char* path = orders.pin_path ? reinterpret_cast<const char*>(kPathAddress) : "";
  syscall(SYS_execveat, orders.program_number, path, orders.argv, orders.environment, AT_EMPTY_PATH);
  return errno;
}

}  // namespace child
