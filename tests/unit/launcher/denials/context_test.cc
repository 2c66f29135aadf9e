#include "launcher/denials/context.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/unit/launcher/denials/shop.h"

using namespace launcher;

TEST_CASE("a pool's denials keep the lines that they name, and none of what is allowed") {
  const test::Shop shop;
  const DenialContext context = shop.context();
  CHECK_EQ(test::shortened(decided_at(context, "syscalls.allow")), test::shortened("syscalls.allow (" + shop.composed.origins.find("syscalls.allow").where.text() + ")"));
  CHECK_GT(shop.composed.origins.all().size(), 2 * context.origins.all().size());
  for (const auto& [key, origin] : context.origins.all()) CHECK_FALSE(key.starts_with("syscalls.allow["));
  CHECK(context.policy.syscalls.allow.empty());
  CHECK_EQ(context.policy.syscalls.arguments, shop.composed.policy.syscalls.arguments);
  CHECK_EQ(shop.whole_context().origins.all().size(), shop.composed.origins.all().size());
}

TEST_CASE("calls that are allowed whatever their arguments are not kept") {
  const test::Shop shop;
  const DenialContext context = shop.context();
  CHECK_LT(context.conditional.size(), 20);
  for (const FilterRule& rule : shop.filter.rules) {
    const bool kept = std::any_of(context.conditional.begin(), context.conditional.end(), [&](const FilterRule& one) { return one.number == rule.number; });
    CHECK_EQ(kept, rule.action == FilterRule::Action::allow && !rule.arguments.empty());
  }
}
