// What the engine around us should have given, one row each: whether it did, and which wall of ours holds where it did not.
#include <sys/resource.h>

#include <algorithm>

#include "launcher/engine/options.h"
#include "launcher/facts/mount_text.h"
#include "launcher/plan/container_gaps.h"
#include "launcher/plan/facets.h"
#include "launcher/plan/inside.h"
#include "launcher/plan/tier.h"
#include "profiles/base/text.h"
#include "profiles/base/units.h"

namespace launcher {
namespace {

struct View {
  const PlanInput& input;
  const ContainerFacts& container;
  const Plan& plan;
};

// ---- what was found

std::vector<std::string> writable_paths(const View& view) {
  std::vector<std::string> out = {inside::kTmp, sessions_directory(view.input)};
  for (const LandlockRule& rule : view.plan.landlock.rules)
    if (rule.access == LandlockRule::Access::write && std::find(out.begin(), out.end(), rule.path) == out.end()) out.push_back(rule.path);
  return out;
}

bool is_below(const std::string& path, const std::string& folder) { return path.starts_with(folder + "/"); }

bool is_read_only(const View& view, const std::string& path) {
  const MountFact* mount = mount_of(view.container.mounts, path);
  return mount != nullptr && mount->read_only;
}

bool is_sealed(const View& view, const std::string& path) {
  const MountFact* mount = mount_of(view.container.mounts, path);
  return mount != nullptr && mount->no_exec && mount->no_suid && mount->no_dev;
}

// Volumes that an image declares, and whatever else is mounted over parts of a folder.
std::vector<std::string> writable_mounts_below(const View& view, const std::string& folder) {
  std::vector<std::string> out;
  for (const MountFact& mount : view.container.mounts)
    if (is_below(mount.point, folder) && mount_of(view.container.mounts, mount.point) == &mount && !mount.read_only) out.push_back(mount.point);
  return out;
}

bool is_named_writable(const View& view, const std::string& path) {
  const auto named = writable_paths(view);
  return std::any_of(named.begin(), named.end(), [&](const std::string& one) { return path == one || is_below(path, one); });
}

bool is_limited_by_group(const View& view, const std::string& controller) {
  const auto& rows = view.plan.cgroups;
  return std::any_of(rows.begin(), rows.end(), [&](const CgroupWrite& row) { return row.controller == controller; });
}

// ---- what lacks, in words; "" when nothing does

std::string no_namespaces(const View& view) {
  return "this container allows no box inside: " + view.container.namespaces_obstacle;
}

std::string writable_root(const View& view) { return is_read_only(view, "/") ? "" : "the container's root file system can be written"; }

std::string writable_code(const View& view) {
  const std::string code = code_paths(view.input.policy, view.input.facts).resolved;
  if (!is_read_only(view, code)) return code + " is not mounted read-only";
  std::vector<std::string> open = writable_mounts_below(view, code);
  std::erase_if(open, [&](const std::string& path) { return is_named_writable(view, path); });
  return open.empty() ? "" : base::join(open, ", ") + ": below the code, not mounted read-only";
}

std::string executable_folders(const View& view) {
  std::vector<std::string> open;
  const auto add = [&](const std::string& path) {
    if (!is_sealed(view, path) && std::find(open.begin(), open.end(), path) == open.end()) open.push_back(path);
  };
  for (const std::string& path : writable_paths(view)) {
    add(path);
    for (const std::string& below : writable_mounts_below(view, path)) add(below);
  }
  return open.empty() ? "" : base::join(open, ", ") + ": not mounted noexec, nosuid and nodev";
}

bool is_tmpfs_of_its_own(const MountFact* mount) { return mount != nullptr && mount->point == inside::kTmp && mount->type == "tmpfs" && mount->size; }

// The kernel counts in pages, of 64 KiB at most.
std::string boundless_tmp(const View& view) {
  constexpr std::uint64_t kLargestPage = 64 << 10;
  const MountFact* mount = mount_of(view.container.mounts, inside::kTmp);
  if (!is_tmpfs_of_its_own(mount)) return "/tmp is no tmpfs with a size of its own";
  const base::Bytes wanted = view.input.policy.filesystem.tmp.size;
  if (*mount->size < wanted.count + kLargestPage) return {};
  return "/tmp may hold " + base::format(base::Bytes{*mount->size}) + ", not " + base::format(wanted);
}

// Of a /tmp whose size is known; any other is a gap as a whole.
std::string countless_tmp(const View& view) {
  const MountFact* mount = mount_of(view.container.mounts, inside::kTmp);
  const std::uint64_t wanted = view.input.policy.filesystem.tmp.inodes;
  if (!is_tmpfs_of_its_own(mount) || (mount->inodes && *mount->inodes <= wanted)) return {};
  return "/tmp may have " + (mount->inodes ? std::to_string(*mount->inodes) + " files" : "any number of files") + ", not " + std::to_string(wanted);
}

std::string memory_limit(const View& view) {
  const auto wanted = view.input.policy.limits.memory_max;
  if (!wanted || is_limited_by_group(view, "memory")) return {};
  if (!view.container.memory_limit) return "the container has no limit of memory";
  if (*view.container.memory_limit <= wanted->count) return {};
  return "the container may use " + base::format(base::Bytes{*view.container.memory_limit}) + " of memory, not " + base::format(*wanted);
}

std::string pids_limit(const View& view) {
  const auto wanted = view.input.policy.limits.pids_max;
  if (!wanted || is_limited_by_group(view, "pids")) return {};
  if (!view.container.pids_limit) return "the container has no limit of processes";
  if (*view.container.pids_limit <= *wanted + profiles::kProcessesBeside) return {};
  return "the container may have " + std::to_string(*view.container.pids_limit) + " processes, not " + std::to_string(*wanted);
}

std::string cpu_limit(const View& view) {
  const auto wanted = view.input.policy.limits.cpu_max;
  if (!wanted || is_limited_by_group(view, "cpu")) return {};
  const bool is_small = view.container.processors != 0 && view.container.processors * 100 <= wanted->value;
  if (is_small || (view.container.cpu_percent && *view.container.cpu_percent <= wanted->value)) return {};
  return view.container.cpu_percent ? "the container may use " + std::to_string(*view.container.cpu_percent) + "% of a processor"
                                    : "the container may use all " + std::to_string(view.container.processors) + " processors";
}

// Whoever connects to the live socket owns the pool: FastCGI's parameters override php_admin_value and auto_prepend_file, and
// FPM keeps them for later requests. Nothing of ours stands in for the guard that is gone then.
std::string own_socket(const View& view) {
  const bool is_own = view.plan.keeps_ids && view.plan.live.exists() && view.plan.live.tcp.empty();
  const auto& rules = view.plan.filter.rules;
  const bool connects = std::any_of(rules.begin(), rules.end(), [](const FilterRule& rule) { return rule.name == "connect"; });
  if (!is_own || !connects) return {};
  return "the pool owns its Unix socket and may connect, as connect: asks for: what runs in it can send itself requests with PHP settings of its own";
}

// No filter sees whom connect(2) calls, and Landlock knows paths of sockets on no kernel that this version asks.
std::string other_servers(const View& view) {
  if (!connects_out(view.input.policy)) return {};
  return "connect: or mail: names servers, and by the same call the pool reaches every Unix socket in this container that its user may write to";
}

std::string no_group_for_socket(const View& view) {
  const bool is_lost = view.plan.live.exists() && view.plan.live.tcp.empty() && !view.input.policy.listen.group.empty() && !group_of_listener(view.input);
  if (!is_lost) return {};
  return "the launcher is not in group " + view.input.policy.listen.group + ", which the web server should connect as";
}

std::string own_launcher(const View& view) {
  if (view.input.facts.container->uid == 0 && !view.plan.becomes_pool) return {};
  return "launcher and pool are one user";
}

// chmod and utimensat have no right of Landlock's.
std::string own_files(const View& view) {
  if (view.container.uid == 0) return {};
  return "the launcher's logs and what it wrote for PHP are the pool's own files: it may change their modes and times";
}

std::string other_groups(const View& view) {
  if (view.container.uid == 0 || view.container.groups.empty()) return {};
  return "the box keeps the " + std::to_string(view.container.groups.size()) + " other groups that the engine gave";
}

std::string group_of_root(const View& view) {
  if (view.plan.gid != 0) return {};
  return "the pool's group is 0, as the engine started it: it reads what group root may read";
}

std::string no_processes(const View& view) {
  if (view.plan.enclosed || view.container.proc_obstacle.empty()) return {};
  return "no process information of the box's own can be mounted: " + view.container.proc_obstacle;
}

std::string program_folders(const View& view) { return view.input.policy.programs.empty() ? "" : executable_folders(view); }

// ---- what stands in

bool always(const View&) { return true; }
bool landlock(const View& view) { return view.plan.landlock.abi > 0; }
bool landlock_scopes(const View& view) { return view.plan.landlock.abi >= 6; }
bool has_whole_processors(const View& view) { return view.input.policy.limits.cpu_max->value >= 100; }
bool is_apart(const View& view) { return !view.plan.enclosed || landlock_scopes(view); }
bool no(const View&) { return false; }

void limit(Plan& plan, const char* name, int resource, std::uint64_t value) { plan.rlimits.push_back({name, resource, value}); }

void limit_memory(const View& view, Plan& plan) { limit(plan, "data", RLIMIT_DATA, view.input.policy.limits.memory_max->count); }
void limit_files(const View& view, Plan& plan) { limit(plan, "fsize", RLIMIT_FSIZE, view.input.policy.filesystem.tmp.size.count); }
void limit_processes(const View& view, Plan& plan) { limit(plan, "nproc", RLIMIT_NPROC, *view.input.policy.limits.pids_max); }
void limit_processors(const View& view, Plan& plan) { plan.processors = view.input.policy.limits.cpu_max->value / 100; }

enum class Where { everywhere, enclosed };

struct Protection {
  const char* layer;
  Where where;
  std::string (*lack)(const View&);
  bool (*stands)(const View&);
  const char* stands_in;
  void (*act)(const View&, Plan&);  // what makes it stand in
  const char* option = "";          // the engine's row that closes the gap (profiles/export/protections.cc)
  const char* fix = "";             // where no row does, in words
};

// clang-format off
constexpr Protection kProtections[] = {
    {"namespaces", Where::enclosed, no_namespaces, landlock, "Landlock is the view of files, the filter refuses sockets of a network, no process is dumpable", nullptr, "", "an engine that allows user namespaces and mounts, as podman does, gives the whole box inside"},
    {"root", Where::enclosed, writable_root, landlock, "Landlock: the box writes nowhere but in the paths that the profile names", nullptr, "root"},
    {"code", Where::enclosed, writable_code, landlock, "Landlock: the box cannot write it", nullptr, "root"},
    {"writable", Where::enclosed, executable_folders, always, "the filter refuses execve and execveat, no_new_privs makes setuid bits idle; only code that runs natively already could map a file from there", nullptr, "writable"},
    {"programs.noexec", Where::enclosed, program_folders, no, "", nullptr, "tmp"},
    {"tmp", Where::enclosed, boundless_tmp, always, "no file can be larger than filesystem.tmp.size (RLIMIT_FSIZE); many together can", limit_files, "tmp"},
    {"tmp.inodes", Where::enclosed, countless_tmp, always, "the kernel gives a tmpfs one file for two pages of memory, and counts what they take to the container", nullptr, "tmp"},
    {"connect", Where::enclosed, other_servers, always, "the modes of these sockets", nullptr, "", "mount no folder with another's socket into this container"},
    {"listen.own", Where::enclosed, own_socket, no, "", nullptr, "", "set FPMBOX_LISTEN=0.0.0.0:9000: Landlock and the filter keep the box from TCP; or start the container as root"},
    {"listen.group", Where::everywhere, no_group_for_socket, always, "nobody but the pool's user and its group, and root, can connect", nullptr, "", "--group-add with that group's number, or FPMBOX_LISTEN=0.0.0.0:9000"},
    {"launcher.identity", Where::everywhere, own_launcher, is_apart, "the box cannot signal or trace it (a pid namespace, or Landlock's scope), and it has no capability", nullptr},
    {"launcher.files", Where::enclosed, own_files, landlock, "Landlock: it writes none of them; where it takes a mode away, requests end, for PHP runs none without its prelude", nullptr},
    {"identity.groups", Where::everywhere, other_groups, landlock, "the box's view of files: it sees few that a group could read", nullptr},
    {"identity.group", Where::everywhere, group_of_root, landlock, "the box's view of files: it sees few that the group could read", nullptr},
    {"proc", Where::everywhere, no_processes, always, "the box has no /proc at all", nullptr, "", "podman run --security-opt unmask=ALL, where something needs /proc"},
    {"limits.memory.max", Where::everywhere, memory_limit, always, "each process alone is held to it (RLIMIT_DATA), their sum is not", limit_memory, "limits.memory.max"},
    {"limits.pids.max", Where::everywhere, pids_limit, always, "all processes of the pool's user number are held to it (RLIMIT_NPROC)", limit_processes, "limits.pids.max"},
    {"limits.cpu.max", Where::everywhere, cpu_limit, has_whole_processors, "launcher and box run on so many whole processors alone", limit_processors, "limits.cpu.max"},
};
// clang-format on

// Of other parts of the plan (plan_landlock.cc, plan_syscalls.cc, plan_memory.cc, plan_network.cc, planner.cc).
constexpr const char* kOthers[] = {"landlock", "landlock.refer", "landlock.truncate", "landlock.network", "landlock.scopes", "exec", "exec.programs",
                                   "syscalls.report", "network", "mail", "code.owner", "programs.dumpable", "root.built"};

// Docker has no noexec for volumes; tmpfs has it everywhere.
bool can_seal(const View& view) {
  if (view.container.engine == "podman") return true;
  return !is_sealed(view, inside::kTmp) || !is_sealed(view, sessions_directory(view.input));
}

// podman has no word for it.
bool can_count_files(const View& view) { return view.container.engine != "podman"; }

constexpr const char* kNoOption = "no option of this engine gives it";

std::string fix_for(const View& view, const EngineNeeds& needs, const Protection& row) {
  if (*row.fix != '\0') return row.fix;
  const std::string layer = row.layer;
  if (layer == "launcher.identity" || layer == "launcher.files") return view.plan.enclosed ? "start the container as root: the launcher becomes another user" : kNoOption;
  if (layer == "writable" && !can_seal(view)) return "Docker has no noexec for volumes";
  if (layer == "writable") return option_for(needs, "tmp") + " " + option_for(needs, "state") + " " + option_for(needs, layer);
  if (layer == "tmp.inodes" && !can_count_files(view)) return kNoOption;
  std::string option = option_for(needs, row.option);
  return option.empty() ? kNoOption : option;
}

void report(const View& view, const EngineNeeds& needs, const Protection& row, Plan& plan, Gaps& gaps) {
  const std::string lack = row.lack(view);
  if (lack.empty()) return;
  const std::string fix = fix_for(view, needs, row);
  if (row.stands(view)) {
    gaps.cover(row.layer, lack, row.stands_in, fix);
    if (row.act != nullptr) row.act(view, plan);
  } else {
    gaps.add(row.layer, lack, fix + "; or name it in FPMBOX_ALLOW_GAPS");
  }
}

// What nothing can stand in for, and no operator can wish away.
void demand_ground(const View& view, const EngineNeeds& needs, Gaps& gaps) {
  const auto& missing = view.container.missing_capabilities;
  if (!missing.empty())
    gaps.demand("identity", "started as root without " + base::join(missing, ", ") + ": the launcher cannot become the pool's user",
                option_for(needs, "capabilities") + ", or --user with the pool's number");
  for (const std::string& folder : view.container.closed_folders) {
    const bool is_state = folder == view.input.facts.state_directory;
    gaps.demand(is_state ? "state" : "socket", "nothing can be made in " + folder, option_for(needs, is_state ? "state" : "listen"));
  }
  if (view.container.nofile <= view.input.policy.limits.nofile)
    gaps.demand("limits.nofile", "the container's limit of open files is " + std::to_string(view.container.nofile) + ", which must be above limits.nofile",
                option_for(needs, "limits.nofile"));
}

// Single files cannot be volumes.
std::vector<std::string> writable_folders(const PlanInput& input) {
  const auto& filesystem = input.policy.filesystem;
  const std::string store = filesystem.data.text.empty() ? code_paths(input.policy, input.facts).resolved : filesystem.data.text;
  std::vector<std::string> out;
  for (const auto& writable : filesystem.writable) {
    const auto found = input.facts.paths.find(store + "/" + writable.path.text);
    if (found != input.facts.paths.end() && found->second.real_kind == PathFact::Kind::directory) out.push_back(writable.path.text);
  }
  return out;
}

EngineNeeds needs_here(const View& view) {
  const ContainerFacts& container = view.container;
  EngineNeeds out = needs_of(view.input.policy, {.uid = view.plan.uid,
                                                 .gid = view.plan.gid,
                                                 .start = container.uid == 0 ? profiles::Start::as_root : profiles::Start::as_user,
                                                 .dialect = container.engine == "podman" ? profiles::Dialect::podman : profiles::Dialect::docker,
                                                 .folders = writable_folders(view.input)});
  out.environment = container.wishes;
  return out;
}

// What nothing can do without is always the engine's to give.
bool is_for_engine(const View& view, const EngineNeeds& needs, const Gap& gap) {
  constexpr const char* kGround[] = {"identity", "state", "socket", "limits.nofile"};
  if (std::find(std::begin(kGround), std::end(kGround), gap.layer) != std::end(kGround)) return true;
  if (gap.layer == "writable") return can_seal(view);
  if (gap.layer == "tmp.inodes") return can_count_files(view);
  return std::any_of(std::begin(kProtections), std::end(kProtections),
                     [&](const Protection& row) { return gap.layer == row.layer && !option_for(needs, row.option).empty(); });
}

}  // namespace

std::vector<std::string> container_gap_names() {
  std::vector<std::string> out(std::begin(kOthers), std::end(kOthers));
  for (const Protection& row : kProtections) out.emplace_back(row.layer);
  return out;
}

bool is_container_gap(const std::string& name) {
  const auto names = container_gap_names();
  return std::find(names.begin(), names.end(), name) != names.end();
}

void plan_container(const PlanInput& input, Plan& plan, Gaps& gaps) {
  if (!input.facts.container) return;
  const Tier tier = tier_of(input.facts);
  plan.in_container = true;
  plan.becomes_pool = tier == Tier::nested && input.facts.container->uid == 0;
  if (tier == Tier::nested) plan.hostname.clear();  // filters of engines refuse sethostname(2), in a namespace of one's own too
  plan.keeps_ids = input.facts.container->uid != 0;
  close_ways_out(input, plan);
  const View view{input, *input.facts.container, plan};
  const EngineNeeds needs = needs_here(view);
  demand_ground(view, needs, gaps);
  for (const Protection& row : kProtections)
    if (row.where == Where::everywhere || plan.enclosed) report(view, needs, row, plan, gaps);
  const bool can_give_more = std::any_of(plan.gaps.begin(), plan.gaps.end(), [&](const Gap& gap) { return is_for_engine(view, needs, gap); });
  if (!can_give_more) return;
  plan.corrected_command = command_line(needs, "IMAGE");
}

}  // namespace launcher
