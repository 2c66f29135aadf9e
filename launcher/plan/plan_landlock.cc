// A second wall behind the mounts: who may read, write and execute what, which no later mount trick can widen.
#include <algorithm>

#include "launcher/plan/facets.h"
#include "launcher/plan/inside.h"
#include "launcher/plan/plan_programs.h"

namespace launcher {
namespace {

using Access = LandlockRule::Access;

// Which other layer of a box refuses the same. Kernels of stable distributions are as old as these distributions (Debian 12 has
// ABI 2): where something else stands in, its lack is said and stops nothing.
enum class StandsIn { nothing, mounts, own_network, own_sockets };

// What each ABI brought that a box uses (Documentation/userspace-api/landlock.rst). Oldest first.
struct Ability {
  int abi;
  const char* layer;
  const char* what;
  StandsIn stands_in;
  const char* how;
  const char* how_enclosed;
};
constexpr Ability kAbilities[] = {
    {1, "landlock", "file access", StandsIn::nothing, "", ""},
    {2, "landlock.refer", "renames across folders (without it they fail with EXDEV)", StandsIn::nothing, "", ""},
    {3, "landlock.truncate", "truncation of files", StandsIn::mounts, "what is not writable is mounted read-only",
     "what the pool may not write belongs to others"},
    {4, "landlock.network", "TCP bind and connect", StandsIn::own_sockets, "the box's own network leads nowhere",
     "the filter lets no socket of a network be made or connected"},
    {6, "landlock.scopes", "signals and abstract sockets", StandsIn::own_network, "the box's own processes and network are all it has",
     "the filter lets no socket be connected, nor one be made that sends without; a signal reaches the pool's own processes, and those of fpmbox exec in this container"},
};

// Of tier B: no mounts, no namespaces; but who the pool is, and the filter (plan_container.cc closes the ways out of a pool that
// connects nowhere). Where it connects, no filter sees to whom: stream sockets of the container are reached.
bool is_covered_enclosed(StandsIn what, const PlanInput& input) {
  const bool are_two_users = input.facts.container && input.facts.container->uid == 0;
  // kill(2) reaches every process of the pool's user in the pid namespace: ours alone where it began with us.
  const bool is_alone = are_two_users && input.facts.container->is_first_process && input.request.is_service();
  const bool connects = connects_out(input.policy);
  switch (what) {
    case StandsIn::nothing: return false;
    case StandsIn::mounts: return are_two_users;
    case StandsIn::own_network: return is_alone && !connects;
    case StandsIn::own_sockets: return !shares_network(input.policy) && (input.policy.listen.tcp.empty() || !connects);
  }
  return false;
}

bool is_covered(const Ability& ability, const PlanInput& input) {
  if (input.facts.landlock_abi == 0) return false;
  if (input.facts.enclosed) return is_covered_enclosed(ability.stands_in, input);
  switch (ability.stands_in) {
    case StandsIn::nothing: return false;
    case StandsIn::mounts: return true;
    case StandsIn::own_network: return !shares_network(input.policy);
    // The live socket is of the host's network. connect(2) with AF_UNSPEC ends its listening, and it connects from there.
    case StandsIn::own_sockets: return !shares_network(input.policy) && input.policy.listen.tcp.empty();
  }
  return false;
}

void miss(const Ability& ability, const PlanInput& input, Gaps& gaps) {
  const std::string lack = "this kernel's Landlock (ABI " + std::to_string(input.facts.landlock_abi) + ") cannot limit " + ability.what;
  if (is_covered(ability, input))
    return gaps.inherent(ability.layer, lack + "; " + (input.facts.enclosed ? ability.how_enclosed : ability.how), "a newer kernel adds a second wall");
  const bool has_operator = input.facts.enclosed && input.facts.container;
  gaps.add(ability.layer, lack, std::string("boot a newer kernel with lsm=landlock,... or name the layer in ") + (has_operator ? "FPMBOX_ALLOW_GAPS" : "enforcement.best_effort"));
}

void add_box_rules(const std::vector<MountOp>& mounts, std::vector<LandlockRule>& rules) {
  rules.push_back({"/", Access::read, true});
  for (const MountOp& op : mounts) {
    if (op.kind == MountOp::Kind::device) rules.push_back({op.target, Access::device, false});
    if (op.kind == MountOp::Kind::devices) rules.push_back({op.target, Access::device, true});
    const bool mounted = op.kind == MountOp::Kind::bind || op.kind == MountOp::Kind::tmpfs;
    if (mounted && !op.read_only) rules.push_back({op.target, Access::write, op.is_directory});
  }
}

bool is_covered(const std::string& path, const std::vector<LandlockRule>& rules) {
  return std::any_of(rules.begin(), rules.end(),
                     [&](const LandlockRule& rule) { return rule.is_directory && (path == rule.path || path.starts_with(rule.path + "/")); });
}

// Without mounts of our own the ruleset is the view.
void add_enclosed_rules(const PlanInput& input, std::vector<LandlockRule>& rules) {
  const auto& filesystem = input.policy.filesystem;
  const CodePaths code = code_paths(input.policy, input.facts);
  auto kind_of = [&](const std::string& path) {
    const auto found = input.facts.paths.find(path);
    return found == input.facts.paths.end() ? PathFact::Kind::missing : found->second.real_kind;
  };
  auto add = [&](const std::string& path, Access access) {
    const auto kind = kind_of(path);
    if (kind != PathFact::Kind::missing) rules.push_back({past_run_link(input.facts, path), access, kind == PathFact::Kind::directory});
  };
  for (const auto& system : filesystem.system) add(system.path.text, Access::read);
  if (const std::string& extensions = input.facts.php.extension_dir; !extensions.empty() && !is_covered(extensions, rules))
    rules.push_back({extensions, Access::read, true});
  for (const char* path : {"/etc/passwd", "/etc/group", "/etc/nsswitch.conf", "/etc/hosts"}) add(path, Access::read);
  if (shares_network(input.policy)) rules.push_back({"/etc/resolv.conf", Access::read, false});
  rules.push_back({config_directory(input), Access::read, true});
  rules.push_back({code.resolved, Access::read, true});
  for (const char* device : {"/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"})
    rules.push_back({device, Access::device, false});
  const std::string store = filesystem.data.text.empty() ? code.resolved : filesystem.data.text;
  for (const auto& writable : filesystem.writable) add(store + "/" + writable.path.text, Access::write);
  rules.push_back({inside::kTmp, Access::write, true});
  rules.push_back({sessions_directory(input), Access::write, true});
}

}  // namespace

LandlockPlan plan_landlock(const PlanInput& input, const std::vector<MountOp>& mounts, const ProgramPlan& program, Gaps& gaps) {
  LandlockPlan out;
  out.abi = input.facts.landlock_abi;
  for (const Ability& ability : kAbilities)
    if (out.abi < ability.abi) miss(ability, input, gaps);
  if (out.abi == 0 && !input.policy.programs.empty())
    gaps.add("exec.programs", "only Landlock keeps the box's execve to the programs that it names: without, it could start every one that it sees",
             "boot a kernel with lsm=landlock,... or leave programs: out");
  if (out.abi == 0) return out;
  if (input.facts.enclosed) {
    add_enclosed_rules(input, out.rules);
  } else {
    add_box_rules(mounts, out.rules);
  }
  if (!input.policy.programs.empty())
    add_program_rules(input.facts, program.interpreter, out.rules);
  else if (!program.interpreter.empty())
    out.rules.push_back({program.interpreter, Access::execute, false});
  return out;
}

}  // namespace launcher
