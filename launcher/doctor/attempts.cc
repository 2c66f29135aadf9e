#include "launcher/doctor/attempts.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/mount.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "launcher/facts/kernel.h"
#include "launcher/facts/kernel_calls.h"
#include "launcher/facts/memory.h"
#include "launcher/sys/file.h"
#include "launcher/sys/landlock.h"
#include "launcher/sys/mount.h"
#include "launcher/sys/user_namespace.h"

namespace launcher {
namespace {

using base::Error;
using base::Status;
using As = Attempt::As;

constexpr int kPatienceMs = 30000;
constexpr uid_t kNobody = 65534;

template <int Flag>
Status try_namespace() {
  if (::unshare(Flag) != 0) return sys::failure("unshare", {});
  return base::success();
}

base::Result<sys::Fd> fresh_tmpfs() { return sys::new_filesystem("tmpfs", {{"size", "65536"}}, MOUNT_ATTR_NOSUID); }

Status try_new_filesystem() {
  const sys::Fd tree = TRY(fresh_tmpfs());
  return base::success();
}

base::Result<sys::Fd> copy_of_usr() {
  const sys::Fd source = TRY(sys::open("/usr", O_PATH | O_DIRECTORY));
  return sys::clone_tree(source.get());
}

Status try_detached() {
  const sys::Fd copy = TRY(copy_of_usr());
  return base::success();
}

Status try_read_only() {
  const sys::Fd copy = TRY(copy_of_usr());
  return sys::set_mount_attributes(copy.get(), MOUNT_ATTR_RDONLY, 0, true);
}

// As enforce/child/mounts.cc: over "/", and then in its place.
Status try_root() {
  if (::unshare(CLONE_NEWNS) != 0) return sys::failure("unshare", {});
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return sys::failure("mount", "/");
  const sys::Fd root = TRY(fresh_tmpfs());
  if (::syscall(SYS_move_mount, root.get(), "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) != 0) return sys::failure("move_mount", "/");
  if (::fchdir(root.get()) != 0) return sys::failure("fchdir", {});
  if (::syscall(SYS_pivot_root, ".", ".") != 0) return sys::failure("pivot_root", {});
  return base::success();
}

// Only a process inside of the new pid namespace can have its procfs.
Status try_proc() {
  if (::unshare(CLONE_NEWNS | CLONE_NEWPID) != 0) return sys::failure("unshare", {});
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
  if (code != 0) return Error{"mount", "proc", code, {}};
  return base::success();
}

// In a user namespace none can be made: the host's own are shown.
Status try_devices() {
  if (::geteuid() != 0) {
    const sys::Fd null = TRY(sys::open("/dev/null", O_PATH));
    const sys::Fd copy = TRY(sys::clone_tree(null.get()));
    return base::success();
  }
  const sys::Fd tree = TRY(fresh_tmpfs());
  TRY(sys::device_at(tree.get(), "null", 1, 3, 0666));
  const sys::Fd opened = TRY(sys::open_at(tree.get(), "null", O_WRONLY));
  return base::success();
}

Status try_calls() {
  const auto missing = missing_calls(false);
  if (missing.empty()) return base::success();
  std::string names;
  for (const MissingCall& call : missing) names += (names.empty() ? "" : ", ") + call.name + " (Linux " + call.since + ")";
  return Error{"missing: " + names, {}, ENOSYS, {}};
}

Status try_filter() {
  sock_filter allow = {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW};
  const sock_fprog program = {1, &allow};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return sys::failure("prctl", "PR_SET_NO_NEW_PRIVS");
  if (::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0) return sys::failure("seccomp", {});
  return base::success();
}

Status try_notification() {
  if (has_user_notification()) return base::success();
  return Error{"seccomp does not know NEW_LISTENER with WAIT_KILLABLE_RECV", {}, EINVAL, {}};
}

// Either keeps what runs in a box from a second exec; plan_syscalls.cc chooses.
Status try_exec_gate() {
  if (can_map_page_zero() || has_exec_notification()) return base::success();
  return Error{"neither can page 0 be mapped, nor can calls be reported", {}, EINVAL, {}};
}

Status try_landlock() {
  if (::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION) < 1) return sys::failure("landlock_create_ruleset", {});
  return base::success();
}

// clang-format off
constexpr Attempt kAttempts[] = {
    {"system calls", Kind::calls, "5.12", "the set-up of every box", As::maker, try_calls},
    {"mount namespace", Kind::namespaces, "", "a view of the file system of its own", As::maker, try_namespace<CLONE_NEWNS>},
    {"pid namespace", Kind::namespaces, "", "no process of the host to see or signal", As::maker, try_namespace<CLONE_NEWPID>},
    {"network namespace", Kind::namespaces, "", "no network but what is named", As::maker, try_namespace<CLONE_NEWNET>},
    {"ipc namespace", Kind::namespaces, "", "no shared memory of others", As::maker, try_namespace<CLONE_NEWIPC>},
    {"uts namespace", Kind::namespaces, "", "a host name of its own", As::maker, try_namespace<CLONE_NEWUTS>},
    {"cgroup namespace", Kind::namespaces, "4.6", "no names of others' control groups", As::maker, try_namespace<CLONE_NEWCGROUP>},
    {"new file systems", Kind::mounts, "5.2", "a tmpfs that nobody else can reach", As::maker, try_new_filesystem},
    {"detached mounts", Kind::mounts, "5.2", "parts of the host, by descriptor and not by path", As::maker, try_detached},
    {"read-only trees", Kind::mounts, "5.12", "read-only with all mounts below, or not at all", As::maker, try_read_only},
    {"new root", Kind::mounts, "5.2", "nothing of the host's own root is left", As::maker, try_root},
    {"devices", Kind::mounts, "", "null, zero, full and random, and no others", As::maker, try_devices},
    {"process information", Kind::proc, "5.8", "/proc with nothing but the box's own processes", As::maker, try_proc},
    {"seccomp filter", Kind::seccomp, "3.17", "the allow-list of system calls", As::anybody, try_filter},
    {"refused calls by name", Kind::seccomp, "5.19", "an attack shows in the log", As::anybody, try_notification},
    {"one exec", Kind::seccomp, "5.0", "php-fpm starts, and no other program after it", As::anybody, try_exec_gate},
    {"landlock", Kind::landlock, "5.13", "a second wall behind the mounts", As::anybody, try_landlock},
};
// clang-format on

struct Report {
  int code = -1;  // 0: it worked
  char detail[240] = {};
};

Report report_of(const Status& done) {
  Report report;
  report.code = done ? 0 : done.error().code == 0 ? EPERM : done.error().code;
  if (done) return report;
  Error shown = done.error();
  if (shown.code == report.code && shown.act.starts_with("missing")) shown.code = 0;  // a list says more than its errno
  const std::string text = shown.text();
  text.copy(report.detail, sizeof report.detail - 1);
  return report;
}

[[noreturn]] void attempt_in_child(Status (*run)(), bool enters, int answer) {
  const Status entered = enters ? sys::enter_user_namespace(::geteuid(), ::getegid()) : base::success();
  Report report = report_of(entered ? run() : entered);
  if (!entered) report.code = -1;
  [[maybe_unused]] const ssize_t written = ::write(answer, &report, sizeof report);
  ::_exit(0);
}

Outcome outcome_of(const Report& report) {
  if (report.code == 0) return {};
  if (report.code < 0) return {Outcome::Word::untried, 0, "without a user namespace it cannot be tried"};
  return {Outcome::Word::fails, report.code, report.detail};
}

}  // namespace

std::span<const Attempt> kernel_attempts() { return kAttempts; }

Status try_user_namespace_as_ordinary_user() {
  if (::geteuid() == 0 && (::setgroups(0, nullptr) != 0 || ::setresgid(kNobody, kNobody, kNobody) != 0 || ::setresuid(kNobody, kNobody, kNobody) != 0))
    return sys::failure("setresuid", "nobody");
  // the change of ids made us undumpable, and /proc/self root's: the maps could not be written
  if (::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0) return sys::failure("prctl", "PR_SET_DUMPABLE");
  TRY(sys::enter_user_namespace(::geteuid(), ::getegid()));
  return try_namespace<CLONE_NEWUTS>();  // AppArmor may let one in and give it no capability there
}

Outcome try_in_child(Status (*run)(), bool enters) {
  int ends[2] = {};
  if (::pipe2(ends, O_CLOEXEC) != 0) return {Outcome::Word::fails, errno, "pipe"};
  const sys::Fd ours(ends[0]);
  sys::Fd theirs(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) return {Outcome::Word::fails, errno, "fork"};
  if (child == 0) attempt_in_child(run, enters, theirs.get());
  theirs.reset();
  pollfd answer = {ours.get(), POLLIN, 0};
  Report report{EIO, "the try ended without an answer"};
  if (::poll(&answer, 1, kPatienceMs) == 0) report = {ETIMEDOUT, "the try did not end"};
  if (report.code == EIO && ::read(ours.get(), &report, sizeof report) != sizeof report) report = {EIO, "the try ended without an answer"};
  ::kill(child, SIGKILL);
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  return outcome_of(report);
}

}  // namespace launcher
