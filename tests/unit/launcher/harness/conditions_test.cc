#include "launcher/harness/conditions.h"

#include <doctest/doctest.h>

#include "launcher/plan/planner.h"
#include "tests/support/invented.h"

using namespace harness;

namespace {

// The condition that does not hold of the plan of pool "shop" on a good host, "" for none.
std::string missing(const std::string& condition, const std::string& more) {
  base::Diagnostics diagnostics;
  const auto composed = test::pool(test::kShop + more, diagnostics);
  const auto plan = launcher::plan({composed.policy, composed.origins, test::good_host()}, diagnostics);
  Act act;
  act.when = {condition};
  const Condition* const found = obstacle(act, plan, composed.policy);
  return found == nullptr ? "" : found->name;
}

}  // namespace

TEST_CASE("acts apply to what a profile does not give") {
  const struct {
    const char* condition;
    const char* with;     // with these lines it holds
    const char* without;  // and with these it does not
  } rows[] = {
      {"deny_write_execute", "memory: {deny_write_execute: true}\n", ""},
      {"no_programs", "", "programs: [{path: /bin/sh, why: test}]\n"},
      {"own_network", "", "network: {mode: host, why: test}\n"},
      {"no_ip_sockets", "", "network: {mode: host, why: test}\n"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.condition);
    CHECK_EQ(missing(row.condition, row.with), "");
    CHECK_EQ(missing(row.condition, row.without), row.condition);
  }
}
