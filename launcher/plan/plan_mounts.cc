// What the box sees: a fresh tmpfs, filled with generated files and detached mounts, in the order of this file.
#include <algorithm>

#include "launcher/facts/image_paths.h"
#include "launcher/plan/facets.h"
#include "launcher/plan/inside.h"
#include "launcher/plan/plan_programs.h"
#include "launcher/plan/render_prelude.h"
#include "profiles/base/text.h"

namespace launcher {
namespace {

using profiles::Policy;

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

const PathFact& fact(const HostFacts& facts, const std::string& path) {
  static const PathFact kMissing;
  const auto found = facts.paths.find(path);
  return found == facts.paths.end() ? kMissing : found->second;
}

MountOp folder(std::string target) { return {.kind = MountOp::Kind::directory, .target = std::move(target)}; }

MountOp generated(std::string target, std::string content, std::string key) {
  return {.kind = MountOp::Kind::file, .target = std::move(target), .content = std::move(content), .is_directory = false,
          .mode = 0644, .key = std::move(key)};
}

MountOp link(std::string target, std::string to, std::string key) {
  return {.kind = MountOp::Kind::symlink, .target = std::move(target), .source = std::move(to), .is_directory = false,
          .key = std::move(key)};
}

MountOp bind(std::string target, std::string source, bool is_directory, std::string key) {
  return {.kind = MountOp::Kind::bind, .target = std::move(target), .source = std::move(source),
          .is_directory = is_directory, .key = std::move(key)};
}

// /var/run is a link in every box: see add_run().
std::string without_link(const std::string& path) { return path.starts_with("/var/run/") ? path.substr(std::string_view("/var").size()) : path; }

// A link of the host is a link inside; what it leads to is shown only if another row shows it.
void add_system_path(const profiles::SystemPath& wanted, const HostFacts& facts, std::vector<MountOp>& out) {
  const PathFact& path = fact(facts, facts.root + wanted.path.text);
  const std::string key = "filesystem.system[" + wanted.path.text + "]", target = without_link(wanted.path.text);
  switch (path.kind) {
    case PathFact::Kind::missing: return;  // check_host() has said so unless it is optional
    case PathFact::Kind::symlink: out.push_back(link(target, path.link, key)); return;
    case PathFact::Kind::directory:
    case PathFact::Kind::file:
    case PathFact::Kind::socket:
    case PathFact::Kind::other: break;
  }
  // The host's own /var/run is a link, which is not followed at the launch. In a built root a link may lead out of it: its /run is meant.
  const bool is_below_link = target != wanted.path.text && facts.root.empty() && !path.real.empty();
  MountOp op = bind(target, is_below_link ? path.real : facts.root + target, path.kind == PathFact::Kind::directory, key);
  op.no_exec = false;  // libraries are mapped executable
  out.push_back(std::move(op));
}

bool is_covered(const std::string& path, const std::vector<MountOp>& mounts) {
  return std::any_of(mounts.begin(), mounts.end(), [&](const MountOp& op) {
    return op.kind == MountOp::Kind::bind && (path == op.target || path.starts_with(op.target + "/"));
  });
}

void add_system(const PlanInput& input, std::vector<MountOp>& out) {
  for (const auto& path : input.policy.filesystem.system) add_system_path(path, input.facts, out);
  const std::string& extensions = input.facts.php.extension_dir;
  if (!extensions.empty() && !is_covered(extensions, out)) {
    MountOp op = bind(extensions, input.facts.root + extensions, true, "php.extensions");
    op.no_exec = false;
    out.push_back(std::move(op));
  }
}

std::string passwd(const Policy& policy, const UserFact& user, gid_t gid) {
  return "root:x:0:0::/:/usr/sbin/nologin\n" + policy.identity.user + ":x:" + std::to_string(user.uid) + ":" +
         std::to_string(gid) + "::/:/usr/sbin/nologin\n";
}

// Names are resolved as on the host only where the host's servers can be asked.
void add_name_service(const PlanInput& input, std::vector<MountOp>& out) {
  const bool asks = shares_network(input.policy);
  const std::string key = asks ? "network" : "connect";
  const auto text = [&](const std::string& path, const std::string& otherwise) {
    const auto found = input.facts.name_files.find(path);
    return found == input.facts.name_files.end() ? otherwise : found->second;
  };
  out.push_back(generated("/etc/hosts", text("/etc/hosts", "127.0.0.1 localhost\n::1 localhost\n"), key));
  out.push_back(generated("/etc/nsswitch.conf", std::string("passwd: files\ngroup: files\nhosts: files") + (asks ? " dns\n" : "\n"), key));
  out.push_back(generated("/etc/resolv.conf", text("/etc/resolv.conf", "# no name server: names that the profile connects to are in /etc/hosts\n"), key));
}

void add_etc(const PlanInput& input, std::vector<MountOp>& out) {
  const Policy& policy = input.policy;
  const auto user = input.facts.users.find(policy.identity.user);
  const UserFact nobody;
  const UserFact& fact_of_user = user == input.facts.users.end() ? nobody : user->second;
  const auto group = input.facts.groups.find(policy.identity.group);
  const gid_t gid = group == input.facts.groups.end() ? fact_of_user.gid : group->second;
  const std::string group_name = policy.identity.group.empty() ? policy.identity.user : policy.identity.group;
  out.push_back(generated("/etc/passwd", passwd(policy, fact_of_user, gid), "identity.user"));
  out.push_back(generated("/etc/group", "root:x:0:\n" + group_name + ":x:" + std::to_string(gid) + ":\n", "identity.group"));
  add_name_service(input, out);
}

void add_devices(const HostFacts& facts, std::vector<MountOp>& out) {
  if (!facts.ordinary_user) {
    out.push_back({.kind = MountOp::Kind::devices, .target = "/dev", .no_exec = true, .key = "base"});
    return;
  }
  for (const char* path : {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"})
    out.push_back({.kind = MountOp::Kind::device, .target = path, .source = path, .is_directory = false, .key = "base"});
}

void add_scratch(const PlanInput& input, std::vector<MountOp>& out) {
  const auto& tmp = input.policy.filesystem.tmp;
  out.push_back({.kind = MountOp::Kind::tmpfs, .target = inside::kTmp, .read_only = false, .size = tmp.size.count,
                 .inodes = tmp.inodes, .mode = 0700, .owned_by_pool = true, .key = "filesystem.tmp"});
  MountOp sessions = bind(inside::kSessions, state_directory(input) + "/sessions", true, "php");
  sessions.read_only = false;
  sessions.owned_by_pool = true;
  out.push_back(std::move(sessions));
}

void add_code(const PlanInput& input, std::vector<MountOp>& out) {
  const auto& filesystem = input.policy.filesystem;
  const CodePaths code = code_paths(input.policy, input.facts);
  out.push_back(bind(code.resolved, code.source, true, "filesystem.code"));
  // both spellings work: nginx passes the link's path or the version's own
  if (const std::string named = without_link(code.named); named != code.resolved) out.push_back(link(named, code.resolved, "filesystem.code"));
  const std::string store = filesystem.data.text.empty() ? code.resolved : filesystem.data.text;
  for (const auto& writable : filesystem.writable) {
    const std::string source = store + "/" + writable.path.text;
    const PathFact& path = fact(input.facts, source);
    if (path.kind == PathFact::Kind::missing || is_in_image(input.facts, source)) continue;  // check_host() has said so unless it is optional
    MountOp op = bind(code.resolved + "/" + writable.path.text, past_run_link(input.facts, source), path.kind == PathFact::Kind::directory,
                      "filesystem.writable[" + writable.path.text + "]");
    op.read_only = false;
    op.owned_by_pool = true;
    out.push_back(std::move(op));
  }
}

// As on every machine of today, and PHP counts on it: MySQL's socket, where nobody names another, is below /var/run.
void add_run(std::vector<MountOp>& out) {
  out.push_back(folder("/run"));
  const bool is_there = std::any_of(out.begin(), out.end(), [](const MountOp& op) { return op.target == "/var/run"; });  // filesystem.system may name it
  if (!is_there) out.push_back(link("/var/run", "/run", "base"));
}

// The directory, not the socket: a bound socket file is dead after its server restarts.
void add_server(const HostFacts& facts, const std::string& socket, const std::string& key, std::vector<MountOp>& out) {
  if (socket.empty()) return;
  const std::string directory = parent_of(socket), target = without_link(directory);
  const bool is_there = std::any_of(out.begin(), out.end(), [&](const MountOp& op) { return op.target == target; });
  const PathFact& path = fact(facts, directory);
  if (!is_there) out.push_back(bind(target, path.real.empty() ? directory : path.real, true, key));
}

void add_connections(const PlanInput& input, std::vector<MountOp>& out) {
  for (const auto& connection : input.policy.connect)
    add_server(input.facts, connection.unix_path.text, "connect[" + connection.unix_path.text + "]", out);
  add_server(input.facts, input.policy.mail.unix_path.text, "mail.unix", out);
}

void add_configuration(const PhpConfiguration& php, const std::string& directory, std::vector<MountOp>& out) {
  out.push_back(generated(directory + "/php.ini", php.php_ini, "php"));
  if (!php.fpm_conf.empty()) {
    out.push_back(generated(directory + "/php-fpm.conf", php.fpm_conf, "php"));
    out.push_back(generated(directory + "/opcache-blacklist", php.blacklist, "php.opcache.written"));
  }
  out.push_back(generated(directory + "/" + kPreludeFile, php.prelude, "web.front_controllers"));
}

void add_php_program(const PlanInput& input, const PhpConfiguration& php, std::vector<MountOp>& out) {
  const std::string directory = php_program_directory(input.facts, config_directory(input));
  if (!directory.empty()) out.push_back(generated(directory + "/php.ini", php.program_ini, "programs"));
}

}  // namespace

CodePaths code_paths(const Policy& policy, const HostFacts& facts) {
  const std::string& named = policy.filesystem.code.text;
  const PathFact& path = fact(facts, named);
  CodePaths out{named, path.real.empty() ? named : path.real, {}, false};
  out.source = on_host(facts, out.resolved);
  out.pinned = path.kind == PathFact::Kind::symlink || is_in_image(facts, named);
  return out;
}

// The last name may be one that is still to be made, such as a socket's.
std::string past_run_link(const HostFacts& facts, const std::string& path) {
  const std::string other = without_link(path);
  const bool is_alone = fact(facts, path).real == other || fact(facts, parent_of(path)).real == parent_of(other);
  return is_alone ? other : path;
}

std::string state_directory(const PlanInput& input) { return input.facts.state_directory + "/" + input.policy.name; }

std::string config_directory(const PlanInput& input) {
  if (!input.facts.enclosed) return inside::kConfig;
  return std::string(outside::kConfig) + "/" + input.policy.name + (input.request.is_service() ? "" : ".command");
}

std::string sessions_directory(const PlanInput& input) {
  return input.facts.enclosed ? state_directory(input) + "/sessions" : inside::kSessions;
}

std::vector<MountOp> plan_mounts(const PlanInput& input, const PhpConfiguration& php) {
  std::vector<MountOp> out;
  if (input.facts.enclosed) {
    add_configuration(php, config_directory(input), out);
    add_php_program(input, php, out);
    return out;
  }
  add_system(input, out);
  add_etc(input, out);
  add_configuration(php, inside::kConfig, out);
  add_php_program(input, php, out);
  add_devices(input.facts, out);
  const bool has_proc = !input.facts.ordinary_user || input.facts.ordinary_user->proc_obstacle.empty();
  // ps(1) and what waits by it for a program see the others of the box, which are not dumpable and would be hidden
  if (has_proc)
    out.push_back({.kind = MountOp::Kind::proc, .target = "/proc", .hides_processes = input.policy.programs.empty(), .key = "base"});
  add_scratch(input, out);
  add_run(out);
  add_connections(input, out);
  add_code(input, out);
  add_programs(input.policy, input.facts, out);
  return out;
}

}  // namespace launcher
