#include "launcher/harness/conditions.h"

#include <doctest/doctest.h>

#include "launcher/plan/planner.h"
#include "launcher/plan/tier.h"
#include "tests/support/invented.h"

using namespace harness;

namespace {

// The condition that does not hold of the plan of pool "shop" there, "" for none.
std::string missing(const std::string& condition, const std::string& more, launcher::HostFacts facts = test::good_host()) {
  base::Diagnostics diagnostics;
  const auto composed = test::pool(test::kShop + more, diagnostics);
  launcher::settle_tier(composed.policy, facts);
  const auto plan = launcher::plan({composed.policy, composed.origins, facts}, diagnostics);
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

TEST_CASE("and to what a container gives") {
  launcher::HostFacts nested = test::podman_host(), enclosed = test::docker_host();
  nested.container->proc_obstacle.clear();
  const struct {
    const char* condition;
    launcher::HostFacts facts;
    bool holds;
  } rows[] = {
      {"own_network", nested, true}, {"own_network", enclosed, false}, {"own_proc", nested, true}, {"own_proc", test::podman_host(), false}, {"own_proc", enclosed, false},
      {"own_user", nested, true}, {"own_user", enclosed, true}, {"no_ip_sockets", nested, true}, {"no_ip_sockets", enclosed, true},
  };
  for (const auto& row : rows) {
    CAPTURE(row.condition);
    CHECK_EQ(missing(row.condition, "", row.facts), row.holds ? "" : row.condition);
  }
}

TEST_CASE("a filter that allows no socket at all allows none of IP") {
  Act act;
  act.when = {"no_ip_sockets"};
  CHECK(obstacle(act, launcher::Plan(), profiles::Policy()) == nullptr);
}
