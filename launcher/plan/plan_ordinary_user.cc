// What root could give to a box and an ordinary user cannot.
#include "launcher/facts/pool_ids.h"
#include "launcher/plan/facets.h"

namespace launcher {
namespace {

bool is_own_code(const PlanInput& input) {
  const auto code = input.facts.paths.find(input.policy.filesystem.code.text);
  return code != input.facts.paths.end() && code->second.uid == input.facts.ordinary_user->uid;
}

}  // namespace

void plan_ordinary_user(const PlanInput& input, Gaps& gaps) {
  const OrdinaryUser& user = *input.facts.ordinary_user;
  if (!user.obstacle.empty()) return gaps.add("namespaces", user.obstacle, user.remedy);
  const std::string as_root = "root starts it with a user of the pool's own (identity.user)";
  gaps.inherent("identity.separate",
                "the box runs as you: what you own and what else you run are kept from it by its namespaces alone, and what it "
                "writes is yours",
                as_root);
  gaps.inherent("launcher.identity", "launcher and janitor go on as you, without any capability", as_root);
  if (!user.groups.empty())
    gaps.inherent("identity.groups",
                  "the box keeps your other groups (" + std::to_string(user.groups.size()) +
                      "), which no user namespace takes away: they count for every file that it sees",
                  "leave groups that you do not need, or " + as_root);
  if (is_own_code(input) && input.policy.filesystem.owned_by_pool != "accepted")
    gaps.inherent("code.owner", "the code is yours: read-only in the box, but not for what else you run", as_root);
  if (!user.proc_obstacle.empty())
    gaps.add("proc", user.proc_obstacle, "run it outside of a container, or with the container's /proc unmasked; or name the layer in "
             "enforcement.best_effort: the box then has no /proc");
}

}  // namespace launcher
