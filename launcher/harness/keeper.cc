#include "launcher/harness/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "launcher/harness/process.h"
#include "launcher/supervise/signals.h"
#include "launcher/sys/file.h"
#include "launcher/sys/process.h"

namespace harness {
namespace {

constexpr int kFailed = 71;
constexpr int kPatienceMs = 40000;  // more than a janitor takes to clear up after its launcher
constexpr int kPauseMs = 10;

void pause_for(int milliseconds) {
  const timespec pause = {milliseconds / 1000, (milliseconds % 1000) * 1000000L};
  ::nanosleep(&pause, nullptr);
}

// Reaps; false when there is no child any more.
bool has_children() {
  for (;;) {
    const pid_t pid = ::waitpid(-1, nullptr, WNOHANG);
    if (pid == 0) return true;
    if (pid < 0 && errno != EINTR) return false;
  }
}

// Orphans become children of ours one generation after the other. SIGTERM first: launchers and masters end in good order by it,
// and janitors, which have it blocked, do what they are there for.
void end_all() {
  for (int waited = 0; has_children(); waited += kPauseMs) {
    const int number = waited >= kPatienceMs ? SIGKILL : SIGTERM;
    if (waited % 500 == 0 || number == SIGKILL)
      for (const pid_t pid : sys::children_of(::getpid())) ::kill(pid, number);
    pause_for(kPauseMs);
  }
}

int code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

// Until the test has ended or the caller has: then the test is killed.
int await(pid_t test, int caller) {
  auto handle = sys::open_process(test);
  const int ended = handle ? handle.value().get() : -1;
  for (;;) {
    pollfd polled[] = {{ended, POLLIN, 0}, {caller, POLLIN, 0}};
    ::poll(polled, 2, ended >= 0 ? -1 : kPauseMs);
    if (polled[1].revents != 0) ::kill(test, SIGKILL);
    int status = 0;
    const pid_t reaped = ::waitpid(test, &status, polled[1].revents != 0 ? 0 : WNOHANG);
    if (reaped == test) return code_of(status);
    if (reaped < 0 && errno != EINTR) return kFailed;
  }
}

int keep(int caller, const std::function<base::Result<Kept>()>& prepare, const std::function<void(const base::Error&)>& say) {
  ::setsid();
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  auto kept = prepare();
  if (!kept) {
    say(kept.error());
    return kFailed;
  }
  const pid_t test = ::fork();
  if (test == 0) {
    ::close(caller);
    ::_exit(kept.value().test());
  }
  const int code = test > 0 ? await(test, caller) : kFailed;
  kept.value().let_end();
  end_all();
  kept.value().clean_up();
  return code;
}

// The caller's signals are pending for its signalfd; SIGCHLD is among them.
int await_keeper(pid_t keeper, sys::Fd pipe) {
  int stopped_by = 0;
  auto signals = launcher::open_signals();
  for (;;) {
    int status = 0;
    if (::waitpid(keeper, &status, WNOHANG) == keeper) return stopped_by != 0 ? 128 + stopped_by : code_of(status);
    pollfd polled = {signals ? signals.value().get() : -1, POLLIN, 0};
    ::poll(&polled, 1, signals ? 1000 : kPauseMs);
    if (!signals) continue;
    for (const int number : launcher::read_signals(signals.value().get())) {
      if (number == SIGCHLD || number == SIGPIPE || number == SIGUSR1) continue;
      stopped_by = number;
      pipe.reset();
    }
  }
}

}  // namespace

int run_kept(const std::function<base::Result<Kept>()>& prepare, const std::function<void(const base::Error&)>& say) {
  auto pipe = make_pipe();
  if (!pipe) {
    say(pipe.error());
    return kFailed;
  }
  const pid_t keeper = ::fork();
  if (keeper < 0) {
    say(sys::failure("fork", {}));
    return kFailed;
  }
  if (keeper == 0) {
    pipe.value().write.reset();
    ::_exit(keep(pipe.value().read.get(), prepare, say));
  }
  pipe.value().read.reset();
  return await_keeper(keeper, std::move(pipe.value().write));
}

}  // namespace harness
