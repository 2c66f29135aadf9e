#include "launcher/harness/layers.h"

#include <sched.h>

#include <algorithm>

#include "launcher/harness/named.h"
#include "launcher/plan/inside.h"
#include "launcher/plan/render_prelude.h"
#include "profiles/base/text.h"
#include "profiles/kernel/syscall_names.h"

namespace harness {
namespace {

using launcher::ExecGate;
using launcher::FilterRule;
using launcher::MountOp;
using launcher::Plan;

constexpr int kLandlockBeforeScopes = 5;
constexpr const char* kStarts[] = {"execve", "execveat"};

// What PHP itself refuses, as a pool says it.
constexpr const char* kPhpRefusals[] = {"php_admin_value[disable_functions]", "php_admin_value[open_basedir]",
                                        "php_admin_value[allow_url_include]"};

bool is_start(const std::string& call) { return std::find(std::begin(kStarts), std::end(kStarts), call) != std::end(kStarts); }

bool is_below(const std::string& path, const std::string& folder) { return folder == "/" || path.starts_with(folder + "/"); }

// Every folder of the host becomes visible under its own path, but where the box has something of its own; a folder in which
// the box has something is shown entry by entry.
class HostTree {
 public:
  HostTree(const std::vector<MountOp>& own, const Surroundings& host) : own_(own), host_(host) {}

  void show(const std::string& folder) {
    for (const HostEntry& entry : host_.entries(folder)) show(entry, (folder == "/" ? "" : folder) + "/" + entry.name);
  }
  std::vector<MountOp> take() { return std::move(out_); }

 private:
  // An empty folder of the box's own is none of these: the host's takes its place.
  bool has_own(const std::string& path) const {
    return std::any_of(own_.begin(), own_.end(), [&](const MountOp& op) { return op.target == path && op.kind != MountOp::Kind::directory; });
  }
  bool has_own_below(const std::string& path) const {
    return std::any_of(own_.begin(), own_.end(), [&](const MountOp& op) { return is_below(op.target, path); });
  }

  void show(const HostEntry& entry, const std::string& path) {
    if (has_own(path) || entry.kind == HostEntry::Kind::other) return;
    if (entry.kind == HostEntry::Kind::folder && has_own_below(path)) return show(path);
    const bool is_link = entry.kind == HostEntry::Kind::link;
    out_.push_back({.kind = is_link ? MountOp::Kind::symlink : MountOp::Kind::bind, .target = path, .source = is_link ? entry.target : path,
                    .is_directory = entry.kind == HostEntry::Kind::folder, .no_exec = false, .key = "test"});
  }

  const std::vector<MountOp>& own_;
  const Surroundings& host_;
  std::vector<MountOp> out_;
};

Plan without_view(Plan plan, const Surroundings& host) {
  HostTree tree(plan.mounts, host);
  tree.show("/");
  std::vector<MountOp> shown = tree.take();
  // ahead of the box's own rows, which lie in them
  plan.mounts.insert(plan.mounts.begin(), std::make_move_iterator(shown.begin()), std::make_move_iterator(shown.end()));
  return plan;
}

Plan without_read_only(Plan plan, const Surroundings&) {
  for (MountOp& op : plan.mounts)
    if (op.kind == MountOp::Kind::bind) op.read_only = false;
  return plan;
}

Plan without_noexec(Plan plan, const Surroundings&) {
  for (MountOp& op : plan.mounts)
    if (op.kind == MountOp::Kind::bind || op.kind == MountOp::Kind::tmpfs) op.no_exec = false;
  return plan;
}

Plan without_landlock(Plan plan, const Surroundings&) {
  plan.landlock = {};
  return plan;
}

Plan without_landlock_scopes(Plan plan, const Surroundings&) {
  plan.landlock.abi = std::min(plan.landlock.abi, kLandlockBeforeScopes);
  return plan;
}

// All calls but those that start programs, which are the gate's.
Plan without_seccomp(Plan plan, const Surroundings&) {
  std::erase_if(plan.filter.rules, [](const FilterRule& rule) { return !is_start(rule.name); });
  for (const std::string& name : profiles::native_syscall_names())
    if (const auto number = profiles::syscall_number(name); number && !is_start(name)) plan.filter.rules.push_back({name, *number, FilterRule::Action::allow, {}});
  std::sort(plan.filter.rules.begin(), plan.filter.rules.end(), [](const FilterRule& a, const FilterRule& b) { return a.number < b.number; });
  plan.filter.report = false;
  return plan;
}

Plan without_exec_gate(Plan plan, const Surroundings&) {
  std::erase_if(plan.filter.rules, [](const FilterRule& rule) { return is_start(rule.name); });
  for (const char* name : kStarts)
    if (const auto number = profiles::syscall_number(name)) plan.filter.rules.push_back({name, *number, FilterRule::Action::allow, {}});
  plan.filter.exec_gate = ExecGate::none;
  return plan;
}

template <std::uint64_t bit>
Plan without_namespace(Plan plan, const Surroundings&) {
  plan.namespaces &= ~bit;
  return plan;
}

Plan without_own_user(Plan plan, const Surroundings& host) {
  if (host.neighbour_uid == 0 || host.neighbour_gid == 0 || plan.user_namespace) return plan;
  plan.uid = host.neighbour_uid;
  plan.gid = host.neighbour_gid;
  return plan;
}

Plan without_unreadable_program(Plan plan, const Surroundings&) {
  plan.program.is_readable = true;
  return plan;
}

MountOp* file_named(Plan& plan, const std::string& name) {
  for (MountOp& op : plan.mounts)
    if (op.kind == MountOp::Kind::file && op.target.ends_with("/" + name)) return &op;
  return nullptr;
}

Plan without_guard(Plan plan, const Surroundings&) {
  const std::string condition = launcher::kGuardCondition;
  MountOp* const prelude = file_named(plan, launcher::kPreludeFile);
  if (prelude == nullptr) return plan;
  if (const auto at = prelude->content.find(condition); at != std::string::npos) prelude->content.replace(at, condition.size(), "false");
  return plan;
}

Plan without_php(Plan plan, const Surroundings&) {
  MountOp* const pool = file_named(plan, "php-fpm.conf");
  if (pool == nullptr) return plan;
  std::string kept;
  for (const std::string& line : base::split(pool->content, '\n')) {
    const bool refuses = std::any_of(std::begin(kPhpRefusals), std::end(kPhpRefusals), [&](const char* key) { return line.starts_with(key); });
    if (!refuses) kept += line + "\n";
  }
  kept.pop_back();  // split() gives what is behind the last newline, too
  pool->content = kept;
  return plan;
}

Plan without_mdwe(Plan plan, const Surroundings&) {
  plan.memory.mdwe = false;
  return plan;
}

Plan without_cgroup(Plan plan, const Surroundings&) {
  plan.cgroups.clear();  // it stays in its groups, so that it can be ended
  return plan;
}

Plan without_rlimits(Plan plan, const Surroundings&) {
  plan.rlimits.clear();
  return plan;
}

// tmpfs takes 0 for no limit.
Plan without_tmp_limits(Plan plan, const Surroundings&) {
  for (MountOp& op : plan.mounts)
    if (op.kind == MountOp::Kind::tmpfs) op.size = op.inodes = 0;
  return plan;
}

constexpr const char* kNotSafely = "a box without it could change this machine";
constexpr const char* kInCode = "it is no row of the plan, but what the launcher always does";

}  // namespace

const std::vector<Layer>& layers() {
  static const std::vector<Layer> kLayers = {
      {"view", "its own file tree: what the profile does not show does not exist", without_view, nullptr},
      {"read_only", "code and system are mounted read-only", without_read_only, nullptr},
      {"noexec", "nothing that it can write may be executed", without_noexec, nullptr},
      {"landlock", "rules on files, TCP, signals and abstract sockets beside the mounts", without_landlock, nullptr},
      {"landlock_scopes", "of them: signals and abstract sockets", without_landlock_scopes, nullptr},
      {"seccomp", "a filter on system calls", without_seccomp, nullptr},
      {"exec_gate", "one program is started, once", without_exec_gate, nullptr},
      {"pid_namespace", "its own process numbers", without_namespace<CLONE_NEWPID>, nullptr},
      {"network_namespace", "its own network, in which there is nothing", without_namespace<CLONE_NEWNET>, nullptr},
      {"ipc_namespace", "its own shared memory and queues", without_namespace<CLONE_NEWIPC>, nullptr},
      {"uts_namespace", "its own host name", without_namespace<CLONE_NEWUTS>, nullptr},
      {"cgroup_namespace", "it does not see where its control groups are", without_namespace<CLONE_NEWCGROUP>, nullptr},
      {"own_user", "a Unix user that no other pool has", without_own_user, nullptr},
      {"unreadable_program", "php-fpm cannot be read, so that none of its processes can be traced or dumped", without_unreadable_program, nullptr},
      {"guard", "only front controllers are started", without_guard, nullptr},
      {"php", "functions and addresses that PHP itself refuses", without_php, nullptr},
      {"mdwe", "memory that was written is never executed: the kernel's own promise, where a profile asks for it", without_mdwe, nullptr},
      {"cgroup", "limits on memory, processes and processor", without_cgroup, nullptr},
      {"rlimits", "limits on files and core dumps", without_rlimits, nullptr},
      {"tmp_limits", "size of /tmp", without_tmp_limits, nullptr},
      {"capabilities", "no process of it has any", nullptr, kNotSafely},
      {"no_new_privs", "no program gives it more", nullptr, "Landlock and seccomp ask for it"},
      {"own_master", "php-fpm's master is the pool's user, too", nullptr, "a master of root is another architecture: the control `stock` is one"},
      {"nosuid", "bits and devices of its mounts mean nothing", nullptr, kInCode},
      {"environment", "it gets no variable of the launcher", nullptr, kInCode},
      {"closed_files", "it gets no open file of the launcher", nullptr, kInCode},
      {"no_socket", "the socket that it serves lies outside", nullptr, kInCode},
  };
  return kLayers;
}

std::vector<std::string> layer_names() { return names_of(layers()); }
const Layer* find_layer(const std::string& name) { return find_named(layers(), name); }

base::Result<Plan> without(const Layer& layer, const Plan& plan, const Surroundings& host) {
  if (layer.without == nullptr) return base::Error{std::string("the layer ") + layer.name + " cannot be taken away: " + layer.fixed, {}, 0, {}};
  Plan weaker = layer.without(plan, host);
  if (weaker == plan) return base::Error{std::string("this box has no layer ") + layer.name, {}, 0, {}};
  return weaker;
}

}  // namespace harness
