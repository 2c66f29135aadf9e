// memory: W^X, by the kernel's own switch and by the filter, each enough alone: kernels before 6.3 have no switch, and a filter
// sees arguments, not what a page was before.
#include <sys/mman.h>
#include <sys/shm.h>

#include <algorithm>
#include <array>

#include "launcher/plan/facets.h"
#include "launcher/plan/write_execute.h"

namespace launcher {
namespace {

struct Denied {
  const char* call;
  unsigned index;
  std::uint64_t none_of;
  std::uint64_t not_together;
};
// Only an mmap is born with its rights. What mprotect gives to execute existed before, and could have been written.
constexpr std::array kDenied = {Denied{"mmap", 2, 0, PROT_WRITE | PROT_EXEC}, Denied{"mprotect", 2, PROT_EXEC, 0},
                                Denied{"pkey_mprotect", 2, PROT_EXEC, 0}, Denied{"shmat", 2, SHM_EXEC, 0}};

bool is_denied(const Denied& row, std::uint64_t value) {
  return (value & row.none_of) != 0 || (row.not_together != 0 && (value & row.not_together) == row.not_together);
}

// Onto a rule that the profile has for the same argument: libseccomp takes one comparison of each.
void narrow(FilterRule& rule, const Denied& row) {
  auto argument = std::find_if(rule.arguments.begin(), rule.arguments.end(), [&](const auto& one) { return one.index == row.index; });
  if (argument == rule.arguments.end()) argument = rule.arguments.insert(rule.arguments.end(), FilterRule::Argument{.index = row.index});
  if (argument->one_of.empty()) {
    argument->none_of |= row.none_of;
    argument->not_together |= row.not_together;
    return;
  }
  std::erase_if(argument->one_of, [&](std::uint64_t value) { return is_denied(row, value); });
  if (argument->one_of.empty()) rule.action = FilterRule::Action::report;  // nothing is left of it
}

}  // namespace

bool is_write_execute(std::string_view call, unsigned index, std::uint64_t value) {
  return std::any_of(kDenied.begin(), kDenied.end(), [&](const Denied& row) { return call == row.call && index == row.index && is_denied(row, value); });
}

void plan_memory(const PlanInput& input, Plan& plan, Gaps& gaps) {
  plan.memory.deny_write_execute = input.policy.memory.deny_write_execute;
  if (!plan.memory.deny_write_execute) return;
  plan.memory.mdwe = input.facts.mdwe;
  if (!plan.memory.mdwe)
    gaps.inherent("memory.mdwe", "this kernel has no PR_SET_MDWE: the filter alone keeps memory from being written and executed",
                  "boot Linux 6.3 or newer");
  for (FilterRule& rule : plan.filter.rules)
    for (const Denied& row : kDenied)
      if (rule.name == row.call && rule.action == FilterRule::Action::allow) narrow(rule, row);
}

}  // namespace launcher
