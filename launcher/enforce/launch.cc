#include "launcher/enforce/launch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "launcher/enforce/child/handshake.h"
#include "launcher/enforce/child/steps.h"
#include "launcher/enforce/exec_gate.h"
#include "launcher/enforce/explain.h"
#include "launcher/enforce/verify.h"
#include "launcher/sys/fd_message.h"
#include "launcher/sys/file.h"
#include "profiles/base/text.h"
#include "profiles/base/units.h"

namespace launcher {
namespace {

using base::Error;
using base::Result;
using base::Status;
using sys::Fd;

constexpr int kSetupTimeoutMs = 20000;
constexpr int kDyingMs = 10000;  // namespaces are taken down before it can be waited for

// unshare, setns and the change of ids concern one thread only: there must be no other.
Status check_single_thread() {
  DIR* tasks = ::opendir("/proc/self/task");
  if (tasks == nullptr) return sys::failure("open", "/proc/self/task");
  int count = 0;
  while (const dirent* entry = ::readdir(tasks)) count += entry->d_name[0] != '.';
  ::closedir(tasks);
  if (count != 1) return Error{"the launcher has " + std::to_string(count) + " threads; it must have one", {}, 0, {}};
  return base::success();
}

struct Child {
  pid_t pid = -1;
  bool is_in_group = false;
};

// Born into the v2 group (clone3 with CLONE_INTO_CGROUP, 5.7) where there is one and clone3 is. Filters of containers answer
// ENOSYS to it, because they cannot look at its flags: then by clone, and whoever called moves the child.
Result<Child> clone_child(std::uint64_t namespaces, int group, Fd& pidfd) {
  int fd = -1;
  // The cgroup namespace is left out: its root must be the groups that the child joins later. So is the user namespace, in
  // which the launcher is already.
  const std::uint64_t flags = (namespaces & ~static_cast<std::uint64_t>(CLONE_NEWCGROUP | CLONE_NEWUSER)) | CLONE_PIDFD;
  struct clone_args arguments {};
  arguments.flags = flags | CLONE_INTO_CGROUP;
  arguments.pidfd = reinterpret_cast<std::uintptr_t>(&fd);
  arguments.exit_signal = SIGCHLD;
  arguments.cgroup = static_cast<std::uint64_t>(group);
  long pid = group >= 0 ? ::syscall(SYS_clone3, &arguments, sizeof arguments) : -1;
  const bool is_in_group = pid >= 0;
  if (group < 0 || (pid < 0 && (errno == ENOSYS || errno == EPERM))) pid = ::syscall(SYS_clone, flags | SIGCHLD, 0, &fd, 0, 0);
  if (pid < 0) return sys::failure("clone", {});
  if (pid > 0) pidfd = Fd(fd);
  return Child{static_cast<pid_t>(pid), is_in_group};
}

// Those of the plan that are there already, which the child enters; the others go. Gives their types.
std::uint64_t lay_out_namespaces(Prepared& box) {
  // the namespaces of a box with a user namespace belong to it, and these to the one outside
  const std::uint64_t wanted = box.plan->user_namespace ? 0 : box.plan->namespaces;
  std::erase_if(box.namespaces, [&](const FreshNamespace& one) { return (wanted & static_cast<std::uint64_t>(one.type)) == 0; });
  std::uint64_t types = 0;
  for (const FreshNamespace& one : box.namespaces) {
    box.join.push_back({one.fd.get(), one.type});
    types |= static_cast<std::uint64_t>(one.type);
  }
  box.orders.join = box.join.data();
  box.orders.join_count = box.join.size();
  return types;
}

void end_child(pid_t pid) {
  ::kill(pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
}

Status send_go(int handshake) {
  const char go = child::handshake::kGo;
  if (::send(handshake, &go, 1, MSG_NOSIGNAL) != 1) return sys::failure("send", "handshake");
  return base::success();
}

// One byte and at most one fd. End of file is no error here: the report pipe tells how it ended.
Status receive(int handshake, Fd& listener) {
  sys::FdMessage message = sys::receive_fds(handshake, MSG_DONTWAIT);
  if (message.count < 0 && (errno == EAGAIN || errno == ECONNRESET)) return base::success();
  if (message.count < 0) return sys::failure("recvmsg", "handshake");
  if (message.byte == child::handshake::kListener && message.fds[0]) listener = std::move(message.fds[0]);
  return base::success();
}

// Until the report pipe ends: by the exec, or behind a SetupFailure. What is reported after the exec waits for the
// supervisor.
Result<child::SetupFailure> await_exec(Prepared& box, pid_t child, Fd& listener) {
  child::SetupFailure failure{-1, 0, -1};
  bool gate_is_shut = box.plan->filter.exec_gate == ExecGate::notified;
  for (;;) {
    std::array<pollfd, 3> fds = {pollfd{box.report_read.get(), POLLIN, 0}, pollfd{box.handshake_parent.get(), POLLIN, 0},
                                 pollfd{gate_is_shut ? listener.get() : -1, POLLIN, 0}};
    const int ready = ::poll(fds.data(), fds.size(), kSetupTimeoutMs);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return Error{"the box did not come up within 20 s", {}, ready < 0 ? errno : ETIMEDOUT, {}};
    if ((fds[1].revents & POLLIN) != 0 && !listener) TRY(receive(box.handshake_parent.get(), listener));
    if ((fds[2].revents & POLLIN) != 0) gate_is_shut = !TRY(open_exec_gate(listener.get(), child, box.plan->filter));
    if (fds[0].revents == 0) {
      if ((fds[1].revents & POLLHUP) != 0) ::poll(fds.data(), 1, kSetupTimeoutMs);
      continue;
    }
    const ssize_t count = ::read(box.report_read.get(), &failure, sizeof failure);
    if (count < 0 && errno == EINTR) continue;
    if (count != 0 && count != sizeof failure) return sys::failure("read", "the report of the box");
    if (count == 0 && box.plan->filter.has_listener() && !listener) TRY(receive(box.handshake_parent.get(), listener));
    return failure;
  }
}

// The report pipe ends just as well when the child was killed before its exec. A program that ran and ended is the
// supervisor's matter: it has words and a code of its own. A dead process keeps the name that tells them apart.
Status check_was_started(pid_t pid) {
  siginfo_t info {};
  if (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) return base::success();
  const std::string own = TRY(sys::read_file("/proc/self/comm", 64));
  const std::string name = TRY(sys::read_file("/proc/" + std::to_string(pid) + "/comm", 64));
  if (name != own) return base::success();
  const std::string how = info.si_code == CLD_EXITED ? "ended with code " : "was killed by signal ";
  return Error{"the box " + how + std::to_string(info.si_status) + " before php-fpm was started", {}, 0, {}};
}

// A process that dies loses its fds and namespaces before it can be waited for: what is read back of it in between is missing,
// and says nothing.
bool ends_now(const Fd& pidfd) {
  pollfd end = {pidfd.get(), POLLIN, 0};
  int ready = 0;
  while ((ready = ::poll(&end, 1, kDyingMs)) < 0 && errno == EINTR) continue;
  return ready > 0;
}

// What is wrong with the program that runs; one that has ended by now is the supervisor's matter, unless it was seen elsewhere.
Status read_back(pid_t pid, const Fd& pidfd, const Prepared& box) {
  TRY(check_was_started(pid));
  auto verified = verify_namespaces(pid, *box.plan, box.namespaces);
  const bool is_elsewhere = !verified && verified.error().code == 0;
  if (verified) verified = verify_running(pid, *box.plan, box.cgroups.empty() ? "" : box.cgroups.front().name, box.cgroups.size());
  if (verified) return base::success();
  if (!is_elsewhere && ends_now(pidfd)) return check_was_started(pid);
  return std::move(verified).take_error().during("the box runs, but not as planned");
}

std::vector<LimitCounter> take_counters(std::vector<CgroupOfBox>& groups) {
  std::vector<LimitCounter> out;
  for (CgroupOfBox& group : groups)
    for (LimitCounter& counter : group.counters) out.push_back(std::move(counter));
  return out;
}

void close_childs_ends(Prepared& box) {
  box.report_write.reset();
  box.handshake_child.reset();
  box.streams.input.reset();
  box.streams.output.reset();
  box.streams.errors.reset();
  box.program.reset();
  box.landlock.reset();
  box.status.listener.reset();
  box.tree = Tree();
  box.namespaces.clear();
}

}  // namespace

Result<RunningBox> launch(Prepared& box, const profiles::Origins& origins, const LaunchHooks& hooks) {
  TRY(check_single_thread());
  RunningBox running;
  box.parent_ends = {box.handshake_parent.get(), box.report_read.get(), box.streams.our_input.get(), box.streams.our_output.get(),
                     box.streams.our_errors.get(), box.pool_directory.claim.get(), box.watchers_socket};
  box.orders.parent_ends = box.parent_ends.data();
  box.orders.parent_end_count = box.parent_ends.size();
  const int group = group_to_be_born_in(box.cgroups);
  const std::uint64_t to_be_made = box.plan->namespaces & ~lay_out_namespaces(box);
  const Child child = TRY(clone_child(to_be_made, group, running.pidfd));
  const pid_t pid = child.pid;
  if (pid == 0) child::enter(box.orders);
  hooks.laps.lap("clone");
  running.pid = pid;
  box.report_write.reset();
  box.handshake_child.reset();
  auto let_go = [&]() -> Status {
    TRY(hooks.born(running.pidfd.get()));
    if (group >= 0 && !child.is_in_group) TRY(move_into(group, pid));
    return send_go(box.handshake_parent.get());
  };
  if (auto gone = let_go(); !gone) {
    child::SetupFailure failure{-1, 0, -1};  // a child that died before it was let go has said why
    const bool said = ::read(box.report_read.get(), &failure, sizeof failure) == sizeof failure;
    end_child(pid);
    return said ? explain(failure, box, origins) : std::move(gone).take_error().during("launch");
  }
  hooks.meanwhile();
  auto report = await_exec(box, pid, running.notifications);
  hooks.laps.lap("set-up in the box, until the exec");
  if (!report || report.value().step >= 0) {
    end_child(pid);
    return report ? explain(report.value(), box, origins) : report.take_error();
  }
  if (auto as_planned = read_back(pid, running.pidfd, box); !as_planned) {
    end_child(pid);
    return as_planned.take_error();
  }
  close_childs_ends(box);
  hooks.laps.lap("read back");
  running.log = std::move(box.streams.our_output);
  running.errors = std::move(box.streams.our_errors);
  running.input = std::move(box.streams.our_input);
  running.status_socket = std::move(box.status.inode);
  running.counters = take_counters(box.cgroups);
  return running;
}

}  // namespace launcher
