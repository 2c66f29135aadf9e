#include "launcher/enforce/filter_cache.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstring>

#include "tests/support/scratch.h"

namespace {

using launcher::FilterRule;

launcher::FilterPlan small() {
  launcher::FilterPlan plan;
  plan.program_fd = 1024;
  plan.rules = {{"read", 0, FilterRule::Action::allow, {}},
                {"ioctl", 16, FilterRule::Action::allow, {{1, {0x5401}, 0, false}}}};
  return plan;
}

bool is_same(const std::vector<sock_filter>& a, const std::vector<sock_filter>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(sock_filter)) == 0;
}

}  // namespace

TEST_CASE("whatever changes the filter changes its text") {
  const launcher::FilterPlan plan = small();
  std::vector<launcher::FilterPlan> others(11, plan);
  others[0].program_fd = 512;
  others[1].exec_gate = launcher::ExecGate::pinned_path;
  others[2].report = true;
  others[3].rules[0].action = FilterRule::Action::absent;
  others[4].rules[0].number = 1;
  others[5].rules[1].arguments[0].one_of = {0x5402};
  others[6].rules[1].arguments[0].index = 2;
  others[7].rules[1].arguments[0].pointer = true;
  others[8].rules.pop_back();
  others[9].rules[1].arguments[0].not_together = 6;
  others[10].records = true;
  for (const auto& other : others) CHECK_NE(launcher::filter_text(other), launcher::filter_text(plan));
}

TEST_CASE("a kept filter is the compiled one; a damaged one is compiled anew") {
  if (::geteuid() != 0) {
    MESSAGE("skipped: the cache is root's");
    return;
  }
  const Scratch scratch;
  const auto compiled = launcher::compile_filter(small());
  REQUIRE(compiled.ok());
  const auto first = launcher::cached_filter(small(), sys::Cache::open(scratch.path("filters")));
  const auto second = launcher::cached_filter(small(), sys::Cache::open(scratch.path("filters")));
  REQUIRE(second.ok());
  CHECK(is_same(first.value(), compiled.value()));
  CHECK(is_same(second.value(), compiled.value()));
  for (const auto& entry : std::filesystem::directory_iterator(scratch.path("filters")))
    std::filesystem::resize_file(entry.path(), 70);
  CHECK(is_same(launcher::cached_filter(small(), sys::Cache::open(scratch.path("filters"))).value(), compiled.value()));
}
