// System calls. Their names were checked when they were read (profiles/load/groups.cc).
#include <algorithm>

#include "profiles/base/text.h"
#include "profiles/checks/facets.h"
#include "profiles/checks/report.h"
#include "profiles/kernel/syscall_names.h"

namespace profiles {

void check_granted_calls(const CheckInput& input) {
  for (const SyscallGrant& grant : input.composed.policy.syscalls.allow) {
    const auto reported = input.composed.overridden_reports.find(grant.name);
    if (reported == input.composed.overridden_reports.end() || !grant.why.empty()) continue;
    error(input, "syscalls.allow[" + grant.name + "]",
          "is reported as dangerous at " + reported->second.where.text() + ", and allowed without a reason",
          "write {name: " + grant.name + ", why: WHAT NEEDS IT}");
  }
}

void check_argument_rules(const CheckInput& input) {
  const Syscalls& syscalls = input.composed.policy.syscalls;
  for (const ArgumentRule& rule : syscalls.arguments) {
    const std::string key = "syscalls.arguments[" + rule.item_name() + "]";
    const bool is_allowed = std::any_of(syscalls.allow.begin(), syscalls.allow.end(),
                                        [&](const SyscallGrant& grant) { return grant.name == rule.name; });
    if (!is_syscall_anywhere(rule.name))
      error(input, key, "`" + rule.name + "` is no system call",
            did_you_mean(rule.name, native_syscall_names(), "write its name"));
    else if (!is_allowed)
      warning(input, key, "`" + rule.name + "` is not allowed at all, so the rule does nothing",
              "add it to syscalls.allow, or remove the rule");
    if (rule.index > 5) error(input, key, "a system call has six arguments", "write an index of 0 to 5");
    if (rule.one_of.empty() == rule.none_of.empty())
      error(input, key, rule.one_of.empty() ? "has neither one_of nor none_of" : "has both one_of and none_of",
            "write one of them");
    for (const auto* constants : {&rule.one_of, &rule.none_of})
      for (const std::string& constant : *constants)
        if (!kernel_constant(constant))
          error(input, key, "`" + constant + "` is not a known constant",
                did_you_mean(constant, kernel_constant_names(), "write its number, such as 0x541b"));
  }
}

}  // namespace profiles
