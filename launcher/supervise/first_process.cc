#include "launcher/supervise/first_process.h"

#include <errno.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <optional>

#include "launcher/supervise/own_privileges.h"
#include "launcher/supervise/signals.h"
#include "launcher/sys/file.h"
#include "launcher/sys/process.h"

namespace launcher {
namespace {

int code_of(const siginfo_t& info) { return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status; }

// All that have ended; a value when the launcher is among them.
std::optional<int> reap(pid_t launcher) {
  std::optional<int> out;
  for (;;) {
    siginfo_t info = {};
    if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG) != 0 || info.si_pid == 0) return out;
    if (info.si_pid == launcher) out = code_of(info);
  }
}

void hand_on(int pidfd, int number) { ::syscall(SYS_pidfd_send_signal, pidfd, number, nullptr, 0); }

}  // namespace

base::Result<ForkedLauncher> fork_launcher() {
  ForkedLauncher out;
  out.pid = ::fork();
  if (out.pid < 0) return sys::failure("fork", "the launcher");
  if (out.pid == 0) return out;
  out.is_first = true;
  out.pidfd = TRY(sys::open_process(out.pid));
  return out;
}

base::Result<int> serve_first(ForkedLauncher launcher) {
  const sys::Fd signals = TRY(open_signals());
  TRY(keep_capabilities(capability_bit(CAP_KILL)));
  TRY(drop_nothing_but_growth());
  TRY(load_supervisor_filter());
  for (;;) {
    pollfd source = {signals.get(), POLLIN, 0};
    if (::poll(&source, 1, -1) < 0 && errno != EINTR) return sys::failure("poll", "signals");
    for (const int number : read_signals(signals.get()))
      if (number != SIGCHLD) hand_on(launcher.pidfd.get(), number);
    if (const auto code = reap(launcher.pid)) return *code;
  }
}

}  // namespace launcher
