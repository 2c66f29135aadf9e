#include "launcher/harness/mutants.h"

#include <sched.h>

#include <algorithm>
#include <optional>
#include <set>

#include "launcher/harness/box_targets.h"
#include "launcher/harness/posture.h"
#include "launcher/plan/inside.h"
#include "profiles/base/text.h"
#include "profiles/kernel/syscall_names.h"

namespace harness {
namespace {

using launcher::FilterRule;
using launcher::LandlockRule;
using launcher::MountOp;
using launcher::Plan;
using Access = LandlockRule::Access;
using Change = std::function<Plan(Plan)>;

// Groups whose calls change the whole machine where anything else fails with them.
constexpr const char* kHarmful[] = {"@accounting", "@clock", "@module", "@mount", "@names", "@raw-io", "@reboot", "@swap"};
constexpr const char* kHarm = "with one more mistake its acts would change this machine";
constexpr const char* kMountHarm = "it would mount in the machine's own tree";

// What acts take of the machine where these limits are away is little and ends by itself.
constexpr const char* kBounded[] = {"rlimits", "tmp_limits"};

// Calls of which the exec gate decides: the layer of that name.
constexpr const char* kGate[] = {"execve", "execveat"};

template <class List>
bool is_one_of(const std::string& word, const List& list) { return std::find(std::begin(list), std::end(list), word) != std::end(list); }

FilterRule* rule_of(Plan& plan, const std::string& call) {
  const auto found = std::find_if(plan.filter.rules.begin(), plan.filter.rules.end(), [&](const FilterRule& rule) { return rule.name == call; });
  return found == plan.filter.rules.end() ? nullptr : &*found;
}

bool is_allowed(const Plan& plan, const std::string& call) {
  return std::any_of(plan.filter.rules.begin(), plan.filter.rules.end(),
                     [&](const FilterRule& rule) { return rule.name == call && rule.action == FilterRule::Action::allow; });
}

Plan allow(Plan plan, const std::vector<std::string>& calls) {
  for (const std::string& call : calls) {
    if (FilterRule* const rule = rule_of(plan, call))
      *rule = {rule->name, rule->number, FilterRule::Action::allow, {}};
    else if (const auto number = profiles::syscall_number(call))
      plan.filter.rules.push_back({call, *number, FilterRule::Action::allow, {}});
  }
  std::sort(plan.filter.rules.begin(), plan.filter.rules.end(), [](const FilterRule& a, const FilterRule& b) { return a.number < b.number; });
  return plan;
}

// Of `calls` those that this architecture has and the plan does not allow.
std::vector<std::string> refused_among(const Plan& plan, const std::vector<std::string>& calls) {
  std::vector<std::string> out;
  for (const std::string& call : calls)
    if (profiles::syscall_number(call) && !is_allowed(plan, call) && !is_one_of(call, kGate)) out.push_back(call);
  return out;
}

Mutant calls_allowed(const std::string& name, std::vector<std::string> calls) {
  return {"syscall:" + name, {"seccomp"}, {}, is_one_of(name, kHarmful) ? kHarm : "", [calls = std::move(calls)](Plan plan) { return allow(std::move(plan), calls); }};
}

// Every group, and every call that has a row of its own and no group.
void add_calls(const Plan& plan, const CallGroups& groups, std::vector<Mutant>& out) {
  std::set<std::string> in_groups;
  for (const auto& [name, calls] : groups) {
    in_groups.insert(calls.begin(), calls.end());
    if (auto refused = refused_among(plan, calls); !refused.empty()) out.push_back(calls_allowed(name, std::move(refused)));
  }
  for (const FilterRule& rule : plan.filter.rules)
    if (!in_groups.contains(rule.name) && !refused_among(plan, {rule.name}).empty()) out.push_back(calls_allowed(rule.name, {rule.name}));
}

void add_arguments(const Plan& plan, std::vector<Mutant>& out) {
  for (const FilterRule& rule : plan.filter.rules)
    for (std::size_t at = 0; launcher::is_limited(rule) && at < rule.arguments.size(); ++at)
      out.push_back({"argument:" + rule.name + ":" + std::to_string(rule.arguments[at].index), {"seccomp"}, {}, "", [call = rule.name, at](Plan changed) {
                       FilterRule* const found = rule_of(changed, call);
                       if (found != nullptr && at < found->arguments.size()) found->arguments.erase(found->arguments.begin() + static_cast<std::ptrdiff_t>(at));
                       return changed;
                     }});
}

Change in_mount(const std::string& target, MountOp::Kind kind, const std::function<void(MountOp&)>& change) {
  return [=](Plan plan) {
    for (MountOp& op : plan.mounts)
      if (op.target == target && op.kind == kind) change(op);
    return plan;
  };
}

struct MountFlag {
  const char* name;
  const char* layer;
  bool (*applies)(const MountOp& op);
  void (*open)(MountOp& op);
};
bool is_bind(const MountOp& op) { return op.kind == MountOp::Kind::bind; }
bool is_tmpfs(const MountOp& op) { return op.kind == MountOp::Kind::tmpfs; }
constexpr MountFlag kMountFlags[] = {
    {"read_only", "read_only", [](const MountOp& op) { return is_bind(op) && op.read_only; }, [](MountOp& op) { op.read_only = false; }},
    {"no_exec", "noexec", [](const MountOp& op) { return (is_bind(op) || is_tmpfs(op)) && op.no_exec; }, [](MountOp& op) { op.no_exec = false; }},
    {"size", "tmp_limits", [](const MountOp& op) { return is_tmpfs(op) && op.size != 0; }, [](MountOp& op) { op.size = 0; }},
    {"inodes", "tmp_limits", [](const MountOp& op) { return is_tmpfs(op) && op.inodes != 0; }, [](MountOp& op) { op.inodes = 0; }},
    {"hides_processes", "pid_namespace", [](const MountOp& op) { return op.kind == MountOp::Kind::proc && op.hides_processes; }, [](MountOp& op) { op.hides_processes = false; }},
};

void add_mounts(const Plan& plan, std::vector<Mutant>& out) {
  for (const MountOp& op : plan.mounts)
    for (const MountFlag& flag : kMountFlags)
      if (flag.applies(op)) out.push_back({"mount:" + op.target + ":" + flag.name, {flag.layer}, {}, "", in_mount(op.target, op.kind, flag.open)});
}

// Settings that a pool's file makes final, one less each.
constexpr const char* kSettings[] = {"php_admin_value[", "security.limit_extensions", "clear_env"};

std::string without_line(const std::string& text, const std::string& line) {
  std::string out = "\n" + text;
  if (const auto at = out.find("\n" + line + "\n"); at != std::string::npos) out.erase(at, line.size() + 1);
  return out.substr(1);
}

void add_settings(const Plan& plan, std::vector<Mutant>& out) {
  for (const MountOp& op : plan.mounts) {
    if (op.kind != MountOp::Kind::file || !op.target.ends_with("/php-fpm.conf")) continue;
    for (const std::string& line : base::split(op.content, '\n')) {
      const bool is_setting = std::any_of(std::begin(kSettings), std::end(kSettings), [&](const char* start) { return line.starts_with(start); });
      if (!is_setting) continue;
      std::string key = line.substr(0, line.find('='));
      while (key.ends_with(' ')) key.pop_back();
      out.push_back({"setting:" + key, {"php", "guard", "environment"}, {}, "", in_mount(op.target, op.kind, [line](MountOp& file) { file.content = without_line(file.content, line); })});
    }
  }
}

void add_command(const Plan& plan, std::vector<Mutant>& out) {
  for (const auto& [key, value] : settings_of_command(plan)) {
    const std::string word = key + "=" + value;
    out.push_back({"command:" + key, {"php"}, {}, "", [word](Plan changed) {
                     const auto at = std::find(changed.program.argv.begin(), changed.program.argv.end(), word);
                     if (at != changed.program.argv.end()) changed.program.argv.erase(at - 1, at + 1);  // with its -d
                     return changed;
                   }});
  }
}

// Landlock stands behind other layers and cannot be read back from the kernel: what it alone does shows where these are away.
const LayerSet kBeforeWrites = {"read_only"};
const LayerSet kBeforePrograms = {"exec_gate", "noexec"};
const LayerSet kBeforeNetwork = {"network_namespace", "seccomp"};

// Ends the name of a rule that no act aims at.
constexpr const char* kUnaimed = ":execute:unaimed";

Change with_rule(LandlockRule rule) {
  return [rule = std::move(rule)](Plan plan) {
    plan.landlock.rules.push_back(rule);
    return plan;
  };
}

void add_landlock(const Plan& plan, std::vector<Mutant>& out) {
  if (plan.landlock.abi == 0) return;
  const auto add = [&](const std::string& name, const LayerSet& beside, Change change) { out.push_back({"landlock:" + name, {"landlock"}, beside, "", std::move(change)}); };
  add("/:write", kBeforeWrites, with_rule({"/", Access::write, true}));
  add("/:execute", kBeforePrograms, with_rule({"/", Access::execute, true}));
  const std::set<std::string> aimed_at = {launcher::inside::kTmp, launcher::inside::kSessions, first_writable(plan)};
  std::set<std::string> writable;
  for (const LandlockRule& rule : plan.landlock.rules)
    if (rule.access == Access::write && writable.insert(rule.path).second)
      add(rule.path + (aimed_at.contains(rule.path) ? ":execute" : kUnaimed), kBeforePrograms, with_rule({rule.path, Access::execute, rule.is_directory}));
  if (plan.landlock.abi >= 4 && !plan.landlock.connects_freely)
    add("tcp", kBeforeNetwork, [](Plan changed) {
      changed.landlock.connects_freely = true;
      return changed;
    });
}

void add_limits(const Plan& plan, std::vector<Mutant>& out) {
  for (const launcher::RlimitValue& limit : plan.rlimits)
    out.push_back({"rlimit:" + limit.name, {"rlimits"}, {}, "", [name = limit.name](Plan changed) {
                     std::erase_if(changed.rlimits, [&](const launcher::RlimitValue& one) { return one.name == name; });
                     return changed;
                   }});
  for (const launcher::CgroupWrite& write : plan.cgroups)
    out.push_back({"cgroup:" + write.file, {"cgroup"}, {}, "", [file = write.file](Plan changed) {
                     std::erase_if(changed.cgroups, [&](const launcher::CgroupWrite& one) { return one.file == file; });
                     return changed;
                   }});
}

constexpr const char* kNoProc = "without root the kernel mounts /proc for a pid namespace of one's own alone";

// What stands behind a layer, where it has to be away for the layer to show.
LayerSet behind(const std::string& layer, const Plan& plan) {
  if (layer == "landlock") return kBeforeWrites;
  if (layer == "landlock_scopes") return plan.user_namespace ? LayerSet{"network_namespace"} : LayerSet{"network_namespace", "pid_namespace"};
  if (layer == "mdwe") return {"seccomp"};
  return {};
}

const char* harm_of(const std::string& layer, const Plan& plan) { return layer == "pid_namespace" && plan.user_namespace ? kNoProc : ""; }

void add_layers(const Plan& plan, const Surroundings& host, std::vector<Mutant>& out) {
  for (const Layer& layer : layers())
    if (layer.without != nullptr && without(layer, plan, host))
      out.push_back({std::string("layer:") + layer.name, {layer.name}, behind(layer.name, plan), harm_of(layer.name, plan), [&layer, &host](Plan changed) { return layer.without(std::move(changed), host); }});
  if ((plan.namespaces & CLONE_NEWNS) != 0)
    out.push_back({"namespace:mnt", {}, {}, kMountHarm, [](Plan changed) {
                     changed.namespaces &= ~static_cast<std::uint64_t>(CLONE_NEWNS);
                     return changed;
                   }});
}

void add_others(const Plan& plan, std::vector<Mutant>& out) {
  const auto add = [&](const char* name, const char* layer, Change change, const LayerSet& beside = {}) {
    if (!(change(plan) == plan)) out.push_back({name, {layer}, beside, "", std::move(change)});
  };
  add("hostname", "uts_namespace", [](Plan changed) {
    changed.hostname.clear();
    return changed;
  });
  add("umask", "own_user", [](Plan changed) {
    changed.umask = 0;
    return changed;
  });
}

}  // namespace

std::vector<Mutant> mutants_of(const Plan& plan, const CallGroups& groups, const Surroundings& host) {
  std::vector<Mutant> out;
  add_layers(plan, host, out);
  add_calls(plan, groups, out);
  add_arguments(plan, out);
  add_mounts(plan, out);
  add_settings(plan, out);
  add_command(plan, out);
  add_landlock(plan, out);
  add_limits(plan, out);
  add_others(plan, out);
  return out;
}

bool is_harmful(const Act& act, const CallGroups& groups) {
  if (act.resource && !std::all_of(act.layers.begin(), act.layers.end(), [](const std::string& layer) { return is_one_of(layer, kBounded); })) return true;
  return act.native && std::any_of(std::begin(kHarmful), std::end(kHarmful), [&](const char* name) {
           const auto group = groups.find(name);
           return group != groups.end() && is_one_of(act.native->call, group->second);
         });
}

const std::vector<Immutable>& immutables() {
  static const std::vector<Immutable> kImmutables = {
      {"nosuid and nodev of every mount", "posture/mount of each; acts host/mount-flags"},
      {"no capability, bounding set empty, no_new_privs", "posture/identity"},
      {"ENOSYS for numbers that nobody knows, another architecture killed", "tests/unit/launcher/enforce/filter_test.cc; kernel/i386, kernel/x32"},
      {"no open file and no variable of the launcher", "group leaks"},
  };
  return kImmutables;
}

}  // namespace harness
