#include "launcher/supervise/notify.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstdlib>

using namespace launcher;

namespace {

// A manager's end on an abstract address; "@name".
struct Manager {
  sys::Fd socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  std::string address = "@fpmbox-notify-test-" + std::to_string(::getpid());
  Manager() {
    sockaddr_un where = {};
    where.sun_family = AF_UNIX;
    address.copy(where.sun_path, address.size());
    where.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size());
    REQUIRE(::bind(socket.get(), reinterpret_cast<sockaddr*>(&where), size) == 0);
  }
  std::string next() {
    char buffer[512];
    const ssize_t count = ::recv(socket.get(), buffer, sizeof buffer, 0);
    return count < 0 ? "nothing" : std::string(buffer, static_cast<std::size_t>(count));
  }
};

}  // namespace

TEST_CASE("the service manager is told, and the variable goes no further") {
  Manager manager;
  ::setenv("NOTIFY_SOCKET", manager.address.c_str(), 1);
  ::setenv("WATCHDOG_USEC", "1000000", 1);
  auto notifier = Notifier::from_environment();
  REQUIRE(notifier.ok());
  CHECK(std::getenv("NOTIFY_SOCKET") == nullptr);
  CHECK(std::getenv("WATCHDOG_USEC") == nullptr);
  notifier.value().ready("answering requests");
  CHECK(manager.next() == "READY=1\nSTATUS=answering requests");
  notifier.value().stopping("finishing requests");
  CHECK(manager.next() == "STOPPING=1\nSTATUS=finishing requests");
}

TEST_CASE("without a service manager nobody is told") {
  ::unsetenv("NOTIFY_SOCKET");
  auto notifier = Notifier::from_environment();
  REQUIRE(notifier.ok());
  CHECK_FALSE(bool(notifier.value()));
  notifier.value().ready("nothing happens");
}

TEST_CASE("addresses that are none") {
  for (const std::string& address : {std::string("relative"), std::string("@"), std::string("vsock:2:1"),
                                     "/" + std::string(200, 'x'), std::string("/nonexistent/notify")}) {
    CAPTURE(address);
    CHECK_FALSE(Notifier::to(address).ok());
  }
}
