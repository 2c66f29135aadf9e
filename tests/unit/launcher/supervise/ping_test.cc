#include "launcher/supervise/ping.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstdlib>

#include "launcher/supervise/own_privileges.h"
#include "tests/unit/launcher/supervise/fake_fpm.h"
#include "tests/unit/launcher/supervise/in_child.h"

using namespace launcher;

namespace {

// true when a pong came within the time.
bool ping_until(Ping& ping, Milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  do {
    if (ping.advance(std::chrono::steady_clock::now())) return true;
    pollfd wait = {ping.fd(), ping.events(), 0};
    ::poll(&wait, 1, 10);
  } while (std::chrono::steady_clock::now() < end);
  return false;
}

}  // namespace

TEST_CASE("a socket without a name answers") {
  FakeSocket socket;
  const pid_t server = start_child([&] { return serve(socket.listener.get(), {kPong}); });
  Ping ping(socket.inode.get());
  CHECK(ping_until(ping, Milliseconds(30000)));
  CHECK_FALSE(ping.due());
  CHECK(ping.fd() == -1);
  CHECK(wait_for(server) == 0);
}

TEST_CASE("bad answers are asked again") {
  FakeSocket socket;
  const pid_t server = start_child([&] {
    return serve(socket.listener.get(), {"", "HTTP/1.1 200 OK\r\n\r\n", kNotFound, kPong});
  });
  Ping ping(socket.inode.get());
  CHECK(ping_until(ping, Milliseconds(30000)));
  CHECK(wait_for(server) == 0);
}

TEST_CASE("a server that says nothing holds nobody up") {
  FakeSocket socket;
  Ping ping(socket.inode.get());
  CHECK_FALSE(ping_until(ping, Milliseconds(100)));
  CHECK(ping.last_failure() == "no answer yet");
  CHECK(ping.fd() >= 0);
  ping.advance(std::chrono::steady_clock::now() + Milliseconds(6000));
  CHECK(ping.last_failure() == "no answer within 5 s");
  CHECK(ping.fd() == -1);
}

TEST_CASE("a dead server is named") {
  FakeSocket socket;
  socket.listener.reset();
  Ping ping(socket.inode.get());
  CHECK_FALSE(ping_until(ping, Milliseconds(60)));
  CHECK(ping.last_failure() == "connect to the status socket: Connection refused");
}

TEST_CASE("the supervisor's user reaches its own status socket, under its filter") {
  if (::geteuid() != 0 || kSanitized) {
    MESSAGE("skipped: needs root, and no sanitizer");
    return;
  }
  FakeSocket socket;
  REQUIRE(::fchownat(socket.inode.get(), "", 65533, 65533, AT_EMPTY_PATH) == 0);
  const pid_t server = start_child([&] { return serve(socket.listener.get(), {kPong}); });
  CHECK(in_child([&] {
          if (!drop_supervisor_privileges(65533, 65533)) return 1;
          if (!load_supervisor_filter()) return 2;
          Ping ping(socket.inode.get());
          return ping_until(ping, Milliseconds(30000)) ? 0 : 3;
        }) == 0);
  ::kill(server, SIGKILL);
  wait_for(server);
}
