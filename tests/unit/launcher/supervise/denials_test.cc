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
#include "tests/unit/launcher/denials/shop.h"
#include "tests/unit/launcher/supervise/fake_fpm.h"
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

TEST_CASE("a call that nobody can be asked about is told at once") {
  const test::Shop shop;
  const DenialContext context = shop.context();
  Denials denials(context, {});
  denials.tell(call(SYS_ptrace, 16, 1234), 12, Instant());
  const auto told = denials.take(Instant());
  REQUIRE_EQ(told.size(), 1u);
  CHECK_EQ(told.front().pid, 12);
  CHECK_EQ(told.front().pool, "shop");
  CHECK_EQ(told.front().generation, 4711);
  CHECK_EQ(test::shortened(denial_line(told.front())),
           "shop: denied: ptrace(PTRACE_ATTACH, 1234) (pid 12); decided by syscalls.report (catalog/base.yaml:34:7 through @debug); "
           "to permit it add syscalls: {allow: [{name: ptrace, why: \"...\"}]}");
}

namespace {

// What FPM says of one worker, to the question that came first.
void answer_question(const FakeSocket& socket, const std::string& worker) {
  REQUIRE_EQ(serve(socket.listener.get(), {fastcgi_reply("Content-type: text/plain\r\n\r\npool: shop\n\n************************\n" + worker)}), 0);
}

}  // namespace

TEST_CASE("an answer from before a call does not say whose call it is") {
  const test::Shop shop;
  const DenialContext context = shop.context();
  FakeSocket fpm;
  Denials denials(context, {.numbers = ProcessNumbers::of(1, false), .status_socket = fpm.inode.get()});
  const Instant start{};
  denials.tell(call(SYS_ptrace), 7, start);
  CHECK(denials.take(start).empty());
  // its worker is about to serve another script, which makes a call while the answer is on its way
  denials.tell(call(SYS_unshare), 7, start + Milliseconds(3));
  answer_question(fpm, "pid: 7\nstate: Idle\nrequest duration: 90\nscript: /srv/shop/www/first.php\n");
  auto told = denials.take(start + Milliseconds(4));
  REQUIRE_EQ(told.size(), 1u);
  CHECK_EQ(told.front().script, "/srv/shop/www/first.php");
  // it is asked once more
  CHECK(denials.due() == start + Milliseconds(4) + StatusQuestion::kPatience);
  answer_question(fpm, "pid: 7\nstate: Running\nrequest duration: 5000\nscript: /srv/shop/www/second.php\n");
  told = denials.take(start + Milliseconds(9));
  REQUIRE_EQ(told.size(), 1u);
  CHECK_EQ(told.front().script, "/srv/shop/www/second.php");
  CHECK_FALSE(denials.due());
}

TEST_CASE("a call that waits for a question of its own is told at the end, and when none may be asked") {
  const test::Shop shop;
  const DenialContext context = shop.context();
  for (const bool at_end : {true, false}) {
    FakeSocket fpm;
    Denials denials(context, {.numbers = ProcessNumbers::of(1, false), .status_socket = fpm.inode.get()});
    const Instant start{};
    denials.tell(call(SYS_ptrace), 7, start);
    denials.tell(call(SYS_unshare), 7, start + Milliseconds(3));
    answer_question(fpm, "pid: 7\nstate: Idle\nrequest duration: 90\nscript: /srv/shop/www/first.php\n");
    fpm.listener.reset();
    const auto told = at_end ? denials.take_last() : denials.take(start + Milliseconds(4));
    REQUIRE_EQ(told.size(), 2u);
    CHECK_EQ(told.back().script, "");
  }
}

TEST_CASE("of very many the rest is counted, and told at the end") {
  const test::Shop shop;
  const DenialContext context = shop.context();
  Denials denials(context, {.script = "php bin/x.php"});
  for (int i = 0; i < 100; ++i) denials.tell(call(SYS_ptrace), 12, Instant());
  CHECK_EQ(denials.take(Instant()).size(), 5u);
  CHECK(denials.due());
  const auto rest = denials.take_last();
  REQUIRE_EQ(rest.size(), 1u);
  CHECK_EQ(rest.front().count, 95u);
  CHECK_EQ(rest.front().script, "php bin/x.php");
}

TEST_CASE("lines of the log become denials in the same form") {
  const test::Shop shop;
  const DenialContext context = shop.context();
  Denials denials(context, {});
  denials.see_line("[26-Nov-2026 13:09:10] NOTICE: ready to handle connections", Instant());
  denials.see_line("PHP Warning:  mkdir(): Read-only file system in /a.php on line 2", Instant());
  const auto told = denials.take(Instant());
  REQUIRE_EQ(told.size(), 1u);
  CHECK(told.front().kind == Denial::Kind::write);
  CHECK_EQ(told.front().script, "/a.php");
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
  const test::Shop shop;
  const DenialContext context = shop.context();
  Denials denials(context, {});
  for (int i = 0; i < 2; ++i) {
    pollfd wait = {listener.get(), POLLIN, 0};
    REQUIRE(::poll(&wait, 1, 30000) == 1);
    REQUIRE(denials.handle(listener.get(), Instant()).ok());
    const auto told = denials.take(Instant());
    REQUIRE_EQ(told.size(), 1u);
    CHECK_EQ(told.front().act, "ptrace(PTRACE_TRACEME, 77)");
    CHECK_EQ(told.front().pid, child);
  }
  CHECK(wait_for(child) == 0);
  pollfd wait = {listener.get(), POLLIN, 0};
  CHECK(::poll(&wait, 1, 30000) == 1);
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
  REQUIRE(::poll(&wait, 1, 30000) == 1);
  ::kill(child, SIGKILL);
  CHECK(wait_for(child) == 128 + SIGKILL);
  // what the loop saw was POLLIN: this must neither block nor fail
  const test::Shop shop;
  const DenialContext context = shop.context();
  Denials denials(context, {});
  ::alarm(60);
  auto line = denials.handle(listener.get(), Instant());
  ::alarm(0);
  CHECK(line.ok());
}

TEST_CASE("a worker that floods is made to wait") {
  const test::Shop shop;
  const DenialContext context = shop.context();
  Denials denials(context, {});
  const Instant start;
  CHECK_FALSE(denials.paused(start));
  for (int i = 0; i < 1000; ++i) static_cast<void>(denials.handle(-1, start));
  CHECK(denials.paused(start));
  CHECK_FALSE(denials.paused(start + Milliseconds(20)));
}

TEST_CASE("of a flood of lines no more are looked at than are printed") {
  const test::Shop shop;
  const DenialContext context = shop.context();
  Denials denials(context, {});
  for (int i = 0; i < 5000; ++i) denials.see_line("PHP Warning:  touch(): Unable to create file /srv/shop/www/" + std::to_string(i) + " because Read-only file system in /a.php on line 2", Instant());
  CHECK_EQ(denials.take(Instant()).size(), static_cast<std::size_t>(LineRation::kBurst));
}
