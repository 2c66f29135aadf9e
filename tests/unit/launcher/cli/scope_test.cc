#include "launcher/cli/scope.h"

#include <doctest/doctest.h>

#include "tests/support/invented.h"

namespace {

launcher::HostFacts in_a_session() {
  launcher::HostFacts facts = test::good_host();
  for (auto& [name, row] : facts.cgroups) row = {0, "/sys/fs/cgroup/user.slice/user-0.slice/session-1.scope", "not ours"};
  return facts;
}

launcher::Plan plan_with(const char* layer, bool required) {
  launcher::Plan plan;
  plan.gaps.push_back({layer, "not delegated", "", required, false});
  return plan;
}

}  // namespace

TEST_CASE("a scope is asked for exactly where it helps") {
  struct Row {
    const char* name;
    launcher::Plan plan;
    launcher::HostFacts facts;
    bool systemd;
    bool asked;
  };
  auto unit = in_a_session();
  for (auto& [name, row] : unit.cgroups) row.path = "/sys/fs/cgroup/system.slice/fpmbox@shop.service";
  auto container = in_a_session();
  container.container = launcher::ContainerFacts();
  const Row rows[] = {
      {"a root shell", plan_with("limits.memory.max", true), in_a_session(), true, true},
      {"best effort", plan_with("limits.memory.max", false), in_a_session(), true, false},
      {"another gap", plan_with("landlock", true), in_a_session(), true, false},
      {"a service", plan_with("limits.memory.max", true), unit, true, false},
      {"no systemd", plan_with("limits.memory.max", true), in_a_session(), false, false},
      {"a container", plan_with("limits.memory.max", true), container, true, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK_EQ(!cli::scope_command(row.plan, row.facts, row.systemd, "/usr/sbin/fpmbox", {"run"}).empty(), row.asked);
  }
}

TEST_CASE("the command names itself and keeps the arguments") {
  const auto command = cli::scope_command(plan_with("limits.cpu.max", true), in_a_session(), true, "/usr/sbin/fpmbox",
                                          {"run", "--in-scope", "shop"});
  CHECK(command == std::vector<std::string>{"/usr/bin/systemd-run", "--scope", "--quiet", "--collect",
                                            "--property=Delegate=yes", "--", "/usr/sbin/fpmbox", "run", "--in-scope", "shop"});
}

TEST_CASE("an ordinary user asks its own manager") {
  auto facts = in_a_session();
  facts.privileged = false;
  CHECK(cli::scope_command(plan_with("limits.cpu.max", true), facts, true, "/usr/bin/fpmbox", {"run"}).empty());
  facts.ordinary_user = launcher::OrdinaryUser{.name = "ada", .uid = 1000, .gid = 1000};
  const auto command = cli::scope_command(plan_with("limits.cpu.max", true), facts, true, "/usr/bin/fpmbox", {"run"});
  CHECK(command == std::vector<std::string>{"/usr/bin/systemd-run", "--user", "--scope", "--quiet", "--collect",
                                            "--property=Delegate=yes", "--", "/usr/bin/fpmbox", "run"});
}
