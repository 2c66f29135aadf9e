#include "launcher/supervise/notify.h"

#include <doctest/doctest.h>

#include <cstdlib>

#include "tests/unit/launcher/supervise/fake_manager.h"

using namespace launcher;

TEST_CASE("the service manager is told, and the variable goes no further") {
  FakeManager manager;
  ::setenv("NOTIFY_SOCKET", manager.address.c_str(), 1);
  ::setenv("WATCHDOG_USEC", "1000000", 1);
  auto notifier = Notifier::from_environment();
  REQUIRE(notifier.ok());
  CHECK(std::getenv("NOTIFY_SOCKET") == nullptr);
  CHECK(std::getenv("WATCHDOG_USEC") == nullptr);
  CHECK(notifier.value().ready("answering requests").ok());
  CHECK(manager.next() == "READY=1\nSTATUS=answering requests");
  notifier.value().alive();
  CHECK(manager.next() == "WATCHDOG=1");
  // the pool file's deadlines, and time around them
  notifier.value().starting(Milliseconds(30000));
  CHECK(manager.next() == "EXTEND_TIMEOUT_USEC=45000000\nSTATUS=waiting for the pool's first answer");
  notifier.value().stopping("finishing requests", Milliseconds(600000));
  CHECK(manager.next() == "STOPPING=1\nEXTEND_TIMEOUT_USEC=615000000\nSTATUS=finishing requests");
}

TEST_CASE("that READY was lost, to a full queue, is no secret") {
  FakeManager manager;
  const auto notifier = Notifier::to(manager.address);
  REQUIRE(notifier.ok());
  bool told = true;
  for (int i = 0; told && i < 100000; ++i) told = notifier.value().ready("answering requests").ok();
  CHECK_FALSE(told);
  CHECK(manager.next() == "READY=1\nSTATUS=answering requests");
  CHECK(notifier.value().ready("answering requests").ok());
}

TEST_CASE("a watchdog is served when it is meant for this process") {
  FakeManager manager;
  const std::string self = std::to_string(::getpid());
  const std::string other = std::to_string(::getppid());
  const struct {
    const char* interval;
    const char* pid;
    long expected;  // milliseconds; 0: none
  } rows[] = {
      {"120000000", nullptr, 120000}, {"120000000", self.c_str(), 120000}, {"120000000", other.c_str(), 0},
      {nullptr, self.c_str(), 0},     {"0", nullptr, 0},                   {"999", nullptr, 0},
      {"", nullptr, 0},               {"-5", nullptr, 0},                  {"18446744073709551615", nullptr, 0},
      {"90 s", nullptr, 0},
  };
  for (const auto& row : rows) {
    CAPTURE(row.interval);
    CAPTURE(row.pid);
    ::setenv("NOTIFY_SOCKET", manager.address.c_str(), 1);
    if (row.interval != nullptr) ::setenv("WATCHDOG_USEC", row.interval, 1);
    if (row.pid != nullptr) ::setenv("WATCHDOG_PID", row.pid, 1);
    const auto notifier = Notifier::from_environment();
    REQUIRE(notifier.ok());
    CHECK(notifier.value().watchdog().value_or(Milliseconds(0)).count() == row.expected);
    CHECK(std::getenv("WATCHDOG_PID") == nullptr);
  }
}

TEST_CASE("without a service manager nobody is told") {
  ::unsetenv("NOTIFY_SOCKET");
  auto notifier = Notifier::from_environment();
  REQUIRE(notifier.ok());
  CHECK_FALSE(bool(notifier.value()));
  CHECK(notifier.value().ready("nothing happens").ok());
}

TEST_CASE("addresses that are none") {
  for (const std::string& address : {std::string("relative"), std::string("@"), std::string("vsock:2:1"),
                                     "/" + std::string(200, 'x'), std::string("/nonexistent/notify")}) {
    CAPTURE(address);
    CHECK_FALSE(Notifier::to(address).ok());
  }
}
