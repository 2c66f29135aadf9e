#include "launcher/facts/cgroups.h"

#include <dirent.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "launcher/facts/cgroup_text.h"
#include "launcher/sys/file.h"
#include "launcher/sys/random.h"

namespace launcher {
namespace {

constexpr std::size_t kLongestText = 8 << 20;
constexpr const char* kControllers[] = {"memory", "pids", "cpu"};

std::string text_of(const std::string& path) {
  auto text = sys::read_file(path, kLongestText);
  return text ? std::move(text).value() : "";
}

// Something else may be mounted on top of what mountinfo told of.
bool is_cgroup_directory(const CgroupController& place) {
  struct statfs info = {};
  if (::statfs(place.path.c_str(), &info) != 0) return false;
  const auto type = static_cast<unsigned long>(info.f_type);
  return place.version == 2 ? type == CGROUP2_SUPER_MAGIC : type == CGROUP_SUPER_MAGIC;
}

// Only a group that is not the root of its hierarchy has a type.
bool is_root(const std::string& group) { return ::access((group + "/cgroup.type").c_str(), F_OK) != 0; }

bool has_mark(const std::string& group, const char* name) {
  char value[8] = {};
  return ::getxattr(group.c_str(), name, value, sizeof value) == 1 && value[0] == '1';
}

bool is_taken_by_systemd(const std::string& group) {
  if (::access("/run/systemd/system", F_OK) != 0) return false;
  return !has_mark(group, "trusted.delegate") && !has_mark(group, "user.delegate");
}

GroupState state_of(const std::string& group) {
  return {is_root(group), is_taken_by_systemd(group), text_of(group + "/cgroup.controllers"),
          text_of(group + "/cgroup.subtree_control"), text_of(group + "/cgroup.procs")};
}

std::string random_name() {
  const auto digits = sys::random_digits();
  return digits ? "fpmbox-probe-" + digits.value() : "fpmbox-probe";
}

bool has_file(const std::string& group, const char* file) { return ::access((group + "/" + file).c_str(), F_OK) == 0; }

// Some other's group, which may be gone while it is looked at: only that it has the file says something.
bool a_group_below_has(const std::string& parent, const char* file) {
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(parent.c_str()), ::closedir);
  while (const dirent* entry = stream ? ::readdir(stream.get()) : nullptr)
    if (entry->d_type == DT_DIR && entry->d_name[0] != '.' && has_file(parent + "/" + entry->d_name, file)) return true;
  return false;
}

// Every group but the root of the hierarchy has the files of a new one. Only where there is none, one is made and removed again:
// that costs the kernel more, and who is killed in between leaves it there.
std::string try_group(const std::string& parent, const char* wanted_file) {
  if (has_file(parent, wanted_file) || a_group_below_has(parent, wanted_file)) return {};
  const std::string group = parent + "/" + random_name();
  if (::mkdir(group.c_str(), 0755) != 0) return "no group can be made in " + parent + ": " + std::strerror(errno);
  const bool is_there = has_file(group, wanted_file);
  ::rmdir(group.c_str());
  return is_there ? "" : std::string("this kernel has no ") + wanted_file;
}

CgroupController usable(CgroupController place, const std::string& controller, KillFile kill, pid_t also_ours) {
  if (place.version == 0) return place;
  std::string reason;
  if (!is_cgroup_directory(place))
    reason = place.path + " is not what /proc/self/mountinfo says: something is mounted over it";
  if (reason.empty() && place.version == 2 && controller != "kill")
    reason = obstacle(state_of(place.path), controller, place.path, {::getpid(), also_ours});
  // A group of version 1 costs the kernel more to make than a look at the permissions, which says the same there.
  if (reason.empty() && ::faccessat(AT_FDCWD, place.path.c_str(), W_OK, AT_EACCESS) != 0)
    reason = place.path + " is not writable: " + std::strerror(errno);
  if (reason.empty() && controller == "kill" && kill == KillFile::tried) reason = try_group(place.path, "cgroup.kill");
  if (reason.empty()) return place;
  return {0, std::move(place.path), std::move(reason)};
}

}  // namespace

std::map<std::string, CgroupController> find_cgroups(KillFile kill, pid_t also_ours) {
  const auto memberships = parse_memberships(text_of("/proc/self/cgroup"));
  const auto mounts = parse_cgroup_mounts(text_of("/proc/self/mountinfo"));
  std::map<std::string, CgroupController> out;
  for (const char* controller : kControllers)
    out[controller] = usable(locate_cgroup(controller, memberships, mounts), controller, kill, also_ours);
  out["kill"] = usable(locate_cgroup("", memberships, mounts), "kill", kill, also_ours);
  return out;
}

}  // namespace launcher
