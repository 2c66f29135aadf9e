#include "launcher/facts/kernel.h"

#include <doctest/doctest.h>
#include <linux/seccomp.h>

using namespace launcher;

TEST_CASE("flags of a filter are asked for without loading one") {
  CHECK(knows_filter_flags(SECCOMP_FILTER_FLAG_LOG));
  CHECK_FALSE(knows_filter_flags(1UL << 30));
  if (has_user_notification()) CHECK(knows_filter_flags(SECCOMP_FILTER_FLAG_NEW_LISTENER));
}
