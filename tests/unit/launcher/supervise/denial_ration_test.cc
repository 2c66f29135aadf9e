#include "launcher/supervise/denial_ration.h"

#include <doctest/doctest.h>

using namespace launcher;

namespace {

Denial call_of(const std::string& act) { return {.pool = "www", .kind = Denial::Kind::system_call, .act = act}; }

}  // namespace

TEST_CASE("each kind has a ration of its own, and what was not told is counted") {
  DenialRation ration;
  const Instant start;
  int told = 0;
  for (int i = 0; i < 100; ++i) told += ration.admit("ptrace", call_of("ptrace(" + std::to_string(i) + ")"), start);
  CHECK_EQ(told, 5);
  CHECK(ration.admit("mount", call_of("mount(...)"), start));
  CHECK(ration.report(start + Milliseconds(9999)).empty());
  const auto more = ration.report(start + Milliseconds(10000));
  REQUIRE_EQ(more.size(), 1u);
  CHECK_EQ(more_times_line(more.front()), "www: denied: ptrace 95 more times");
  CHECK_FALSE(ration.report_due());
}

TEST_CASE("what an application does at every request is told twice") {
  DenialRation ration;
  Denial write = {.pool = "www", .kind = Denial::Kind::write, .act = "write /a"};
  int told = 0;
  for (int i = 0; i < 1000; ++i) told += ration.admit("write /a", write, Instant());
  CHECK_EQ(told, 2);
  CHECK_EQ(ration.last_report().front().count, 998u);
}

TEST_CASE("a pool that never repeats itself is counted all the same") {
  DenialRation ration;
  int told = 0;
  for (int i = 0; i < 10000; ++i) told += ration.admit("write /" + std::to_string(i), {.pool = "www", .kind = Denial::Kind::write, .act = "write"}, Instant());
  CHECK_LE(told, 2 * (static_cast<int>(DenialRation::kMostKinds) + 1));
  const auto rest = ration.last_report();
  REQUIRE_EQ(rest.size(), 1u);
  CHECK_EQ(rest.front().act, "others");
  CHECK_EQ(rest.front().count, 10000u - static_cast<unsigned>(told));
  // what was long ago makes room
  CHECK(ration.admit("new", call_of("new"), Instant() + std::chrono::minutes(10)));
}
