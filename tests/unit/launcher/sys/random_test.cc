#include "launcher/sys/random.h"

#include <doctest/doctest.h>

#include <string>

TEST_CASE("random digits are sixteen, and others each time") {
  const auto one = sys::random_digits(), two = sys::random_digits();
  REQUIRE(one.ok());
  REQUIRE(two.ok());
  CHECK_EQ(one.value().size(), 16);
  CHECK_EQ(one.value().find_first_not_of("0123456789abcdef"), std::string::npos);
  CHECK_NE(one.value(), two.value());
}
