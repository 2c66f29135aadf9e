#include "launcher/supervise/janitor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "launcher/supervise/allow_list.h"
#include "launcher/supervise/own_privileges.h"
#include "launcher/sys/fd_message.h"
#include "launcher/sys/file.h"
#include "launcher/sys/own_memory.h"

namespace launcher {
namespace {

constexpr int kLauncherPatienceMs = 8000;  // more than remove_remains() takes
// With what was left it is the janitor's exit code, which no other end of a process looks like.
constexpr int kWorked = 64;

// clang-format off
constexpr AllowedCall kCalls[] = {
    {SCMP_SYS(recvmsg)}, {SCMP_SYS(pidfd_send_signal)}, {SCMP_SYS(write)}, {SCMP_SYS(unlinkat)}, {SCMP_SYS(newfstatat)},
    {SCMP_SYS(flock)}, {SCMP_SYS(madvise)}, {SCMP_SYS(ppoll)},
    {SCMP_SYS(clock_gettime)}, {SCMP_SYS(clock_nanosleep)}, {SCMP_SYS(nanosleep)}, {SCMP_SYS(close)},
    {SCMP_SYS(restart_syscall)}, {SCMP_SYS(rt_sigreturn)}, {SCMP_SYS(exit)}, {SCMP_SYS(exit_group)},
};
// clang-format on

// An O_PATH fd of the live socket, so that its inode's number stays taken: ext4 gives a free one to the next file,
// which may be the next generation's socket.
sys::Fd pin_live_socket(const JanitorPlan& plan) {
  if (!plan.live_socket) return sys::Fd();
  return sys::Fd(::openat(plan.live_socket->directory.get(), plan.live_socket->name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
}

using Fds = Few<int, 32>;

Fds fds_of(const JanitorPlan& plan, int socket, int pin) {
  Fds fds;
  const auto keep = [&fds](std::initializer_list<int> some) {
    for (const int fd : some)
      if (fd >= 0) fds.push_back(fd);
  };
  keep({socket, pin});
  for (const auto& group : plan.cgroups) keep({group.parent.get(), group.kill_file.get()});
  if (plan.live_socket) keep({plan.live_socket->directory.get()});
  for (const auto& file : plan.files) keep({file.directory.get(), file.inode.get()});
  if (plan.program) keep({plan.program->directory.get(), plan.program->lock.get(), plan.program->source.get()});
  if (plan.run_directory) keep({plan.run_directory->parent.get()});
  std::sort(fds.begin(), fds.end());
  return fds;
}

// Everything that the launcher had open at the fork, its end of our socket first of all: with it there would be no EOF.
base::Status close_all_but(const Fds& kept) {
  unsigned next = 0;
  for (int fd : kept) {
    const auto number = static_cast<unsigned>(fd);
    if (number > next && ::close_range(next, number - 1, 0) != 0) return sys::failure("close_range", {});
    next = std::max(next, number + 1);
  }
  if (::close_range(next, ~0U, 0) != 0) return sys::failure("close_range", {});
  // 0, 1 and 2 stay taken, so that no later descriptor is mistaken for a stream; at most three opens
  for (int fd = 0; fd >= 0 && fd < 3;) {
    fd = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    if (fd >= 3) ::close(fd);
  }
  return base::success();
}

// Owning a directory that its owner may write is enough to remove from it. Another's, or the 0555 root of a cgroup
// hierarchy, needs CAP_DAC_OVERRIDE, and CAP_FOWNER where it is sticky. An ordinary user's box has its own uid, so that
// it needs nothing to be killed.
std::uint64_t needed_capabilities(const JanitorPlan& plan) {
  std::uint64_t needed = ::geteuid() == 0 ? capability_bit(CAP_KILL) : 0;
  const auto look_at = [&needed](int directory) {
    constexpr mode_t kOwnerWrites = S_IWUSR | S_IXUSR;
    auto info = sys::status_of(directory);
    const bool own = info && info.value().st_uid == ::geteuid();
    if (!own || (info.value().st_mode & kOwnerWrites) != kOwnerWrites) needed |= capability_bit(CAP_DAC_OVERRIDE);
    if (!own && (!info || (info.value().st_mode & S_ISVTX) != 0)) needed |= capability_bit(CAP_FOWNER);
  };
  for (const auto& group : plan.cgroups) look_at(group.parent.get());
  if (plan.live_socket) look_at(plan.live_socket->directory.get());
  for (const auto& file : plan.files) look_at(file.directory.get());
  if (plan.program) look_at(plan.program->directory.get());
  if (plan.run_directory) look_at(plan.run_directory->parent.get());
  return needed;
}

base::Status withdraw(const JanitorPlan& plan, int socket, int pin) {
  sigset_t all;
  ::sigfillset(&all);
  if (::sigprocmask(SIG_SETMASK, &all, nullptr) != 0) return sys::failure("sigprocmask", {});
  if (::setsid() < 0) return sys::failure("setsid", {});  // a terminal's Ctrl-C reaches a whole session
  if (::chdir("/") != 0) return sys::failure("chdir", "/");
  TRY(close_all_but(fds_of(plan, socket, pin)));
  ::prctl(PR_SET_NAME, "fpmbox-janitor", 0, 0, 0);
  TRY(keep_capabilities(needed_capabilities(plan)));
  TRY(drop_nothing_but_growth());
  return load_allow_list(kCalls);
}

// A command may be over in a moment; whatever takes longer finds the janitor with next to nothing in memory.
void await_message(int socket, bool& rests) {
  pollfd ready = {socket, POLLIN, 0};
  const timespec quiet = {sys::kQuietMs / 1000, sys::kQuietMs % 1000 * 1000000L};
  if (!rests && ::ppoll(&ready, 1, &quiet, nullptr) != 0) return;
  if (!std::exchange(rests, true)) sys::forget_program();
  sys::poll_at_rest(&ready, 1, -1);
}

// The box's pidfd, or -1, once the launcher's end is closed.
int wait_for_end(int socket) {
  int box = -1;
  bool rests = false;
  for (;;) {
    await_message(socket, rests);
    sys::FdMessage message = sys::receive_fds(socket);
    if (message.count <= 0) return box;
    if (message.fds[0]) box = message.fds[0].release();
  }
}

// Without a heap: what allocates here ends the janitor, and the launch with it.
[[noreturn]] void live(const JanitorPlan& plan, int socket) {
  const sys::Fd pin = pin_live_socket(plan);
  const auto withdrawn = withdraw(plan, socket, pin.get());
  const int code = withdrawn ? 0 : withdrawn.error().code == 0 ? EPERM : withdrawn.error().code;
  const char report = static_cast<char>(code);
  [[maybe_unused]] const ssize_t told = ::write(socket, &report, 1);  // a launcher that is dead by now leaves all the more
  if (code != 0) ::_exit(1);
  ::_exit(kWorked | remove_remains(plan, wait_for_end(socket)));
}

// Exit code, or 128 plus the signal.
base::Result<int> reap(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) != pid) {
    if (errno != EINTR) return sys::failure("waitpid", "fpmbox-janitor");
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

base::Result<Janitor> start_janitor(JanitorPlan plan) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return sys::failure("socketpair", {});
  sys::Fd ours(ends[0]);
  sys::Fd theirs(ends[1]);
  const sys::HeapStaysHere heap;
  const pid_t pid = ::fork();
  if (pid < 0) return sys::failure("fork", "fpmbox-janitor");
  if (pid == 0) live(plan, theirs.get());
  return Janitor{std::move(ours), sys::Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))), pid};
}

base::Status await_janitor(Janitor& janitor) {
  char code = 0;
  ssize_t count = 0;
  while ((count = ::recv(janitor.socket.get(), &code, 1, 0)) < 0 && errno == EINTR) continue;
  if (count == 1 && code == 0) return base::success();
  const int why = count == 1 ? code : count == 0 ? EPIPE : errno;
  janitor.socket.reset();  // the end that it waits for
  TRY(reap(std::exchange(janitor.pid, -1)));
  return base::Error{"the janitor could not start", {}, why, {}};
}

base::Status hand_box_to_janitor(int socket, int pidfd) {
  const auto sent = sys::send_fds(socket, 0, {&pidfd, 1});
  if (!sent) return base::Error{"sendmsg", "fpmbox-janitor", sent.error().code, {}};
  return base::success();
}

// Shutting down our direction is the EOF; that the other end closes too says that the janitor has exited.
base::Status finish_janitor(Janitor janitor) {
  if (!janitor.socket || janitor.pid <= 0) return base::success();
  ::shutdown(janitor.socket.get(), SHUT_WR);
  ::syscall(SYS_pidfd_send_signal, janitor.pidfd.get(), SIGCONT, nullptr, 0);
  pollfd end = {janitor.socket.get(), POLLRDHUP, 0};  // there may be a report that nobody took
  if (::poll(&end, 1, kLauncherPatienceMs) == 0)
    return base::Error{"the janitor does not end; once it has, `fpmbox stop --remains` removes what it left", {}, 0, {}};
  const int code = TRY(reap(janitor.pid));
  if ((code & ~kAllLeft) == kWorked) return left_behind(code & kAllLeft);
  return base::Error{"the janitor did not end by itself; `fpmbox stop --remains` removes what may be left: cgroups and the live socket", {}, 0, {}};
}

}  // namespace launcher
