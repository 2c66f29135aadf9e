#include "launcher/harness/told_plan.h"

#include <doctest/doctest.h>

#include "launcher/enforce/filter.h"
#include "launcher/harness/posture.h"
#include "profiles/base/text.h"
#include "tests/support/planned.h"

using launcher::MountOp;
using launcher::Plan;

TEST_CASE("what a launcher tells of its plan is what a running box is held against") {
  const Plan plan = test::shop();
  const auto read = harness::told_plan(launcher::print_json(plan));
  REQUIRE(read.ok());
  const Plan& told = read.value();
  CHECK_EQ(told.uid, plan.uid);
  CHECK_EQ(told.gid, plan.gid);
  CHECK_EQ(told.umask, plan.umask);
  CHECK_EQ(told.namespaces, plan.namespaces);
  CHECK_EQ(told.user_namespace, plan.user_namespace);
  CHECK_EQ(told.becomes_pool, plan.becomes_pool);
  CHECK_EQ(told.supervisor_uid.has_value(), plan.supervisor_uid.has_value());
  CHECK(harness::settings_of_command(told) == harness::settings_of_command(plan));
  CHECK(told.filter == plan.filter);
  CHECK_FALSE(told.memory.deny_write_execute);
  REQUIRE_EQ(told.rlimits.size(), plan.rlimits.size());
  for (std::size_t i = 0; i < plan.rlimits.size(); ++i) {
    CHECK_EQ(told.rlimits[i].name, plan.rlimits[i].name);
    CHECK_EQ(told.rlimits[i].value, plan.rlimits[i].value);
  }
  REQUIRE_EQ(told.mounts.size(), plan.mounts.size());
  for (std::size_t i = 0; i < plan.mounts.size(); ++i) {
    const MountOp &one = told.mounts[i], &other = plan.mounts[i];
    CAPTURE(other.target);
    CHECK(one.kind == other.kind);
    CHECK_EQ(one.target, other.target);
    CHECK_EQ(one.content, other.content);
    CHECK_EQ(one.read_only, other.read_only);
    CHECK_EQ(one.no_exec, other.no_exec);
    CHECK_EQ(one.size, other.size);
    CHECK_EQ(one.hides_processes, other.hides_processes);
  }
}

TEST_CASE("a launcher elsewhere is asked by its own command, and its answer read; that it cannot be asked is said") {
  const Plan plan = test::shop();
  std::vector<std::string> asked;
  const auto read = harness::ask_for_plan(
      [&](const std::vector<std::string>&, int, const std::vector<std::string>& command) -> base::Result<std::vector<std::string>> {
        asked = command;
        return base::split(launcher::print_json(plan), '\n');
      },
      "/etc/fpmbox/pool.yaml");
  REQUIRE(read.ok());
  CHECK(read.value().filter == plan.filter);
  CHECK_EQ(base::join(asked, " "), "plan --json /etc/fpmbox/pool.yaml");
  const auto none = harness::ask_for_plan(
      [](const std::vector<std::string>&, int, const std::vector<std::string>&) -> base::Result<std::vector<std::string>> { return base::Error{"no container", {}, 0, {}}; }, "x");
  REQUIRE_FALSE(none.ok());
  CHECK_EQ(none.error().text(), "no container");
}

TEST_CASE("that memory is never written and executed is told, too") {
  const auto read = harness::told_plan(launcher::print_json(test::shop("memory: {deny_write_execute: true}\n")));
  REQUIRE(read.ok());
  CHECK(read.value().memory.deny_write_execute);
}

TEST_CASE("a plan that is told in part is none") {
  const std::string whole = launcher::print_json(test::shop());
  CHECK_FALSE(harness::told_plan("").ok());
  CHECK_FALSE(harness::told_plan("fpmbox: the pool file").ok());
  const auto nothing = harness::told_plan("{}");
  REQUIRE_FALSE(nothing.ok());
  CHECK_EQ(nothing.error().text(), "the plan that was told lacks `pool`");
  for (const char* key : {"\"umask\"", "\"gate\"", "\"kind\"", "\"becomes_pool\"", "\"action\"", "\"argv\"", "\"deny_write_execute\""}) {
    std::string text = whole;
    const auto at = text.find(key);
    REQUIRE_NE(at, std::string::npos);
    text[at + 1] = 'X';
    CAPTURE(key);
    CHECK_FALSE(harness::told_plan(text).ok());
  }
}
