// limits: to cgroup files of whichever version the host has, and to rlimits.
#include <sys/resource.h>

#include <algorithm>
#include <array>

#include "launcher/plan/facets.h"

namespace launcher {
namespace {

constexpr std::uint64_t kPeriodMicroseconds = 100000;

// The files of one cgroup version. Sources: Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/{memory,pids}.rst,
// scheduler/sched-bwc.rst.
struct CgroupVersion {
  int version;
  const char* memory_file;
  const char* swap_file;
  const char* memory_events;
  const char* pids_file;
  const char* cpu_file;
  std::string (*cpu_value)(std::uint64_t quota);
};
constexpr const char* kPidsEvents = "pids.events";
constexpr const char* kProcessesEnded = "oom_kill";
constexpr const char* kForksRefused = "max";
constexpr std::array kVersions = {
    CgroupVersion{1, "memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "memory.oom_control", "pids.max", "cpu.cfs_quota_us",
                  [](std::uint64_t quota) { return std::to_string(quota); }},
    CgroupVersion{2, "memory.max", "memory.swap.max", "memory.events", "pids.max", "cpu.max",
                  [](std::uint64_t quota) { return std::to_string(quota) + " " + std::to_string(kPeriodMicroseconds); }},
};

const CgroupVersion* version_of(int number) {
  for (const CgroupVersion& version : kVersions)
    if (version.version == number) return &version;
  return nullptr;
}

class Limiter {
 public:
  Limiter(const PlanInput& input, Plan& plan, Gaps& gaps) : input_(input), plan_(plan), gaps_(gaps) {}

  template <class Write>
  void limit(const std::string& controller, const std::string& key, Write row) {
    const auto found = input_.facts.cgroups.find(controller);
    const CgroupController none{0, {}, "this host has no " + controller + " controller"};
    const CgroupController& where = found == input_.facts.cgroups.end() ? none : found->second;
    const CgroupVersion* version = version_of(where.version);
    if (version == nullptr) {
      report(key, where.reason);
      return;
    }
    CgroupWrite write = row(*version);
    write.controller = controller;
    write.version = where.version;
    write.parent = where.path;
    write.key = key;
    plan_.cgroups.push_back(std::move(write));
  }

 private:
  std::string how_to_delegate() const {
    const std::string how = input_.facts.ordinary_user ? "systemd-run --user --scope --property=Delegate=yes fpmbox run FILE"
                                                       : "run it as a systemd unit with Delegate=yes";
    return how + ", or name the layer in enforcement.best_effort";
  }

  void report(const std::string& key, const std::string& reason) {
    if (input_.facts.container) return;  // plan_container() looks at what the engine gives
    gaps_.add(key, reason, how_to_delegate());
  }
  const PlanInput& input_;
  Plan& plan_;
  Gaps& gaps_;
};

CgroupWrite written(const char* file, std::string value, const char* counter_file = "", const char* counter = "") {
  CgroupWrite out;
  out.file = file;
  out.value = std::move(value);
  out.counter_file = counter_file;
  out.counter = counter;
  return out;
}

void add_parent(std::vector<std::string>& parents, const std::string& path) {
  if (path.empty()) return;
  for (const std::string& known : parents)
    if (known == path) return;
  parents.push_back(path);
}

}  // namespace

void plan_limits(const PlanInput& input, Plan& plan, Gaps& gaps) {
  const auto& limits = input.policy.limits;
  Limiter limiter(input, plan, gaps);
  if (limits.memory_max)
    limiter.limit("memory", "limits.memory.max", [&](const CgroupVersion& v) {
      return written(v.memory_file, std::to_string(limits.memory_max->count), v.memory_events, kProcessesEnded);
    });
  // memory.max alone lets the rest go to swap. v1 counts memory and swap together, v2 swap alone.
  if (limits.memory_max && input.facts.has_swap)
    limiter.limit("memory", "limits.memory.max", [&](const CgroupVersion& v) {
      return written(v.swap_file, v.version == 1 ? std::to_string(limits.memory_max->count) : "0");
    });
  if (limits.pids_max)
    limiter.limit("pids", "limits.pids.max",
                  [&](const CgroupVersion& v) { return written(v.pids_file, std::to_string(*limits.pids_max), kPidsEvents, kForksRefused); });
  if (limits.cpu_max)
    limiter.limit("cpu", "limits.cpu.max", [&](const CgroupVersion& v) {
      return written(v.cpu_file, v.cpu_value(limits.cpu_max->value * kPeriodMicroseconds / 100));
    });
  for (const CgroupWrite& write : plan.cgroups) add_parent(plan.cgroup_parents, write.parent);
  const auto kill = input.facts.cgroups.find("kill");
  if (kill != input.facts.cgroups.end() && kill->second.version == 2) add_parent(plan.cgroup_parents, kill->second.path);

  plan.rlimits.push_back({"nofile", RLIMIT_NOFILE, limits.nofile});
  plan.rlimits.push_back({"core", RLIMIT_CORE, limits.core.count});
  // Only where no cgroup counts: RLIMIT_NPROC counts everything that the user runs on the host, not just this box.
  const bool counted = std::any_of(plan.cgroups.begin(), plan.cgroups.end(), [](const auto& row) { return row.controller == "pids"; });
  if (limits.pids_max && !counted && !input.facts.container) plan.rlimits.push_back({"nproc", RLIMIT_NPROC, *limits.pids_max});
}

}  // namespace launcher
