#include "launcher/harness/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>

#include "launcher/enforce/prepared.h"
#include "launcher/sys/file.h"
#include "launcher/sys/process.h"

namespace harness {
namespace {

// What the harness holds for others must not live on in a child: an end of a pipe that stays open is never seen to close.
void close_all_but(std::vector<int> kept) {
  for (const int standard : {0, 1, 2}) kept.push_back(standard);
  std::sort(kept.begin(), kept.end());
  unsigned next = 0;
  for (const int fd : kept) {
    if (fd < 0 || static_cast<unsigned>(fd) < next) continue;
    if (static_cast<unsigned>(fd) > next) ::close_range(next, static_cast<unsigned>(fd) - 1, 0);
    next = static_cast<unsigned>(fd) + 1;
  }
  ::close_range(next, ~0U, 0);
}

}  // namespace

base::Result<Process> Process::start(const std::function<int()>& work, std::vector<int> kept) {
  const pid_t pid = ::fork();
  if (pid < 0) return sys::failure("fork", {});
  if (pid == 0) {
    ::setpgid(0, 0);
    close_all_but(std::move(kept));
    (void)launcher::reserve_low_fds().ok();  // a box that is made here places its fds there
    ::_exit(work());
  }
  ::setpgid(pid, pid);
  Process out;
  out.pid_ = pid;
  return out;
}

Process& Process::operator=(Process&& other) noexcept {
  if (this == &other) return *this;
  end();
  pid_ = std::exchange(other.pid_, -1);
  return *this;
}

std::optional<int> Process::wait(int milliseconds) {
  if (pid_ <= 0) return 0;
  if (auto handle = sys::open_process(pid_)) {
    pollfd ended = {handle.value().get(), POLLIN, 0};
    ::poll(&ended, 1, milliseconds);
  }
  int status = 0;
  const pid_t reaped = ::waitpid(pid_, &status, WNOHANG);
  if (reaped == 0 || (reaped < 0 && errno == EINTR)) return std::nullopt;
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void Process::signal(int number) const {
  if (pid_ > 0) ::kill(pid_, number);
}

void Process::end(int patience_ms) {
  if (pid_ <= 0) return;
  const pid_t group = pid_;
  signal(SIGTERM);
  if (wait(patience_ms)) return;
  ::kill(-group, SIGKILL);
  signal(SIGKILL);
  while (pid_ > 0) wait(1000);
}

base::Result<Pipe> make_pipe() {
  int pair[2] = {};
  if (::pipe2(pair, O_CLOEXEC) != 0) return sys::failure("pipe", {});
  return Pipe{sys::Fd(pair[0]), sys::Fd(pair[1])};
}

}  // namespace harness
