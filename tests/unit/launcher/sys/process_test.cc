#include "launcher/sys/process.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <unistd.h>

using namespace sys;

namespace {
const std::string kRest = " 100 100 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654 1 2 3\n";
}

TEST_CASE("the name of a process can hold what it likes") {
  for (const std::string name : {"php-fpm", "a b", "x) S 1 (", ") R 9 9 9", "(()", ""}) {
    CAPTURE(name);
    const auto stat = parse_stat("42 (" + name + ") S 7" + kRest);
    REQUIRE(stat);
    CHECK(*stat == ProcessStat{42, 'S', 7, 987654});
  }
}

TEST_CASE("what is no stat is not taken for one") {
  for (const std::string text : {"", "42", "42 (x", "42 (x) S 7", "x (x) S 7 ", ") 42 (x"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_stat(text));
  }
  CHECK_FALSE(parse_stat("42 (x) SS 7" + kRest));
}

TEST_CASE("our own") {
  const auto stat = process_stat(::getpid());
  REQUIRE(stat.ok());
  CHECK(stat.value().parent == ::getppid());
  CHECK(stat.value().start > 0);
  CHECK(process_stat(0x7fffffff).error().code == ENOENT);
  const auto self = open_process(::getpid());
  REQUIRE(self.ok());
  CHECK(signal_process(self.value().get(), 0).ok());
}
