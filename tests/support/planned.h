// The plan of pool "shop" on a good host.
#pragma once

#include <string>

#include "launcher/plan/planner.h"
#include "tests/support/invented.h"

namespace test {

// `more` is appended to the pool's file.
inline launcher::Plan shop(const std::string& more = "") {
  base::Diagnostics diagnostics;
  const auto composed = pool(kShop + more, diagnostics);
  return launcher::plan({composed.policy, composed.origins, good_host()}, diagnostics);
}

}  // namespace test
