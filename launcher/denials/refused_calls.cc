#include "launcher/denials/refused_calls.h"

#include <algorithm>

#include "launcher/denials/call_arguments.h"
#include "launcher/plan/write_execute.h"
#include "profiles/base/text.h"
#include "profiles/kernel/syscall_names.h"

namespace launcher {
namespace {

const FilterRule* rule_of(const DenialContext& context, int number) {
  const auto& rules = context.conditional;
  const auto at = std::find_if(rules.begin(), rules.end(), [&](const FilterRule& rule) { return rule.number == number; });
  return at == rules.end() ? nullptr : &*at;
}

// As the filter compares: ints by their low 32 bits, pointers whole.
bool is_met(const FilterRule::Argument& argument, std::uint64_t value) {
  const std::uint64_t compared = argument.pointer ? value : value & 0xffffffff;
  if (argument.one_of.empty()) {
    const bool all_together = argument.not_together != 0 && (compared & argument.not_together) == argument.not_together;
    return (compared & argument.none_of) == 0 && !all_together;
  }
  return std::any_of(argument.one_of.begin(), argument.one_of.end(),
                     [&](std::uint64_t one) { return (argument.pointer ? one : one & 0xffffffff) == compared; });
}

const FilterRule::Argument* broken_argument(const FilterRule& rule, const seccomp_data& call) {
  for (const FilterRule::Argument& argument : rule.arguments)
    if (!is_met(argument, call.args[argument.index])) return &argument;
  return nullptr;
}

const profiles::ArgumentRule* written_rule(const DenialContext& context, const std::string& name, unsigned index) {
  for (const profiles::ArgumentRule& rule : context.policy.syscalls.arguments)
    if (rule.name == name && rule.index == index) return &rule;
  return nullptr;
}

std::string why_of(const char* reason = "...") { return std::string(", why: \"") + reason + "\""; }

// ---- a call of syscalls.report

// To allow these alone would permit nothing: a box has no program but those that `programs` names. Which one was wanted is in
// the worker's memory, which is not read.
const char* note_on(const std::string& name) {
  if (name == "execve") return "programs: [{path: PATH, why: \"...\"}] permits it, for that program; where it was mail(), mail: {unix: PATH} names a server";
  if (name == "execveat") return "no profile can permit it: programs: lets execve through, and nothing else";
  return nullptr;
}

void explain_reported(Denial& denial, const std::string& name, const DenialContext& context) {
  denial.decided_by = name == "execveat" ? "the one exec of the box, which is over" : decided_at(context, "syscalls.report", name);
  if (const char* const note = note_on(name))
    denial.note = note;
  else
    denial.permit = "syscalls: {allow: [{name: " + name + why_of() + "}]}";
}

// ---- a call with an argument that it may not have

// The family follows from what the policy connects to; a rule of syscalls.arguments could narrow it further, never widen.
void explain_family(Denial& denial, std::uint64_t family, const DenialContext& context) {
  denial.decided_by = decided_at(context, "connect") + " and network, which ask for no such socket";
  const std::uint64_t value = family & 0xffffffff;
  if (value == profiles::kernel_constant("AF_INET") || value == profiles::kernel_constant("AF_INET6")) {
    denial.permit = "network: {mode: host" + why_of() + "}";
    denial.note = "it is the way to other machines and to names: that line opens every network of this host, and connect: [{tcp: \"HOST:PORT\", why: \"...\"}] beside it leaves TCP these ports alone";
  } else if (value == profiles::kernel_constant("AF_NETLINK")) {
    denial.note = "no profile can permit it; libraries that look names up do without";
  } else {
    denial.note = "no profile can permit it";
  }
}

// In a container without namespaces, where the policy connects nowhere (plan_network.cc).
void explain_type(Denial& denial, const DenialContext& context) {
  denial.decided_by = decided_at(context, "connect") + ", and without namespaces nothing else holds back what sends without connecting";
  denial.note = "connect: [{unix: PATH}] permits it, where PATH is the server's socket";
}

void explain_mapping(Denial& denial, const DenialContext& context) {
  denial.decided_by = decided_at(context, "memory.deny_write_execute");
  denial.note = "memory: {deny_write_execute: false} permits it, and every other such mapping: PHP's JITs are what wants them";
}

// The constant with this value that the call's other constants suggest (PR_ beside PR_), or the number.
std::string constant_like(std::uint64_t value, const std::vector<std::string>& others) {
  for (const std::string& name : profiles::kernel_constant_names()) {
    const std::string prefix = name.substr(0, name.find('_') + 1);
    const bool fits = std::any_of(others.begin(), others.end(), [&](const std::string& other) {
      return prefix.empty() ? other.find('_') == other.npos : other.starts_with(prefix);
    });
    if (fits && name != "NULL" && profiles::kernel_constant(name) == value) return name;
  }
  return std::to_string(value);
}

// Items of a list replace the item of the same name, so that the rule is written anew with what it lets through already.
std::string widened(const profiles::ArgumentRule& rule, std::uint64_t value) {
  std::vector<std::string> constants;
  const bool names_allowed = !rule.one_of.empty();
  if (names_allowed) {
    constants = rule.one_of;
    constants.push_back(constant_like(value & 0xffffffff, rule.one_of));
  } else {
    for (const std::string& name : rule.none_of)
      if ((value & profiles::kernel_constant(name).value_or(0)) == 0) constants.push_back(name);
  }
  if (constants.empty()) return {};
  return "syscalls: {arguments: [{name: " + rule.name + ", index: " + std::to_string(rule.index) + ", " +
         (names_allowed ? "one_of" : "none_of") + ": [" + base::join(constants, ", ") + "]" + why_of() + "}]}";
}

// What the planner adds to a rule by itself (plan_network.cc).
void explain_unwritten(Denial& denial, const FilterRule& rule, const FilterRule::Argument& argument, std::uint64_t value, const DenialContext& context) {
  const bool is_pair = rule.name == "socketpair";
  if (rule.name == "socket" && argument.index == 0) return explain_family(denial, value, context);
  if ((rule.name == "socket" || is_pair) && argument.index == 1) return explain_type(denial, context);
  denial.decided_by = "a rule of the planner's own";
  denial.note = "no line of a profile permits exactly this";
}

void explain_argument(Denial& denial, const FilterRule& rule, const FilterRule::Argument& argument, std::uint64_t value,
                      const DenialContext& context) {
  if (context.policy.memory.deny_write_execute && is_write_execute(rule.name, argument.index, value & 0xffffffff)) return explain_mapping(denial, context);
  const profiles::ArgumentRule* written = written_rule(context, rule.name, argument.index);
  if (written == nullptr) return explain_unwritten(denial, rule, argument, value, context);
  denial.decided_by = decided_at(context, "syscalls.arguments", written->item_name());
  if (!argument.pointer) denial.permit = widened(*written, value);
  if (denial.permit.empty()) denial.note = "no line of a profile permits exactly this";
}

}  // namespace

Denial explain_call(const seccomp_data& call, const DenialContext& context) {
  Denial denial;
  denial.kind = Denial::Kind::system_call;
  denial.act = call_text(call);
  const FilterRule* rule = rule_of(context, call.nr);
  if (rule == nullptr) {
    explain_reported(denial, call_name(call.nr), context);
    return denial;
  }
  if (const auto* argument = broken_argument(*rule, call))
    explain_argument(denial, *rule, *argument, call.args[argument->index], context);
  return denial;
}

std::string call_key(const seccomp_data& call, const DenialContext& context) {
  const FilterRule* rule = rule_of(context, call.nr);
  const std::string name = call_name(call.nr);
  const auto* argument = rule == nullptr ? nullptr : broken_argument(*rule, call);
  if (argument == nullptr || argument->one_of.empty()) return name;
  const std::string text = call_text(call);
  const auto constant = text.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ");
  if (constant == text.npos) return name;
  return name + "(" + text.substr(constant, text.find_first_of(",|)", constant) - constant) + ")";
}

}  // namespace launcher
