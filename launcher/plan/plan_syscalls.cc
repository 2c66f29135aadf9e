// syscalls: to filter rows with numbers and values of this architecture.
#include <algorithm>

#include "launcher/plan/facets.h"
#include "profiles/kernel/syscall_names.h"

namespace launcher {
namespace {

using profiles::Policy;
using Action = FilterRule::Action;

// Arguments that are pointers are compared whole; all others are ints, of which the kernel uses the low 32 bits.
constexpr const char* kNullOnly = "NULL";

FilterRule::Argument argument_of(const profiles::ArgumentRule& rule) {
  FilterRule::Argument out;
  out.index = rule.index;
  out.pointer = std::find(rule.one_of.begin(), rule.one_of.end(), kNullOnly) != rule.one_of.end();
  for (const std::string& name : rule.one_of) out.one_of.push_back(profiles::kernel_constant(name).value_or(0));
  for (const std::string& name : rule.none_of) out.none_of |= profiles::kernel_constant(name).value_or(0);
  return out;
}

// Families that the policy needs and no other: what a box cannot reach it has no socket for.
FilterRule::Argument socket_families(const Policy& policy) {
  FilterRule::Argument out;
  out.one_of = {*profiles::kernel_constant("AF_UNIX")};
  const bool reaches_out = shares_network(policy) || std::any_of(policy.connect.begin(), policy.connect.end(),
                                                                 [](const auto& connection) { return !connection.tcp.empty(); });
  if (reaches_out)
    for (const char* family : {"AF_INET", "AF_INET6"}) out.one_of.push_back(*profiles::kernel_constant(family));
  return out;
}

void add(std::vector<FilterRule>& rules, const std::string& name, Action action) {
  const auto number = profiles::syscall_number(name);
  if (number) rules.push_back({name, *number, action, {}});  // else: this architecture has no such call
}

// The pinned path where it can be had: then nothing is decided by a notification.
ExecGate exec_gate(const HostFacts& facts, Gaps& gaps) {
  if (facts.page_zero) return ExecGate::pinned_path;
  if (facts.exec_notification) return ExecGate::notified;
  gaps.add("exec",
           "neither can page 0 be mapped for the one exec (CAP_SYS_RAWIO, vm.mmap_min_addr of 4096 or more) nor has this kernel "
           "seccomp user notification: an absolute path beside the fd could start the dynamic loader",
           "boot Linux 5.5 or newer, or sysctl vm.mmap_min_addr=65536 and in a container --cap-add SYS_RAWIO");
  return ExecGate::none;
}

}  // namespace

FilterPlan plan_syscalls(const PlanInput& input, Gaps& gaps) {
  const auto& syscalls = input.policy.syscalls;
  FilterPlan out;
  out.program_fd = static_cast<int>(input.policy.limits.nofile);
  out.exec_gate = exec_gate(input.facts, gaps);
  out.report = input.facts.user_notification;
  if (!out.report)
    gaps.add("syscalls.report", "this kernel has no seccomp user notification", "refused calls fail with EPERM but are not named");
  for (const auto& grant : syscalls.allow) add(out.rules, grant.name, Action::allow);
  for (const std::string& name : syscalls.report) add(out.rules, name, Action::report);
  for (const std::string& name : syscalls.absent) add(out.rules, name, Action::absent);
  // never by a profile's word: the gate is its only rule
  std::erase_if(out.rules, [](const FilterRule& rule) { return rule.name == "execveat"; });
  if (!input.policy.programs.empty()) {  // paths cannot be seen here: Landlock tells the named ones from others
    std::erase_if(out.rules, [](const FilterRule& rule) { return rule.name == "execve"; });
    add(out.rules, "execve", Action::allow);
  }
  if (out.exec_gate == ExecGate::notified) add(out.rules, "execveat", Action::report);
  for (FilterRule& rule : out.rules) {
    if (rule.action != Action::allow) continue;
    if (rule.name == "socket") rule.arguments.push_back(socket_families(input.policy));
    for (const auto& argument : syscalls.arguments)
      if (argument.name == rule.name) rule.arguments.push_back(argument_of(argument));
  }
  std::sort(out.rules.begin(), out.rules.end(),
            [](const FilterRule& a, const FilterRule& b) { return a.number < b.number; });
  return out;
}

}  // namespace launcher
