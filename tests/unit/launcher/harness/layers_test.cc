// Each layer's absence changes exactly its rows of the plan.
#include "launcher/harness/layers.h"

#include <doctest/doctest.h>
#include <errno.h>
#include <seccomp.h>

#include <algorithm>
#include <map>

#include "launcher/enforce/filter.h"
#include "launcher/plan/planner.h"
#include "profiles/kernel/syscall_names.h"
#include "tests/support/evaluate.h"
#include "tests/support/invented.h"

using namespace harness;
using launcher::MountOp;
using launcher::Plan;

namespace {

class InventedHost : public Surroundings {
 public:
  InventedHost() { neighbour_uid = neighbour_gid = 33; }
  std::vector<HostEntry> entries(const std::string& folder) const override {
    using Kind = HostEntry::Kind;
    static const std::map<std::string, std::vector<HostEntry>> kFolders = {
        {"/", {{"bin", Kind::link, "usr/bin"}, {"etc", Kind::folder, {}}, {"home", Kind::folder, {}}, {"run", Kind::folder, {}},
               {"proc", Kind::folder, {}}, {"dev", Kind::folder, {}}, {"usr", Kind::folder, {}}, {"pipe", Kind::other, {}}}},
        {"/etc", {{"passwd", Kind::file, {}}, {"shadow", Kind::file, {}}}},
        {"/run", {{"mysqld", Kind::folder, {}}}},
        {"/usr", {{"bin", Kind::folder, {}}, {"lib", Kind::folder, {}}}},
    };
    const auto found = kFolders.find(folder);
    return found == kFolders.end() ? std::vector<HostEntry>() : found->second;
  }
};

Plan shop() {
  base::Diagnostics diagnostics;
  const auto composed = test::pool(test::kShop + "memory: {deny_write_execute: true}\n", diagnostics);
  const auto facts = test::good_host();
  Plan plan = launcher::plan({composed.policy, composed.origins, facts}, diagnostics);
  REQUIRE_FALSE(diagnostics.has_errors());
  return plan;
}

Plan without(const std::string& name, const Plan& plan) {
  const Layer* const layer = find_layer(name);
  REQUIRE(layer != nullptr);
  auto weaker = harness::without(*layer, plan, InventedHost());
  REQUIRE_MESSAGE(weaker.ok(), toString(weaker));
  return std::move(weaker).value();
}

const MountOp* mount_at(const Plan& plan, const std::string& target) {
  for (const MountOp& op : plan.mounts)
    if (op.target == target) return &op;
  return nullptr;
}

std::string content_of(const Plan& plan, const std::string& target) {
  const MountOp* const op = mount_at(plan, target);
  return op == nullptr ? "" : op->content;
}

}  // namespace

TEST_CASE("a plan without a layer differs in that layer's rows alone") {
  struct Row {
    const char* layer;
    void (*restore)(Plan& weaker, const Plan& whole);
  };
  const auto mounts = [](Plan& weaker, const Plan& whole) { weaker.mounts = whole.mounts; };
  const auto filter = [](Plan& weaker, const Plan& whole) { weaker.filter = whole.filter; };
  const auto namespaces = [](Plan& weaker, const Plan& whole) { weaker.namespaces = whole.namespaces; };
  const Row rows[] = {
      {"view", mounts},
      {"read_only", mounts},
      {"noexec", mounts},
      {"tmp_limits", mounts},
      {"guard", mounts},
      {"php", mounts},
      {"landlock", [](Plan& weaker, const Plan& whole) { weaker.landlock = whole.landlock; }},
      {"landlock_scopes", [](Plan& weaker, const Plan& whole) { weaker.landlock.abi = whole.landlock.abi; }},
      {"seccomp", filter},
      {"exec_gate", filter},
      {"pid_namespace", namespaces},
      {"network_namespace", namespaces},
      {"ipc_namespace", namespaces},
      {"uts_namespace", namespaces},
      {"cgroup_namespace", namespaces},
      {"own_user", [](Plan& weaker, const Plan& whole) { weaker.uid = whole.uid, weaker.gid = whole.gid; }},
      {"unreadable_program", [](Plan& weaker, const Plan&) { weaker.program.is_readable = false; }},
      {"mdwe", [](Plan& weaker, const Plan&) { weaker.memory.mdwe = true; }},
      {"cgroup", [](Plan& weaker, const Plan& whole) { weaker.cgroups = whole.cgroups; }},
      {"rlimits", [](Plan& weaker, const Plan& whole) { weaker.rlimits = whole.rlimits; }},
  };
  const Plan whole = shop();
  std::size_t tried = 0;
  for (const Layer& layer : layers()) {
    if (layer.without == nullptr) continue;
    CAPTURE(layer.name);
    const auto row = std::find_if(std::begin(rows), std::end(rows), [&](const Row& one) { return one.layer == std::string(layer.name); });
    REQUIRE(row != std::end(rows));
    Plan weaker = without(layer.name, whole);
    CHECK_FALSE(weaker == whole);
    row->restore(weaker, whole);
    CHECK(weaker == whole);
    ++tried;
  }
  CHECK_EQ(tried, std::size(rows));
}

TEST_CASE("without its view a box sees the host's tree, and its own rows on top") {
  const Plan weaker = without("view", shop());
  REQUIRE(mount_at(weaker, "/etc/shadow") != nullptr);
  CHECK(mount_at(weaker, "/etc/shadow")->read_only);
  CHECK_FALSE(mount_at(weaker, "/etc/shadow")->is_directory);
  CHECK_EQ(mount_at(weaker, "/bin")->source, "usr/bin");
  CHECK(mount_at(weaker, "/usr/bin") != nullptr);
  CHECK(mount_at(weaker, "/run")->kind == MountOp::Kind::bind);  // in which the box has nothing
  CHECK(mount_at(weaker, "/home") != nullptr);
  CHECK(mount_at(weaker, "/pipe") == nullptr);
  CHECK(mount_at(weaker, "/etc") == nullptr);  // the box has files of its own in it
  CHECK(mount_at(weaker, "/proc")->kind == MountOp::Kind::proc);
  CHECK(mount_at(weaker, "/etc/passwd")->kind == MountOp::Kind::file);
}

TEST_CASE("without the filter every call is allowed but those that start programs, without the gate these alone") {
  const Plan whole = shop();
  const auto calls = launcher::compile_filter(without("seccomp", whole).filter);
  REQUIRE(calls.ok());
  const auto gate = launcher::compile_filter(without("exec_gate", whole).filter);
  REQUIRE(gate.ok());
  const auto answer = [](const std::vector<sock_filter>& program, const char* name) {
    return test::evaluate(program, {.nr = *profiles::syscall_number(name), .arch = seccomp_arch_native()});
  };
  CHECK_EQ(answer(calls.value(), "bpf"), SECCOMP_RET_ALLOW);
  CHECK_EQ(answer(calls.value(), "execve"), SECCOMP_RET_ERRNO + EPERM);
  CHECK_EQ(answer(calls.value(), "execveat"), SECCOMP_RET_ERRNO + EPERM);
  CHECK_EQ(answer(gate.value(), "execve"), SECCOMP_RET_ALLOW);
  CHECK_EQ(answer(gate.value(), "execveat"), SECCOMP_RET_ALLOW);
  CHECK_NE(answer(gate.value(), "bpf"), SECCOMP_RET_ALLOW);
}

TEST_CASE("texts for PHP lose exactly what the layer is") {
  const Plan whole = shop();
  const std::string prelude = content_of(without("guard", whole), "/etc/fpmbox/prelude.php");
  CHECK(prelude.find("if (false) (static function") != std::string::npos);
  const std::string before = content_of(whole, "/etc/fpmbox/php-fpm.conf");
  const std::string after = content_of(without("php", whole), "/etc/fpmbox/php-fpm.conf");
  CHECK(before.find("[disable_functions]") != std::string::npos);
  CHECK(after.find("[disable_functions]") == std::string::npos);
  CHECK(after.find("php_admin_value[auto_prepend_file]") != std::string::npos);
}

TEST_CASE("what cannot be taken away, or is not there, is an error") {
  Plan plan = shop();
  for (const Layer& layer : layers()) {
    CAPTURE(layer.name);
    CHECK_EQ(layer.without == nullptr, layer.fixed != nullptr);
  }
  auto capabilities = harness::without(*find_layer("capabilities"), plan, InventedHost());
  CHECK_EQ(toString(capabilities), "the layer capabilities cannot be taken away: a box without it could change this machine");
  plan.cgroups.clear();
  CHECK_EQ(toString(harness::without(*find_layer("cgroup"), plan, InventedHost())), "this box has no layer cgroup");
}
