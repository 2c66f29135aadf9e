#include "launcher/facts/ordinary_user.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "launcher/facts/follow.h"
#include "launcher/facts/users.h"
#include "launcher/sys/file.h"
#include "launcher/sys/mount.h"
#include "launcher/sys/user_namespace.h"

namespace launcher {
namespace {

constexpr std::uint64_t kOtherNamespaces = CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;

// ---- the trial: each step as a box does it

base::Status try_mounts() {
  const sys::Fd tree = TRY(sys::new_filesystem("tmpfs", {{"size", "65536"}}, MOUNT_ATTR_NOSUID));
  const sys::Fd source = TRY(sys::open("/usr", O_PATH | O_DIRECTORY));
  const sys::Fd copy = TRY(sys::clone_tree(source.get()));
  return sys::set_mount_attributes(copy.get(), MOUNT_ATTR_RDONLY, 0, true);
}

base::Status try_namespaces() {
  if (::unshare(static_cast<int>(kOtherNamespaces)) != 0) return sys::failure("unshare", {});
  return base::success();
}

// Only a process inside of the pid namespace can have its procfs, and only where the host's own is seen whole.
base::Status try_proc() {
  const pid_t child = ::fork();
  if (child < 0) return sys::failure("fork", {});
  if (child == 0) {
    const auto made = sys::new_filesystem("proc", {{"subset", "pid"}, {"hidepid", "invisible"}}, MOUNT_ATTR_RDONLY);
    ::_exit(made ? 0 : made.error().code);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return sys::failure("waitpid", {});
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
  if (code != 0) return base::Error{"procfs", {}, code, {}};
  return base::success();
}

base::Status try_entering() { return sys::enter_user_namespace(::geteuid(), ::getegid()); }

struct Tried {
  const char* step;
  base::Status (*run)();
};
constexpr std::array kTried = {Tried{"user namespace", try_entering}, Tried{"mounts", try_mounts},
                               Tried{"namespaces", try_namespaces}, Tried{"proc", try_proc}};

struct TrialReport {
  int step = -1;
  int code = 0;
};

TrialReport run_trial() {
  for (std::size_t i = 0; i < kTried.size(); ++i)
    if (auto done = kTried[i].run(); !done) return {static_cast<int>(i), done.error().code == 0 ? EPERM : done.error().code};
  return {};
}

// ---- what to do about it

bool says(const char* path, const char* value) {
  const auto text = sys::read_file(path, 64);
  return text && text.value().starts_with(value);
}

std::string remedy(int code) {
  if (code == ENOSPC || says("/proc/sys/user/max_user_namespaces", "0\n"))
    return "as root: sysctl -w user.max_user_namespaces=15000";
  if (says("/proc/sys/kernel/unprivileged_userns_clone", "0")) return "as root: sysctl -w kernel.unprivileged_userns_clone=1";
  if (says("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1"))
    return "as root: give fpmbox an AppArmor profile with `userns,`, or sysctl -w kernel.apparmor_restrict_unprivileged_userns=0";
  if (code == EINVAL) return "boot a kernel with CONFIG_USER_NS";
  return "a security module or the filter of a container refuses it: permit it there, or run it as root";
}

void explain(const NamespaceTrial& trial, OrdinaryUser& user) {
  if (trial.step.empty()) return;
  if (trial.step == "proc") {
    user.proc_obstacle = std::string("no process information of the box's own can be mounted (") + std::strerror(trial.code) +
                         "): parts of this /proc are covered, as containers do it";
    return;
  }
  user.obstacle = "an ordinary user's box needs a user namespace, and here step `" + trial.step + "` of making one fails: " +
                  std::strerror(trial.code);
  user.remedy = remedy(trial.code);
}

std::vector<gid_t> other_groups(gid_t own) {
  const int count = ::getgroups(0, nullptr);
  std::vector<gid_t> groups(static_cast<std::size_t>(count > 0 ? count : 0));
  if (count > 0 && ::getgroups(count, groups.data()) != count) groups.clear();
  std::erase(groups, own);
  return groups;
}

// ---- folders

bool is_within(const std::string& path, const std::string& folder) {
  return path == folder || path.starts_with(folder + "/");
}

}  // namespace

NamespaceTrial try_user_namespace() {
  int ends[2] = {};
  if (::pipe2(ends, O_CLOEXEC) != 0) return {kTried[0].step, errno};
  const sys::Fd ours(ends[0]);
  sys::Fd theirs(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) return {kTried[0].step, errno};
  if (child == 0) {
    const TrialReport report = run_trial();
    [[maybe_unused]] const ssize_t written = ::write(theirs.get(), &report, sizeof report);
    ::_exit(0);
  }
  theirs.reset();
  TrialReport report{0, EIO};
  if (::read(ours.get(), &report, sizeof report) != sizeof report) report = {0, EIO};
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  if (report.step < 0) return {};
  return {kTried[static_cast<std::size_t>(report.step)].step, report.code};
}

OwnFolder own_run_directory(const char* wanted, uid_t uid) {
  const bool is_set = wanted != nullptr && wanted[0] == '/';
  const std::string named = is_set ? wanted : "/run/user/" + std::to_string(uid);
  const std::string what = is_set ? "XDG_RUNTIME_DIR (" + named + ")" : named;
  const Followed found = follow(named);
  if (found.real.empty()) return {{}, is_set ? what + " is not there" : "XDG_RUNTIME_DIR is not set, and there is no " + named};
  if (!S_ISDIR(found.status.st_mode)) return {{}, what + " is not a folder"};
  if (found.status.st_uid != uid || (found.status.st_mode & 0077) != 0)
    return {{}, what + " can be entered by others; it must be yours with mode 0700"};
  for (const char* everybodys : {"/tmp", "/var/tmp", "/dev/shm"})
    if (is_within(found.real, everybodys)) return {{}, what + " lies in " + everybodys + ", which is everybody's"};
  if (auto trusted = sys::check_trusted_path(found.real); !trusted) return {{}, trusted.error().text()};
  return {found.real + "/fpmbox", {}};
}

OwnFolder own_state_directory(const char* wanted, const char* home) {
  const bool is_set = wanted != nullptr && wanted[0] == '/';
  const std::string named = is_set ? wanted : home != nullptr && home[0] == '/' ? home : "";
  if (named.empty()) return {{}, "neither XDG_STATE_HOME nor HOME says where state can be kept"};
  const Followed found = follow(named);
  if (found.real.empty() || !S_ISDIR(found.status.st_mode)) return {{}, named + " is not a folder"};
  if (auto trusted = sys::check_trusted_path(found.real); !trusted) return {{}, trusted.error().text()};
  return {found.real + (is_set ? "/fpmbox" : "/.local/state/fpmbox"), {}};
}

std::string own_user_name() { return user_name(::geteuid()); }

void find_ordinary_user(HostFacts& facts) {
  OrdinaryUser user;
  user.name = own_user_name();
  user.uid = ::geteuid();
  user.gid = ::getegid();
  user.groups = other_groups(user.gid);
  explain(try_user_namespace(), user);
  OwnFolder run = own_run_directory(::getenv("XDG_RUNTIME_DIR"), user.uid);
  OwnFolder state = own_state_directory(::getenv("XDG_STATE_HOME"), ::getenv("HOME"));
  facts.run_directory = std::move(run.path);
  facts.state_directory = std::move(state.path);
  user.run_obstacle = std::move(run.reason);
  user.state_obstacle = std::move(state.reason);
  facts.ordinary_user = std::move(user);
}

}  // namespace launcher
