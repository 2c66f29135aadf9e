#include "launcher/facts/namespace_trial.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/mount.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "launcher/sys/file.h"
#include "launcher/sys/mount.h"
#include "launcher/sys/user_namespace.h"

namespace launcher {
namespace {

constexpr std::uint64_t kOtherNamespaces = CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;

// ---- each step as a box does it

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

// The change of ids makes a process undumpable, and its files in /proc root's: a map could not be written.
bool become(const TrialIds& ids) {
  return ::setgroups(0, nullptr) == 0 && ::setresgid(ids.gid, ids.gid, ids.gid) == 0 && ::setresuid(ids.uid, ids.uid, ids.uid) == 0 &&
         ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0;
}

TrialReport run_trial(const std::optional<TrialIds>& as) {
  if (as && !become(*as)) return {0, errno};
  for (std::size_t i = 0; i < kTried.size(); ++i)
    if (auto done = kTried[i].run(); !done) return {static_cast<int>(i), done.error().code == 0 ? EPERM : done.error().code};
  return {};
}

bool says(const char* path, const char* value) {
  const auto text = sys::read_file(path, 64);
  return text && text.value().starts_with(value);
}

}  // namespace

NamespaceTrial try_user_namespace(const std::optional<TrialIds>& as) {
  int ends[2] = {};
  if (::pipe2(ends, O_CLOEXEC) != 0) return {kTried[0].step, errno};
  const sys::Fd ours(ends[0]);
  sys::Fd theirs(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) return {kTried[0].step, errno};
  if (child == 0) {
    const TrialReport report = run_trial(as);
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

std::string remedy_for_namespaces(int code) {
  if (code == ENOSPC || says("/proc/sys/user/max_user_namespaces", "0\n"))
    return "as root: sysctl -w user.max_user_namespaces=15000";
  if (says("/proc/sys/kernel/unprivileged_userns_clone", "0")) return "as root: sysctl -w kernel.unprivileged_userns_clone=1";
  if (says("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1"))
    return "as root: give fpmbox an AppArmor profile with `userns,`, or sysctl -w kernel.apparmor_restrict_unprivileged_userns=0";
  if (code == EINVAL) return "boot a kernel with CONFIG_USER_NS";
  return "a security module or the filter of a container refuses it: permit it there, or run it as root";
}

}  // namespace launcher
