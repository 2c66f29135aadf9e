#include "launcher/harness/entrypoint_arena.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "launcher/harness/box_targets.h"
#include "launcher/harness/known_gaps.h"
#include "launcher/harness/own_program.h"
#include "launcher/harness/stand_in.h"
#include "launcher/harness/told_plan.h"
#include "launcher/plan/inside.h"
#include "launcher/sys/file.h"
#include "profiles/base/text.h"
#include "profiles/load/compose.h"

namespace harness {
namespace {

using base::Result;
using base::Status;
using Words = std::vector<std::string>;

constexpr const char* kPoolFile = "/etc/fpmbox/pool.yaml";
constexpr const char* kProgram = "/fpmbox";
constexpr const char* kSockets = "/run/fpmbox";
constexpr const char* kOfProbes = "probes";  // in the place of kSockets: nothing that a pool holds there
constexpr const char* kServers = "servers";
constexpr const char* kActs = "fpmbox-acts";
constexpr const char* kScript = "act.php";
constexpr std::size_t kLongestLog = 64 * 1024;
constexpr int kPatienceOfLogMs = 30000, kPauseMs = 10;
constexpr std::string_view kBegun = "NOTICE: ready to handle connections";  // php-fpm's: behind all that the launcher has to say

struct Page {
  const char* name;
  const char* text;
};
constexpr Page kPages[] = {{"index.php", "<?php echo 'hello';\n"}, {"other.php", "<?php echo 'other';\n"}};

std::string script_of_acts() { return std::string(kActs) + "/" + kScript; }

bool is_below(const std::string& path, const std::string& folder) { return path == folder || path.starts_with(folder + "/"); }

// What the policy shows of the system beside what every container here has.
Words more_of_system(const profiles::Policy& policy) {
  Words out;
  for (const auto& [path, optional, why] : policy.filesystem.system) {
    const auto& given = system_settings();
    const bool is_there = is_below(path.text, "/usr") || path.text.starts_with("/lib") || std::find(given.begin(), given.end(), path.text) != given.end();
    if (!is_there && ::access(path.text.c_str(), F_OK) == 0) out.push_back(path.text);
  }
  return out;
}

std::string parent_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

// Of connect: and mail:, which a filter depends on.
Words servers_of(const profiles::Policy& policy) {
  Words out;
  for (const auto& connection : policy.connect) out.push_back(connection.unix_path.text);
  out.push_back(policy.mail.unix_path.text);
  std::erase(out, "");
  return out;
}

// A socket that nobody listens at: what is tried must not reach the site's own server.
Status make_decoy(int folder, const std::string& path) {
  const std::string at = path.substr(1);
  const sys::Fd parent = TRY(sys::make_directories(folder, parent_of(at), 0755));
  const std::string name = at.substr(at.rfind('/') + 1);
  if (::mknodat(parent.get(), name.c_str(), S_IFSOCK | 0666, 0) == 0 || errno == EEXIST) return base::success();
  return sys::failure("mknod", path);
}

// No container can take another address without CAP_NET_ADMIN.
Words with_server(Words command, const std::string& to) {
  if (const auto address = server_address(to); address && address->is_loopback()) command.insert(command.end(), {"--listen", to});
  return command;
}

// An engine hands on what a container says in its own time, which may be after the pool has answered.
Result<std::string> log_in(const std::string& folder) {
  constexpr timespec kPause = {0, kPauseMs * 1'000'000};
  for (int waited = 0; waited < kPatienceOfLogMs; waited += kPauseMs) {
    std::string log = TRY(sys::read_file(folder + "/log", kLongestLog));
    if (log.find(kBegun) != log.npos) return log;
    ::nanosleep(&kPause, nullptr);
  }
  return base::Error{"the engine does not hand on what fpmbox says in its container, so its gaps are not known", {}, 0, {}};
}

}  // namespace

std::string code_source(const launcher::Plan& plan) {
  for (const launcher::MountOp& op : plan.mounts)
    if (op.key == "filesystem.code" && op.kind == launcher::MountOp::Kind::bind) return op.source;
  return {};
}

profiles::Policy policy_inside(profiles::Policy policy, const std::string& code) {
  policy.filesystem.code.text = code;
  policy.filesystem.data.text.clear();
  policy.filesystem.root = "system";
  policy.filesystem.owned_by_pool.clear();
  policy.listen.unix_path.text.clear();
  policy.listen.tcp.clear();
  if (!policy.web.front_controllers.empty()) policy.web.front_controllers.push_back(script_of_acts());
  return policy;
}

Words options_for(const profiles::Policy& policy, profiles::Dialect dialect) {
  constexpr auto kEngine = profiles::Engine::docker;
  Words out;
  for (const profiles::EngineLine& option : options_of(kEngine, engine_values(policy, {.dialect = dialect}, kEngine)))
    for (const std::string& line : base::split(option.text, '\n'))
      for (std::string& word : line.starts_with("--volume ") ? Words() : base::split(line, ' ')) out.push_back(std::move(word));
  return out;
}

EntrypointArena::EntrypointArena(SideInput input, Wishes wishes)
    : EngineArena(input), wishes_(wishes), policy_(policy_inside(*input.policy, targets_.at("code"))), copies_(std::move(input.copies)), act_folder_(std::move(input.act_folder)) {
  // an engine's limit has room for those beside the pool
  if (policy_.limits.pids_max) targets_["pid_limit"] = std::to_string(*policy_.limits.pids_max + profiles::kProcessesBeside);
  if (input.has_site) site_ = code_source(*input.plan);
  if (!policy_.listen.group.empty()) groups_[policy_.listen.group] = input.plan->live.group;
}

std::string EntrypointArena::act_script() const { return targets_.at("code") + "/" + script_of_acts(); }
std::string EntrypointArena::seen_inside(const std::string&) const { return std::string(kSockets) + "/" + policy_.name + "/live.sock"; }

Status EntrypointArena::lay_out() {
  TRY(engine_.prepare(pool_, groups_));
  const sys::Fd folder = TRY(sys::open(pool_.folder, O_RDONLY | O_DIRECTORY));
  TRY(sys::write_file_at(folder.get(), "pool.yaml", profiles::write(policy_), 0644));
  for (const char* name : {"site", kOfProbes, kServers}) TRY(sys::make_directory_at(folder.get(), name, 0755));
  const sys::Fd site = TRY(sys::open_at(folder.get(), "site", O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  for (const Page& page : kPages) TRY(sys::write_file_at(site.get(), page.name, page.text, 0644));
  const sys::Fd servers = TRY(sys::open_at(folder.get(), kServers, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  for (const std::string& path : servers_of(policy_)) TRY(make_decoy(servers.get(), path));
  return base::success();
}

Binds EntrypointArena::binds(const std::string& program, const std::string& sockets) const {
  const std::string code = targets_.at("code");
  Binds out{more_of_system(policy_), {targets_.at("scratch")}, {{program, kProgram}, {pool_.folder + "/pool.yaml", kPoolFile}}};
  if (site_.empty())
    out.placed.insert(out.placed.end(), {{pool_.folder + "/site", code, false}, {act_folder_, code + "/" + kActs}});
  else
    out.placed.push_back({site_, code});
  out.placed.push_back({sockets, kSockets, false, seals()});
  std::set<std::string> folders;
  for (const std::string& path : servers_of(policy_)) folders.insert(parent_of(path));
  for (const std::string& path : folders) out.placed.push_back({pool_.folder + "/" + kServers + path, path});
  for (const auto& [target, copy] : copies_) out.placed.push_back({copy, target, false, seals()});
  return out;
}

bool EntrypointArena::is_podman() const { return std::string_view(engine_.name()) == "podman"; }
bool EntrypointArena::seals() const { return wishes_ == Wishes::all && is_podman(); }  // docker has no such volumes

Asked EntrypointArena::asked() const {
  Asked out{{}, wishes_ == Wishes::all};
  if (wishes_ == Wishes::all) out.options = options_for(policy_, is_podman() ? profiles::Dialect::podman : profiles::Dialect::docker);
  out.options.insert(out.options.end(), {"--env", targets_.at("secret_name") + "=" + targets_.at("secret_value")});
  return out;
}

bool EntrypointArena::is_enclosed() const { return std::any_of(gaps_.begin(), gaps_.end(), [](const SaidGap& one) { return one.gap == "namespaces"; }); }

// What differs between tiers, which the launcher tells by its gaps.
void EntrypointArena::meet(const std::string& log) {
  gaps_ = gaps_said(log);
  targets_["sessions"] = sessions_of(policy_.name, is_enclosed());
}

Result<std::string> EntrypointArena::start() {
  TRY(prepare());
  const std::string program = TRY(own_program(pool_.folder));
  const std::string container = name_next();
  FpmFolder folder = TRY(make_fpm_folder(pool_, std::to_string(number()), false));
  folder.socket = folder.path + "/run/" + policy_.name + "/live.sock";
  const Binds seen = binds(program, folder.path + "/run");
  process_ = TRY(start_fpm(folder, {}, "fpmbox in a container of " + std::string(engine_.name()), [&] { return run(container, seen, {kProgram, "run", kPoolFile}, asked()); }));
  const std::string log = TRY(log_in(folder.path));
  meet(log);
  return folder.socket;
}

Result<Words> EntrypointArena::ask_of(const Words& lines, int timeout_ms, const Words& command) {
  TRY(prepare());
  const std::string program = TRY(own_program(pool_.folder));
  return ask_in_container(lines, timeout_ms, binds(program, pool_.folder + "/" + kOfProbes), command, asked());
}

Result<Words> EntrypointArena::probe(const Words& lines, int timeout_ms) { return ask_of(lines, timeout_ms, {kProgram, "probe", kPoolFile}); }
Result<Words> EntrypointArena::probe_beside(const std::string& server, const Words& lines, int timeout_ms) {
  return ask_of(lines, timeout_ms, with_server({kProgram, "probe", kPoolFile}, server));
}
Result<Words> EntrypointArena::probe_outside(const std::string& server, const Words& lines, int timeout_ms) {
  return ask_of(lines, timeout_ms, with_server({kProgram, "probe"}, server));
}

Result<launcher::Plan> EntrypointArena::told_plan() {
  return ask_for_plan(
      [&](const Words& lines, int timeout_ms, Words command) {
        command.insert(command.begin(), kProgram);
        return ask_of(lines, timeout_ms, command);
      },
      kPoolFile);
}

// The box sets its own limits, and in tier A it has a network of its own: a machine that refuses an engine's narrows nothing of ours.
std::vector<Shortfall> EntrypointArena::shortfalls() const {
  std::vector<Shortfall> out = EngineArena::shortfalls();
  for (Shortfall& one : out)
    std::erase_if(one.layers, [&](const std::string& layer) { return layer == "rlimits" || (layer == "network_namespace" && !is_enclosed()); });
  out.insert(out.begin(), {std::string("in tier ") + (is_enclosed() ? "B" : "A"), {}});
  return out;
}

}  // namespace harness
