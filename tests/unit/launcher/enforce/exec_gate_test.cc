// Which notification is the one exec, and what becomes of all others: with a real filter and a real child.
#include "launcher/enforce/exec_gate.h"

#include <doctest/doctest.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <poll.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include "launcher/sys/fd.h"
#include "profiles/kernel/syscall_names.h"

namespace {

constexpr int K = 900;

launcher::FilterPlan gate() {
  launcher::FilterPlan plan;
  plan.program_fd = K;
  plan.exec_gate = launcher::ExecGate::notified;
  plan.report = true;
  return plan;
}

sys::Notification the_exec() {
  sys::Notification out;
  out.pid = 77;
  out.call.nr = profiles::syscall_number("execveat").value();
  out.call.arch = seccomp_arch_native();
  out.call.args[0] = K;
  out.call.args[4] = AT_EMPTY_PATH;
  return out;
}

void send_fd(int socket, int fd) {
  char byte = 0;
  iovec part = {&byte, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof fd)] = {};
  msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof fd);
  std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
  ::sendmsg(socket, &message, 0);
}

int receive_fd(int socket) {
  char byte = 0;
  iovec part = {&byte, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  int fd = -1;
  if (::recvmsg(socket, &message, MSG_CMSG_CLOEXEC) == 1 && CMSG_FIRSTHDR(&message) != nullptr)
    std::memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
  return fd;
}

// A child whose filter notifies of execveat alone, and which then calls it on `fd`, twice. It exits with the errno of the
// second.
struct Child {
  pid_t pid = -1;
  sys::Fd listener;
};

[[noreturn]] void be_child(int socket, int fd) {
  const auto number = static_cast<std::uint32_t>(profiles::syscall_number("execveat").value());
  sock_filter filter[] = {{BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
                          {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, number},
                          {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_USER_NOTIF},
                          {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}};
  const sock_fprog program = {4, filter};
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  const long listener = ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
  if (listener < 0) ::_exit(250);
  send_fd(socket, static_cast<int>(listener));
  ::close(static_cast<int>(listener));
  ::close(socket);
  for (int i = 0; i < 2; ++i) ::syscall(SYS_execveat, fd, "", nullptr, nullptr, AT_EMPTY_PATH);
  ::_exit(errno);
}

Child start_child(int fd) {
  int ends[2];
  REQUIRE_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
  const sys::Fd ours(ends[0]);
  sys::Fd theirs(ends[1]);
  Child child;
  child.pid = ::fork();
  REQUIRE_GE(child.pid, 0);
  if (child.pid == 0) be_child(theirs.get(), fd);
  theirs.reset();
  child.listener = sys::Fd(receive_fd(ours.get()));
  REQUIRE_GE(child.listener.get(), 0);
  return child;
}

bool is_waiting(const Child& child) {
  pollfd listener = {child.listener.get(), POLLIN, 0};
  return ::poll(&listener, 1, 30000) == 1 && (listener.revents & POLLIN) != 0;
}

int exit_code(const Child& child) {
  int status = 0;
  ::waitpid(child.pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("only the child's own execveat on K with AT_EMPTY_PATH is the exec") {
  CHECK(launcher::is_the_exec(the_exec(), 77, gate()));
  struct Row {
    const char* what;
    void (*change)(sys::Notification&);
  };
  const Row rows[] = {
      {"another process", [](sys::Notification& n) { n.pid = 78; }},
      {"a process that has no number here", [](sys::Notification& n) { n.pid = 0; }},
      {"execve", [](sys::Notification& n) { n.call.nr = profiles::syscall_number("execve").value(); }},
      {"another architecture", [](sys::Notification& n) { n.call.arch = AUDIT_ARCH_I386; }},
      {"another fd", [](sys::Notification& n) { n.call.args[0] = K + 1; }},
      {"no flag", [](sys::Notification& n) { n.call.args[4] = 0; }},
      {"one more flag", [](sys::Notification& n) { n.call.args[4] = AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW; }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    sys::Notification other = the_exec();
    row.change(other);
    CHECK_FALSE(launcher::is_the_exec(other, 77, gate()));
  }
  CHECK_FALSE(launcher::is_the_exec(the_exec(), 0, gate()));
  launcher::FilterPlan pinned = gate();
  pinned.exec_gate = launcher::ExecGate::pinned_path;
  CHECK_FALSE(launcher::is_the_exec(the_exec(), 77, pinned));
}

// The let-through call reaches the kernel, which finds no file on K; the next one finds nobody who listens.
TEST_CASE("the exec goes on; a launcher that is gone leaves ENOSYS") {
  Child child = start_child(K);
  REQUIRE(is_waiting(child));
  const auto opened = launcher::open_exec_gate(child.listener.get(), child.pid, gate());
  REQUIRE(opened.ok());
  CHECK(opened.value());
  REQUIRE(is_waiting(child));
  child.listener.reset();
  CHECK_EQ(exit_code(child), ENOSYS);
}

TEST_CASE("anything else is refused and an error") {
  Child child = start_child(K + 1);
  for (int i = 0; i < 2; ++i) {
    REQUIRE(is_waiting(child));
    CHECK_FALSE(launcher::open_exec_gate(child.listener.get(), child.pid, gate()).ok());
  }
  CHECK_EQ(exit_code(child), EPERM);
}
