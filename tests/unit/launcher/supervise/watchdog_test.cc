#include "launcher/supervise/watchdog.h"

#include <doctest/doctest.h>

using namespace launcher;

namespace {

const Instant kStart;
Instant at(int ms) { return kStart + Milliseconds(ms); }

}  // namespace

TEST_CASE("without a watchdog nobody is asked on its behalf") {
  for (Watchdog none : {Watchdog(), Watchdog(std::nullopt)}) {
    none.told(at(0));
    CHECK_FALSE(none.due());
    CHECK_FALSE(none.is_worried(at(1000000)));
  }
}

TEST_CASE("the pool is asked several times within the manager's patience") {
  Watchdog watchdog(Milliseconds(120000));
  CHECK_FALSE(watchdog.due());  // not before it was ready
  watchdog.told(at(1000));
  CHECK(watchdog.due() == at(41000));
  watchdog.told(at(41010));
  CHECK(watchdog.due() == at(81010));
}

TEST_CASE("a silence is remarked upon once, while there is time to read it") {
  Watchdog watchdog(Milliseconds(120000));
  CHECK_FALSE(watchdog.is_worried(at(500000)));
  watchdog.told(at(0));
  CHECK_FALSE(watchdog.is_worried(at(79999)));
  CHECK(watchdog.is_worried(at(80000)));
  CHECK_FALSE(watchdog.is_worried(at(80001)));
  watchdog.told(at(90000));
  CHECK_FALSE(watchdog.is_worried(at(100000)));
  CHECK(watchdog.is_worried(at(170000)));
}
