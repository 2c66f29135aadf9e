#include "launcher/supervise/signals.h"

#include <signal.h>
#include <sys/signalfd.h>

#include "launcher/sys/file.h"

namespace launcher {
namespace {

constexpr int kSignals[] = {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGCHLD, SIGPIPE};

// nohup(1) says that the terminal's end must not be ours.
bool hangup_is_ignored() {
  struct sigaction action = {};
  return ::sigaction(SIGHUP, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

sigset_t watched() {
  sigset_t set;
  ::sigemptyset(&set);
  for (int number : kSignals)
    if (number != SIGHUP || !hangup_is_ignored()) ::sigaddset(&set, number);
  return set;
}

}  // namespace

base::Status block_signals() {
  struct sigaction action = {};
  action.sa_handler = SIG_DFL;
  if (::sigaction(SIGCHLD, &action, nullptr) != 0) return sys::failure("sigaction", "SIGCHLD");
  action.sa_handler = SIG_IGN;  // a file that may not grow (RLIMIT_FSIZE) is an error of its write, and not the launcher's end
  if (::sigaction(SIGXFSZ, &action, nullptr) != 0) return sys::failure("sigaction", "SIGXFSZ");
  const sigset_t set = watched();
  if (::sigprocmask(SIG_BLOCK, &set, nullptr) != 0) return sys::failure("sigprocmask", {});
  return base::success();
}

base::Result<sys::Fd> open_signals() {
  const sigset_t set = watched();
  sys::Fd signals(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals) return sys::failure("signalfd", {});
  return signals;
}

std::vector<int> read_signals(int signals) {
  std::vector<int> numbers;
  signalfd_siginfo info = {};
  while (::read(signals, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    numbers.push_back(static_cast<int>(info.ssi_signo));
  }
  return numbers;
}

}  // namespace launcher
