#include "launcher/export/oci_seccomp.h"

#include <errno.h>

#include <algorithm>

#include "launcher/plan/comparisons.h"
#include "launcher/plan/planner.h"
#include "profiles/base/json.h"
#include "profiles/kernel/syscall_names.h"

namespace launcher {
namespace {

using base::Json;
using Action = FilterRule::Action;

#if defined(__x86_64__)
constexpr const char* kArchitecture = "SCMP_ARCH_X86_64";
#else
constexpr const char* kArchitecture = "SCMP_ARCH_AARCH64";
#endif

// What the format has no words for, whatever the policy says. Engines load the filter ahead of the container's first exec.
const std::vector<profiles::EngineLine> kGaps = {
    {"exec", "the engine starts the container's program by execve, behind the filter: so the filter allows every execve, and what keeps "
             "scripts from starting programs is an image that has none"},
    {"syscalls.report", "what only an attack calls is refused with EPERM all the same, but nothing names it"},
    {"syscalls.unknown", "numbers that name no call fail with EPERM, not ENOSYS; calls newer than this file with ENOSYS by runc 1.1 or "
                         "later, elsewhere with EPERM"},
    {"syscalls.architectures", "a call of another architecture ends the thread that made it, not the process"},
    {"identity", "the container has to start as the pool's user and with no-new-privileges: calls that change ids are refused"},
};

Json comparison_of(const Comparison& one) {
  // an OCI comparison of whole arguments has one value; a masked one has the mask first
  if (one.is_whole()) return {{"index", one.index}, {"value", one.value}, {"op", "SCMP_CMP_EQ"}};
  return {{"index", one.index}, {"value", one.mask}, {"valueTwo", one.value}, {"op", "SCMP_CMP_MASKED_EQ"}};
}

Json plain(const std::vector<std::string>& names, const char* action) { return {{"names", names}, {"action", action}}; }

// Entries of one call are alternatives: any that holds allows it.
void add_limited(const FilterRule& rule, Json& out) {
  for (const Combination& combination : combinations(rule)) {
    Json entry = plain({rule.name}, "SCMP_ACT_ALLOW");
    for (const Comparison& one : combination) entry["args"].push_back(comparison_of(one));
    out.push_back(std::move(entry));
  }
}

std::vector<std::string> names_of(const FilterPlan& filter, Action action) {
  std::vector<std::string> out;
  for (const FilterRule& rule : filter.rules)
    if (rule.action == action && rule.arguments.empty()) out.push_back(rule.name);
  return out;
}

Json refused(const std::vector<std::string>& names, int code) {
  Json out = plain(names, "SCMP_ACT_ERRNO");
  out["errnoRet"] = code;
  return out;
}

Json rules_of(const FilterPlan& filter) {
  Json out = Json::array();
  std::vector<std::string> allowed = names_of(filter, Action::allow);
  if (std::find(allowed.begin(), allowed.end(), "execve") == allowed.end()) allowed.emplace_back("execve");
  out.push_back(plain(allowed, "SCMP_ACT_ALLOW"));
  for (const FilterRule& rule : filter.rules)
    if (is_limited(rule)) add_limited(rule, out);
  if (const auto absent = names_of(filter, Action::absent); !absent.empty()) out.push_back(refused(absent, ENOSYS));
  // says nothing that the default does not; by it runc knows which calls were known here, and answers newer ones with ENOSYS
  out.push_back(refused({profiles::syscall_name(profiles::highest_known_syscall())}, EPERM));
  return out;
}

}  // namespace

// Of a host that has nothing else: what it lacks besides is no business of the filter.
FilterPlan exported_filter(const profiles::Policy& policy) {
  HostFacts facts;
  facts.privileged = true;
  facts.user_notification = facts.exec_notification = facts.page_zero = facts.mdwe = true;
  const profiles::Origins origins;
  base::Diagnostics of_host;
  return plan({policy, origins, facts}, of_host).filter;
}

profiles::Exported export_oci_seccomp(const profiles::Policy& policy) {
  const Json json = {{"defaultAction", "SCMP_ACT_ERRNO"},
                             {"defaultErrnoRet", EPERM},
                             {"architectures", {kArchitecture}},
                             {"syscalls", rules_of(exported_filter(policy))}};
  return {json.dump(2) + "\n", kGaps};
}

}  // namespace launcher
