// Each mutant changes exactly its rows of the plan, and there is one for each row that keeps something out.
#include "launcher/harness/mutants.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "launcher/harness/mutation.h"
#include "profiles/base/text.h"
#include "tests/support/planned.h"

using namespace harness;
using launcher::FilterRule;
using launcher::MountOp;
using launcher::Plan;

namespace {

class EmptyHost : public Surroundings {
 public:
  EmptyHost() { neighbour_uid = neighbour_gid = 33; }
  std::vector<HostEntry> entries(const std::string&) const override { return {{"home", HostEntry::Kind::folder, {}}}; }
};

const std::string kDenying = "memory: {deny_write_execute: true}\n";
const CallGroups kGroups = {{"@debug", {"ptrace", "process_vm_readv"}}, {"@clock", {"clock_settime"}}, {"@file", {"read", "write"}}, {"@io-uring", {"io_uring_setup"}}};

const Mutant& named(const std::vector<Mutant>& all, const std::string& name) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const Mutant& one) { return one.name == name; });
  REQUIRE_MESSAGE(found != all.end(), name);
  return *found;
}

const FilterRule* rule(const Plan& plan, const std::string& call) {
  for (const FilterRule& one : plan.filter.rules)
    if (one.name == call) return &one;
  return nullptr;
}

// Lines of mounts that differ.
std::size_t changed_mounts(const Plan& a, const Plan& b) {
  std::size_t out = a.mounts.size() == b.mounts.size() ? 0 : 1000;
  for (std::size_t i = 0; out < 1000 && i < a.mounts.size(); ++i) out += !(a.mounts[i] == b.mounts[i]);
  return out;
}

}  // namespace

TEST_CASE("each mutant changes the part of the plan that its name says, and nothing else") {
  const EmptyHost host;
  const Plan whole = test::shop(kDenying);
  const std::vector<Mutant> all = mutants_of(whole, kGroups, host);
  const struct {
    const char* kind;
    void (*restore)(Plan& mutated, const Plan& whole);
  } parts[] = {
      {"syscall:", [](Plan& m, const Plan& w) { m.filter.rules = w.filter.rules; }},
      {"argument:", [](Plan& m, const Plan& w) { m.filter.rules = w.filter.rules; }},
      {"mount:", [](Plan& m, const Plan& w) { m.mounts = w.mounts; }},
      {"setting:", [](Plan& m, const Plan& w) { m.mounts = w.mounts; }},
      {"command:", [](Plan& m, const Plan& w) { m.program.argv = w.program.argv; }},
      {"landlock:", [](Plan& m, const Plan& w) { m.landlock = w.landlock; }},
      {"rlimit:", [](Plan& m, const Plan& w) { m.rlimits = w.rlimits; }},
      {"cgroup:", [](Plan& m, const Plan& w) { m.cgroups = w.cgroups; }},
      {"namespace:", [](Plan& m, const Plan& w) { m.namespaces = w.namespaces; }},
      {"hostname", [](Plan& m, const Plan& w) { m.hostname = w.hostname; }},
      {"umask", [](Plan& m, const Plan& w) { m.umask = w.umask; }},
  };
  std::set<std::string> names, kinds;
  for (const Mutant& mutant : all) {
    CAPTURE(mutant.name);
    CHECK(names.insert(mutant.name).second);
    Plan mutated = mutant.change(whole);
    CHECK_FALSE(mutated == whole);
    if (mutant.name.starts_with("layer:")) continue;  // layers_test.cc
    if (mutant.name.starts_with("mount:") || mutant.name.starts_with("setting:")) CHECK_EQ(changed_mounts(mutated, whole), 1);
    const auto part = std::find_if(std::begin(parts), std::end(parts), [&](const auto& one) { return mutant.name.starts_with(one.kind); });
    REQUIRE(part != std::end(parts));
    kinds.insert(part->kind);
    part->restore(mutated, whole);
    CHECK(mutated == whole);
  }
  CHECK_EQ(kinds.size(), std::size(parts));
}

TEST_CASE("every row that keeps something out has its mutant") {
  const EmptyHost host;
  const Plan whole = test::shop(kDenying);
  const std::vector<Mutant> all = mutants_of(whole, kGroups, host);
  for (const MountOp& op : whole.mounts) {
    if (op.kind == MountOp::Kind::bind && op.read_only) named(all, "mount:" + op.target + ":read_only");
    if ((op.kind == MountOp::Kind::bind || op.kind == MountOp::Kind::tmpfs) && op.no_exec) named(all, "mount:" + op.target + ":no_exec");
  }
  for (const FilterRule& one : whole.filter.rules)
    for (const FilterRule::Argument& argument : one.arguments) named(all, "argument:" + one.name + ":" + std::to_string(argument.index));
  for (const auto& limit : whole.rlimits) named(all, "rlimit:" + limit.name);
  for (const auto& write : whole.cgroups) named(all, "cgroup:" + write.file);
  for (const Layer& layer : layers())
    if (layer.without != nullptr) named(all, std::string("layer:") + layer.name);
  for (const char* path : {"/tmp", "/var/lib/fpmbox/sessions", "/srv/shop/www-1.4/data"}) named(all, std::string("landlock:") + path + ":execute");
  named(all, "landlock:/srv/shop/www-1.4/config.php:execute:unaimed");
  named(all, "setting:php_admin_value[disable_functions]");
}

TEST_CASE("a group is allowed as far as it was refused, and the gate is never among it") {
  const EmptyHost host;
  const Plan whole = test::shop(kDenying);
  const std::vector<Mutant> all = mutants_of(whole, kGroups, host);
  const Plan debug = named(all, "syscall:@debug").change(whole);
  REQUIRE(rule(debug, "ptrace") != nullptr);
  CHECK(rule(debug, "ptrace")->action == FilterRule::Action::allow);
  CHECK(rule(debug, "process_vm_readv")->action == FilterRule::Action::allow);
  CHECK(rule(debug, "bpf")->action == FilterRule::Action::report);
  CHECK(rule(named(all, "syscall:@io-uring").change(whole), "io_uring_setup")->action == FilterRule::Action::allow);
  const Plan ioctl = named(all, "argument:ioctl:1").change(whole);
  CHECK(rule(ioctl, "ioctl")->arguments.empty());
  CHECK_FALSE(rule(ioctl, "prctl")->arguments.empty());
  for (const Mutant& mutant : all) {
    CHECK_NE(mutant.name, "syscall:@file");  // allowed anyway
    CHECK_NE(mutant.name, "syscall:execve");
  }
}

TEST_CASE("what would harm the machine gets no box, and its acts are made in none") {
  const EmptyHost host;
  const std::vector<Mutant> all = mutants_of(test::shop(kDenying), kGroups, host);
  CHECK_FALSE(named(all, "syscall:@clock").harm.empty());
  CHECK_FALSE(named(all, "namespace:mnt").harm.empty());
  CHECK(named(all, "syscall:@debug").harm.empty());
  Act act;
  act.native = Native{.call = "clock_settime", .args = {}, .probe = {}};
  CHECK(is_harmful(act, kGroups));
  act.native->call = "ptrace";
  CHECK_FALSE(is_harmful(act, kGroups));
  act.resource = true;
  act.layers = {"cgroup"};
  CHECK(is_harmful(act, kGroups));
  act.layers = {"tmp_limits"};
  CHECK_FALSE(is_harmful(act, kGroups));
}
