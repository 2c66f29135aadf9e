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

// What the policy says of each call, in the order of their numbers: names are small to sort, rows are not.
class CallsByNumber {
 public:
  void add(const std::string& name, Action action) {
    const auto number = profiles::syscall_number(name);
    if (number) calls_.push_back({*number, &name, action});  // else: this architecture has no such call
  }
  std::vector<FilterRule> rules() {
    std::sort(calls_.begin(), calls_.end(), [](const Call& a, const Call& b) { return a.number < b.number; });
    std::vector<FilterRule> out;
    out.reserve(calls_.size());
    for (const Call& call : calls_) out.push_back({*call.name, call.number, call.action, {}});
    return out;
  }

 private:
  struct Call {
    int number;
    const std::string* name;  // the policy's
    Action action;
  };
  std::vector<Call> calls_;
};

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
  static const std::string kByDescriptor = "execveat", kByPath = "execve";
  const bool has_programs = !input.policy.programs.empty();
  // execveat never by a profile's word: the gate is its only rule. Of execve with programs: paths cannot be seen here, and Landlock
  // tells the named ones from others.
  const auto is_ours = [&](const std::string& name) { return name == kByDescriptor || (has_programs && name == kByPath); };
  CallsByNumber calls;
  const auto add = [&](const std::string& name, Action action) {
    if (!is_ours(name)) calls.add(name, action);
  };
  for (const auto& grant : syscalls.allow) add(grant.name, Action::allow);
  for (const std::string& name : syscalls.report) add(name, Action::report);
  for (const std::string& name : syscalls.absent) add(name, Action::absent);
  if (has_programs) calls.add(kByPath, Action::allow);
  if (out.exec_gate == ExecGate::notified) calls.add(kByDescriptor, Action::report);
  out.rules = calls.rules();
  for (FilterRule& rule : out.rules) {
    if (rule.action != Action::allow) continue;
    if (rule.name == "socket") rule.arguments.push_back(socket_families(input.policy));
    for (const auto& argument : syscalls.arguments)
      if (argument.name == rule.name) rule.arguments.push_back(argument_of(argument));
  }
  return out;
}

}  // namespace launcher
