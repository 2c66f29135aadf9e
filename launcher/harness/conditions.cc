#include "launcher/harness/conditions.h"

#include <sched.h>

#include <algorithm>

#include "launcher/harness/named.h"

namespace harness {
namespace {

using launcher::MountOp;
using launcher::Plan;
using profiles::Policy;

bool has_own_network(const Plan& plan, const Policy&) { return (plan.namespaces & CLONE_NEWNET) != 0; }

// AF_UNIX alone: one value of the first argument. A filter without such a rule allows no socket at all.
bool has_no_ip_sockets(const Plan& plan, const Policy&) {
  return std::none_of(plan.filter.rules.begin(), plan.filter.rules.end(), [](const launcher::FilterRule& rule) {
    const bool is_unix_alone = !rule.arguments.empty() && rule.arguments.front().one_of.size() == 1;
    return rule.name == "socket" && rule.action == launcher::FilterRule::Action::allow && !is_unix_alone;
  });
}

// Whoever may become the pool's user gives up all its groups before it makes the user namespace.
bool has_own_user(const Plan& plan, const Policy&) { return !plan.user_namespace || plan.becomes_pool; }

bool has_proc(const Plan& plan, const Policy&) {
  return std::any_of(plan.mounts.begin(), plan.mounts.end(), [](const MountOp& op) { return op.kind == MountOp::Kind::proc; });
}

}  // namespace

const std::vector<Condition>& conditions() {
  static const std::vector<Condition> kConditions = {
      {"own_network", "the box has no network of its own", has_own_network},
      {"no_ip_sockets", "the box may open IP sockets", has_no_ip_sockets},
      {"no_programs", "the profile lets scripts start programs", [](const Plan&, const Policy& policy) { return policy.programs.empty(); }},
      {"deny_write_execute", "the profile allows memory that is writable and executable", [](const Plan& plan, const Policy&) { return plan.memory.deny_write_execute; }},
      {"has_data", "the profile has no writable path", [](const Plan&, const Policy& policy) { return !policy.filesystem.writable.empty(); }},
      {"own_user", "an ordinary user's box has that user", has_own_user},
      {"own_proc", "the box has no /proc", has_proc},
      {"own_limits", "no control group limits the box", [](const Plan& plan, const Policy&) { return !plan.cgroups.empty(); }},
  };
  return kConditions;
}

std::vector<std::string> condition_names() { return names_of(conditions()); }

const Condition* obstacle(const Act& act, const Plan& plan, const Policy& policy) {
  for (const Condition& condition : conditions())
    if (std::find(act.when.begin(), act.when.end(), condition.name) != act.when.end() && !condition.holds(plan, policy)) return &condition;
  return nullptr;
}

}  // namespace harness
