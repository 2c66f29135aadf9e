// Texts that were reviewed once, below tests/golden. Meant so? FPMBOX_UPDATE_GOLDENS=1 unit_tests writes them anew, and the
// difference is read in review.
//
//   test::check_golden("plan/shop.txt", launcher::print(plan));
#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "launcher/sys/file.h"
#include "tests/support/invented.h"

namespace test {

inline void check_golden(const std::string& name, const std::string& text) {
  const std::string path = SOURCE_DIR "/tests/golden/" + name;
  if (std::getenv("FPMBOX_UPDATE_GOLDENS") != nullptr) std::ofstream(path) << text;
  const auto golden = sys::read_file(path, 1 << 20);
  REQUIRE_MESSAGE(golden.ok(), toString(golden));
  CAPTURE(name);
  CHECK_EQ(text, golden.value());
}

}  // namespace test
