#include "launcher/facts/container.h"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "launcher/facts/kernel.h"
#include "launcher/facts/kernel_calls.h"
#include "launcher/facts/mount_text.h"
#include "launcher/facts/namespace_trial.h"
#include "launcher/facts/paths.h"
#include "launcher/facts/users.h"
#include "launcher/sys/file.h"
#include "profiles/base/text.h"
#include "profiles/base/units.h"
#include "profiles/export/engine.h"

namespace launcher {
namespace {

constexpr std::size_t kLongestText = 8 << 20;
// What the C library reads of users and names; images lack one or the other.
constexpr const char* kNameFiles[] = {"/etc/passwd", "/etc/group", "/etc/nsswitch.conf", "/etc/hosts"};

std::string text_of(const std::string& path) {
  auto text = sys::read_file(path, kLongestText);
  if (!text) return {};
  std::string out = std::move(text).value();
  while (out.ends_with('\n')) out.pop_back();
  return out;
}

// Where our own group's files are. Without a control group namespace of our own the path leads from the host's root, of
// which a container sees its own part alone, at the mount point itself.
std::string group_file(const HostFacts& facts, const char* controller, const std::string& name) {
  const auto found = facts.cgroups.find(controller);
  if (found != facts.cgroups.end() && !found->second.path.empty())
    if (std::string text = text_of(found->second.path + "/" + name); !text.empty()) return text;
  if (std::string text = text_of(std::string("/sys/fs/cgroup/") + controller + "/" + name); !text.empty()) return text;
  return text_of("/sys/fs/cgroup/" + name);
}

std::optional<std::uint64_t> either(const HostFacts& facts, const char* controller, const char* newer, const char* older) {
  const std::string text = group_file(facts, controller, newer);
  return limit_of(text.empty() ? group_file(facts, controller, older) : text);
}

std::optional<std::uint64_t> cpu_limit(const HostFacts& facts) {
  const auto parts = base::split(group_file(facts, "cpu", "cpu.max"), ' ');
  if (parts.size() == 2) return cpu_percent_of(parts[0], parts[1]);
  return cpu_percent_of(group_file(facts, "cpu", "cpu.cfs_quota_us"), group_file(facts, "cpu", "cpu.cfs_period_us"));
}

std::uint64_t processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  return ::sched_getaffinity(0, sizeof set, &set) == 0 ? static_cast<std::uint64_t>(CPU_COUNT(&set)) : 0;
}

std::uint64_t hard_limit_of_files() {
  struct rlimit limit = {};
  return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : 0;
}

// As the user that will make the box: a security module may tell root from others.
void find_namespaces(const profiles::Policy& policy, const HostFacts& facts, ContainerFacts& out) {
  const auto user = facts.users.find(policy.identity.user);
  std::optional<TrialIds> as;
  if (out.uid == 0 && out.missing_capabilities.empty() && user != facts.users.end()) as = TrialIds{user->second.uid, user->second.gid};
  const NamespaceTrial trial = try_user_namespace(as);
  const auto missing = missing_calls(false);
  if (!missing.empty()) {
    out.namespaces_obstacle = "the system call " + missing.front().name + " cannot be used here";
  } else if (trial.step == "proc") {
    out.proc_obstacle = std::string("parts of this container's /proc are covered (") + std::strerror(trial.code) + ")";
  } else if (!trial.step.empty()) {
    out.namespaces_obstacle = "step `" + trial.step + "` of making it fails: " + std::strerror(trial.code);
  }
}

bool is_closed(const std::string& folder) {
  if (::access(folder.c_str(), F_OK) == 0) return ::faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) != 0;
  const std::string above = folder.substr(0, std::max<std::size_t>(folder.rfind('/'), 1));
  return ::faccessat(AT_FDCWD, above.c_str(), W_OK | X_OK, AT_EACCESS) != 0;
}

std::vector<std::string> capabilities_that_lack() {
  std::vector<std::string> out;
  for (const char* name : profiles::entrypoint_capabilities())
    if (!has_capability(name)) out.emplace_back(name);
  return out;
}

}  // namespace

bool is_entrypoint() { return ::getpid() == 1 && ::access("/run/systemd/system", F_OK) != 0; }

// PID 1 is called as we are: its program is not ours to look at, for it is not dumpable.
bool is_beside_entrypoint() {
  const std::string first = text_of("/proc/1/comm");
  return ::getpid() != 1 && !first.empty() && first == text_of("/proc/self/comm") && ::access("/run/systemd/system", F_OK) != 0;
}

void find_container(const profiles::Policy& policy, HostFacts& facts) {
  ContainerFacts out;
  out.engine = ::access("/run/.containerenv", F_OK) == 0 ? "podman" : "docker";
  out.uid = ::geteuid();
  out.gid = ::getegid();
  out.groups = other_groups(out.gid);
  if (out.uid == 0) out.missing_capabilities = capabilities_that_lack();
  out.mounts = parse_mounts(text_of("/proc/self/mountinfo"));
  out.memory_limit = either(facts, "memory", "memory.max", "memory.limit_in_bytes");
  out.pids_limit = either(facts, "pids", "pids.max", "pids.max");
  out.cpu_percent = cpu_limit(facts);
  out.processors = processors();
  out.nofile = hard_limit_of_files();
  out.is_first_process = ::getpid() == 1;
  for (const std::string& folder : {facts.run_directory, facts.state_directory})
    if (is_closed(folder)) out.closed_folders.push_back(folder);
  find_namespaces(policy, facts, out);
  for (const char* path : kNameFiles) facts.paths[path] = look_at(path);
  facts.container = std::move(out);
}

// Version 1 has no word for no limit: it is the largest multiple of a page.
std::optional<std::uint64_t> limit_of(const std::string& text) {
  constexpr std::uint64_t kBeyondAnyMachine = 1ULL << 60;
  const auto number = base::parse_unsigned(text);
  if (!number || *number >= kBeyondAnyMachine) return std::nullopt;
  return number;
}

std::optional<std::uint64_t> cpu_percent_of(const std::string& quota, const std::string& period) {
  const auto most = base::parse_unsigned(quota), of = base::parse_unsigned(period);
  if (!most || !of || *of == 0) return std::nullopt;
  return *most * 100 / *of;
}

}  // namespace launcher
