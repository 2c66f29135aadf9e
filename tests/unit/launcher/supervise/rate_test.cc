#include "launcher/supervise/rate.h"

#include <doctest/doctest.h>

using namespace launcher;

TEST_CASE("a token bucket gives its burst, then its rate") {
  const Instant start;
  TokenBucket bucket(3, 10);
  const struct {
    int at_ms;
    bool given;
  } rows[] = {{0, true},    {0, true},    {0, true},    {0, false},   {99, false},  {101, true},
              {101, false}, {5000, true}, {5000, true}, {5000, true}, {5000, false}};
  for (const auto& row : rows) {
    CAPTURE(row.at_ms);
    CHECK(bucket.take(start + Milliseconds(row.at_ms)) == row.given);
  }
}

TEST_CASE("a token bucket in debt is empty until it is paid") {
  const Instant start;
  TokenBucket bucket(10, 10);
  bucket.spend(20, start);
  CHECK(bucket.empty(start));
  CHECK(bucket.empty(start + Milliseconds(1000)));
  CHECK_FALSE(bucket.empty(start + Milliseconds(1200)));
}

TEST_CASE("a clock that goes back fills no bucket") {
  const Instant start = Instant() + std::chrono::hours(1);
  TokenBucket bucket(1, 1000);
  CHECK(bucket.take(start));
  CHECK_FALSE(bucket.take(start - std::chrono::seconds(10)));
}
