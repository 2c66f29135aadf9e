#include "launcher/plan/tier.h"

#include <algorithm>

namespace launcher {
namespace {

// Images that are not ours have no user for the launcher. A number needs no name; this one no distribution gives away.
constexpr unsigned kNamelessLauncher = 61990;

// Started as anybody but root we are that user and can be no other, whatever the image calls it.
void take_ids_of_runtime(const profiles::Policy& policy, const ContainerFacts& container, HostFacts& facts) {
  std::erase_if(facts.users, [&](const auto& row) { return row.second.uid == container.uid; });
  facts.users[policy.identity.user] = {container.uid, container.gid, {}};
  if (!policy.identity.group.empty()) facts.groups[policy.identity.group] = container.gid;
}

void find_user_for_launcher(HostFacts& facts) { facts.users.try_emplace(kSupervisorUser, UserFact{kNamelessLauncher, kNamelessLauncher, {}}); }

OrdinaryUser maker_of_box(const profiles::Policy& policy, const HostFacts& facts) {
  const ContainerFacts& container = *facts.container;
  OrdinaryUser out{.name = policy.identity.user};
  if (const auto user = facts.users.find(policy.identity.user); user != facts.users.end()) {
    out.uid = user->second.uid;
    out.gid = user->second.gid;
  }
  if (const auto group = facts.groups.find(policy.identity.group); group != facts.groups.end()) out.gid = group->second;
  if (container.uid != 0) out.groups = container.groups;
  out.proc_obstacle = container.proc_obstacle;
  return out;
}

}  // namespace

Tier tier_of(const HostFacts& facts) {
  if (!facts.container) return Tier::no_container;
  if (facts.privileged) return Tier::whole;
  return facts.container->namespaces_obstacle.empty() && facts.container->missing_capabilities.empty() ? Tier::nested : Tier::enclosed;
}

void settle_tier(const profiles::Policy& policy, HostFacts& facts) {
  const Tier tier = tier_of(facts);
  if (tier == Tier::no_container) return;
  if (facts.container->uid != 0)
    take_ids_of_runtime(policy, *facts.container, facts);
  else
    find_user_for_launcher(facts);
  facts.enclosed = tier == Tier::enclosed;
  if (tier != Tier::nested) return;
  facts.ordinary_user = maker_of_box(policy, facts);
  for (auto& [name, controller] : facts.cgroups) controller = {0, controller.path, "the pool's user makes the box, and no control group is its own"};
  facts.page_zero = false;  // a user namespace has no CAP_SYS_RAWIO that counts
}

}  // namespace launcher
