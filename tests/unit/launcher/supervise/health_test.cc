#include "launcher/supervise/health.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <string>

using launcher::Health;
using launcher::Instant;

namespace {

// An abstract name that the kernel chooses.
struct Door {
  sys::Fd listener{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_un address = {};
  socklen_t length = sizeof(sa_family_t);
  Door() {
    address.sun_family = AF_UNIX;
    ::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), length);
    length = sizeof address;
    ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &length);
    ::listen(listener.get(), 32);
  }
  sys::Fd come() const {
    sys::Fd out(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE_EQ(::connect(out.get(), reinterpret_cast<const sockaddr*>(&address), length), 0);
    return out;
  }
};

std::string heard(const sys::Fd& connection) {
  char text[200] = {};
  const ssize_t count = ::recv(connection.get(), text, sizeof text - 1, MSG_DONTWAIT);
  return count < 0 ? "nothing yet" : text;
}

}  // namespace

TEST_CASE("who asks is answered when the pool has answered, or when patience ends") {
  Door door;
  const auto one = door.come(), two = door.come();
  Health health(std::move(door.listener));
  const Instant start{};
  CHECK(health.take(start, ""));
  CHECK_EQ(heard(one), "nothing yet");
  health.answer(launcher::kHealthy);
  CHECK_EQ(heard(one), "healthy\n");
  CHECK_EQ(heard(one), "");  // and the end
  CHECK_FALSE(health.due().has_value());

  CHECK(health.take(start, ""));
  CHECK(health.due() == start + Health::kPatience);
  health.give_up(start + Health::kPatience - launcher::Milliseconds(1), "why");
  CHECK_EQ(heard(two), "nothing yet");
  health.give_up(start + Health::kPatience, "no answer yet");
  CHECK_EQ(heard(two), "unhealthy: no answer yet\n");
}

TEST_CASE("a pool that starts or stops is not asked, and a crowd is turned away") {
  Door door;
  std::vector<sys::Fd> crowd;
  for (std::size_t i = 0; i < Health::kMostAsking + 2; ++i) crowd.push_back(door.come());
  Health health(std::move(door.listener));
  CHECK_FALSE(health.take({}, "starting"));
  CHECK_EQ(heard(crowd[0]), "starting\n");
  for (std::size_t i = 0; i < Health::kMostAsking; ++i) CHECK(health.take({}, ""));
  CHECK_FALSE(health.take({}, ""));
  CHECK_EQ(heard(crowd.back()), "busy: too many ask at once\n");
  CHECK_FALSE(Health(sys::Fd()).take({}, ""));
}
