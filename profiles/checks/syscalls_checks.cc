// System calls. Their names were checked when they were read (profiles/load/groups.cc).
#include <algorithm>
#include <set>

#include "profiles/base/text.h"
#include "profiles/checks/facets.h"
#include "profiles/checks/report.h"
#include "profiles/kernel/syscall_names.h"

namespace profiles {

namespace {

bool is_allowed(const CheckInput& input, const std::string& name) {
  const std::vector<SyscallGrant>& allow = input.composed.policy.syscalls.allow;
  return std::any_of(allow.begin(), allow.end(), [&](const SyscallGrant& grant) { return grant.name == name; });
}

// Why a grant needs a reason; "" when it needs none.
std::string reason_needed(const CheckInput& input, const std::string& name, const std::string& group) {
  const Composed& composed = input.composed;
  if (const auto reported = composed.overridden_reports.find(name); reported != composed.overridden_reports.end())
    return "is reported as dangerous at " + reported->second.where.text() + ", and allowed without a reason";
  const auto added = composed.added_calls.find(name);
  if (added == composed.added_calls.end() || !input.is_pool) return {};
  if (const base::Position& absent = added->second.absent.where; !absent.file.empty())
    return "is absent on purpose at " + absent.text() + ", and allowed without a reason";
  return "is added " + (group.empty() ? "" : "(by " + group + ") ") + "to what " + added->second.below +
         " allows, without a reason";
}

// Where the first argument of clone(), its flags, is limited; a layer that drops clone with its rule keeps the limit.
base::Position rule_of_clone(const CheckInput& input) {
  const std::string key = "clone:0";
  if (const auto removed = input.composed.removed_rules.find(key); removed != input.composed.removed_rules.end())
    return removed->second.origin.where;
  for (const ArgumentRule& rule : input.composed.policy.syscalls.arguments)
    if (rule.item_name() == key) return place_of(input, "syscalls.arguments[" + key + "]");
  return {};
}

}  // namespace

void check_granted_calls(const CheckInput& input) {
  std::set<std::pair<std::string, std::string>> groups;  // one message for all names of a group
  for (const SyscallGrant& grant : input.composed.policy.syscalls.allow) {
    const std::string key = "syscalls.allow[" + grant.name + "]";
    const Origin origin = input.composed.origins.find(key);
    const std::string what = grant.why.empty() ? reason_needed(input, grant.name, origin.through) : "";
    if (what.empty() || (grant.name == "clone3" && !rule_of_clone(input).file.empty())) continue;
    if (!origin.through.empty() && !groups.emplace(origin.where.text(), origin.through).second) continue;
    const std::string name = origin.through.empty() ? grant.name : "\"" + origin.through + "\"";
    error(input, key, what, "write {name: " + name + ", why: WHAT NEEDS IT}");
  }
}

void check_clone3(const CheckInput& input) {
  const base::Position rule = rule_of_clone(input);
  if (rule.file.empty() || !is_allowed(input, "clone3")) return;
  error(input, "syscalls.allow[clone3]",
        "its flags lie in memory that a filter cannot see, so it would undo the rule of `clone` at " + rule.text(),
        "remove it: where it is absent, libraries call clone");
}

void check_lower_rules(const CheckInput& input) {
  if (!input.is_pool) return;
  const Composed& composed = input.composed;
  for (const auto& [name, lower] : composed.removed_rules) {
    const ArgumentRule& rule = lower.rule;
    if (!is_allowed(input, rule.name)) continue;
    error(input, "syscalls.arguments[" + name + "]",
          "the rule at " + lower.origin.where.text() + " is gone, and `" + rule.name + "` stays allowed",
          "write the wider rule instead: {name: " + rule.name + ", index: " + std::to_string(rule.index) + ", " +
              (rule.none_of.empty() ? "one_of" : "none_of") + ": [...], why: WHAT NEEDS IT}, or remove " + rule.name +
              " from syscalls.allow");
  }
  for (const ArgumentRule& rule : composed.policy.syscalls.arguments) {
    const auto lower = composed.changed_rules.find(rule.item_name());
    if (lower == composed.changed_rules.end() || !rule.why.empty()) continue;
    error(input, "syscalls.arguments[" + rule.item_name() + "]",
          "says otherwise than " + lower->second.origin.where.text() + ", without a reason", "add why: WHAT NEEDS IT");
  }
}

void check_argument_rules(const CheckInput& input) {
  const Syscalls& syscalls = input.composed.policy.syscalls;
  for (const ArgumentRule& rule : syscalls.arguments) {
    const std::string key = "syscalls.arguments[" + rule.item_name() + "]";
    if (!is_syscall_anywhere(rule.name))
      error(input, key, "`" + rule.name + "` is no system call",
            did_you_mean(rule.name, native_syscall_names(), "write its name"));
    else if (!is_allowed(input, rule.name))
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
