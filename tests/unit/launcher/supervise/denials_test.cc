#include "launcher/supervise/denials.h"

#include <doctest/doctest.h>
#include <errno.h>
#include <poll.h>
#include <seccomp.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher/sys/fd.h"
#include "tests/unit/launcher/supervise/in_child.h"

using namespace launcher;

namespace {

seccomp_data call(int number, std::uint64_t a = 0, std::uint64_t b = 0, std::uint64_t c = 0) {
  seccomp_data data = {};
  data.nr = number;
  data.args[0] = a;
  data.args[1] = b;
  data.args[2] = c;
  return data;
}

void send_fd(int socket, int fd) {
  char byte = 0;
  iovec part = {&byte, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof fd)] = {};
  msghdr message = {nullptr, 0, &part, 1, control, sizeof control, 0};
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  *header = {CMSG_LEN(sizeof fd), SOL_SOCKET, SCM_RIGHTS};
  *reinterpret_cast<int*>(CMSG_DATA(header)) = fd;
  ::sendmsg(socket, &message, 0);
}
int receive_fd(int socket) {
  char byte = 0;
  iovec part = {&byte, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message = {nullptr, 0, &part, 1, control, sizeof control, 0};
  if (::recvmsg(socket, &message, MSG_CMSG_CLOEXEC) <= 0 || message.msg_controllen == 0) return -1;
  return *reinterpret_cast<int*>(CMSG_DATA(CMSG_FIRSTHDR(&message)));
}

// Loads a filter that reports ptrace, hands the listener out, and calls it twice.
int reported_ptrace(int socket) {
  scmp_filter_ctx filter = ::seccomp_init(SCMP_ACT_ALLOW);
  if (::seccomp_rule_add(filter, SCMP_ACT_NOTIFY, SCMP_SYS(ptrace), 0) != 0 || ::seccomp_load(filter) != 0) return 1;
  send_fd(socket, ::seccomp_notify_fd(filter));
  for (int i = 0; i < 2; ++i) {
    errno = 0;
    if (::syscall(SYS_ptrace, PTRACE_TRACEME, 77, 0, 0) != -1 || errno != EPERM) return 2;
  }
  return 0;
}

}  // namespace

TEST_CASE("a denial names the call, who decided, and what would permit it") {
  CHECK(denial_text("www", call(SYS_ptrace, 16, 1234, 0x7f00dead0000), 12, "catalog/php-fpm.yaml:31 (@debug)") ==
        "www: denied: ptrace(16, 1234, 0x7f00dead0000, ...) by pid 12; decided by catalog/php-fpm.yaml:31 (@debug); to "
        "permit it add syscalls.allow: [{name: ptrace, why: \"...\"}]");
  CHECK(denial_text("www", call(100000), 12, "")
            .starts_with("www: denied: system call 100000(0, 0, 0, ...) by pid 12; to"));
}

TEST_CASE("each call has a ration of its own, and what was not told is counted") {
  Denials denials("www", {});
  const Instant start;
  int told = 0;
  for (int i = 0; i < 100; ++i) told += denials.tell(call(SYS_ptrace), 12, start).has_value();
  CHECK(told == 5);
  CHECK(denials.tell(call(SYS_mount), 12, start).has_value());
  CHECK(denials.report(start + Milliseconds(9999)).empty());
  CHECK(denials.report(start + Milliseconds(10000)) == std::vector<std::string>{"www: denied: ptrace 95 more times"});
  CHECK_FALSE(denials.report_due());
}

TEST_CASE("a real notification is answered with EPERM") {
  if (kSanitized) {
    MESSAGE("skipped: a filter under a sanitizer");
    return;
  }
  int ends[2] = {};
  REQUIRE(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0);
  sys::Fd ours(ends[0]), theirs(ends[1]);
  const pid_t child = start_child([&] { return reported_ptrace(theirs.get()); });
  sys::Fd listener(receive_fd(ours.get()));
  REQUIRE(bool(listener));
  Denials denials("www", {{SYS_ptrace, "pool.yaml:3 (@debug)"}});
  for (int i = 0; i < 2; ++i) {
    pollfd wait = {listener.get(), POLLIN, 0};
    REQUIRE(::poll(&wait, 1, 3000) == 1);
    auto line = denials.handle(listener.get(), Instant());
    REQUIRE(line.ok());
    REQUIRE(line.value());
    CHECK(line.value()->starts_with("www: denied: ptrace(0, 77, 0, ...) by pid " + std::to_string(child) +
                                    "; decided by pool.yaml:3 (@debug)"));
  }
  CHECK(wait_for(child) == 0);
  pollfd wait = {listener.get(), POLLIN, 0};
  CHECK(::poll(&wait, 1, 3000) == 1);
  CHECK((wait.revents & (POLLIN | POLLHUP)) == POLLHUP);
}

TEST_CASE("a caller that died before its answer is no error") {
  if (kSanitized) return;
  int ends[2] = {};
  REQUIRE(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0);
  sys::Fd ours(ends[0]), theirs(ends[1]);
  const pid_t child = start_child([&] { return reported_ptrace(theirs.get()); });
  sys::Fd listener(receive_fd(ours.get()));
  pollfd wait = {listener.get(), POLLIN, 0};
  REQUIRE(::poll(&wait, 1, 3000) == 1);
  ::kill(child, SIGKILL);
  CHECK(wait_for(child) == 128 + SIGKILL);
  // what the loop saw was POLLIN: this must neither block nor fail
  Denials denials("www", {});
  ::alarm(5);
  auto line = denials.handle(listener.get(), Instant());
  ::alarm(0);
  CHECK(line.ok());
}

TEST_CASE("a worker that floods is made to wait") {
  Denials denials("www", {});
  const Instant start;
  CHECK_FALSE(denials.paused(start));
  for (int i = 0; i < 1000; ++i) static_cast<void>(denials.handle(-1, start));
  CHECK(denials.paused(start));
  CHECK_FALSE(denials.paused(start + Milliseconds(20)));
}
