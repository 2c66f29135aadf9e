#include "launcher/harness/native_child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>

#include "launcher/sys/file.h"

namespace harness {
namespace {

constexpr std::size_t kMost = 240;
constexpr int kPatienceOfExecMs = 15000;

// Shared with the child: it has no descriptor that an act could lose, close or mistake for another.
struct Slate {
  int written;
  char text[kMost];
};

class SharedSlate {
 public:
  SharedSlate() {
    void* const at = ::mmap(nullptr, sizeof(Slate), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    slate_ = at == MAP_FAILED ? nullptr : static_cast<Slate*>(at);
  }
  SharedSlate(const SharedSlate&) = delete;
  SharedSlate& operator=(const SharedSlate&) = delete;
  ~SharedSlate() {
    if (slate_ != nullptr) ::munmap(slate_, sizeof(Slate));
  }
  Slate* get() const { return slate_; }

 private:
  Slate* slate_ = nullptr;
};

void write_on(Slate& slate, const std::string& word) {
  word.copy(slate.text, kMost - 1);
  __atomic_store_n(&slate.written, 1, __ATOMIC_RELEASE);
}

// Programs that an act starts must not write into our answers.
void silence_streams() {
  const int null = ::open("/dev/null", O_RDWR);
  for (int stream = 0; null >= 0 && stream < 3; ++stream) ::dup2(null, stream);
  if (null > 2) ::close(null);
}

[[noreturn]] void run_child(const std::function<Attempt()>& act, Slate& slate) {
  ::setpgid(0, 0);
  silence_streams();
  const Attempt said = act();
  write_on(slate, said ? said.value() : word_of(said.error()));
  ::_exit(0);
}

long milliseconds_now() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// SIGCHLD stays blocked while it is waited for: one that comes between a look and the wait is not lost.
class Blocked {
 public:
  Blocked() {
    ::sigemptyset(&child_);
    ::sigaddset(&child_, SIGCHLD);
    ::sigprocmask(SIG_BLOCK, &child_, &before_);
  }
  Blocked(const Blocked&) = delete;
  Blocked& operator=(const Blocked&) = delete;
  ~Blocked() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }

  void wait(long ms) const {
    const timespec most = {ms / 1000, (ms % 1000) * 1000000};
    ::sigtimedwait(&child_, nullptr, &most);
  }
  void restore() const { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t child_{};
  sigset_t before_{};
};

bool has_ended(pid_t child) {
  siginfo_t info{};
  return ::waitid(P_PID, child, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == child;
}

// The status of `child`, which is dead and reaped afterwards; -1 when it had to be killed for its lateness.
int await(pid_t child, const Blocked& blocked, int patience_ms) {
  const long end = milliseconds_now() + patience_ms;
  bool in_time = has_ended(child);
  for (long left = patience_ms; !in_time && left > 0; left = end - milliseconds_now()) {
    blocked.wait(left);
    in_time = has_ended(child);
  }
  ::kill(-child, SIGKILL);  // before it is reaped: until then the group's number is nobody else's
  ::kill(child, SIGKILL);   // should it have left its group
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return in_time ? status : -1;
}

std::string signal_name(int number) {
  const char* const name = ::sigabbrev_np(number);
  return name == nullptr ? "signal " + std::to_string(number) : std::string("SIG") + name;
}

std::string said(const Slate& slate, int status, int patience_ms) {
  if (__atomic_load_n(&slate.written, __ATOMIC_ACQUIRE) != 0) return std::string(slate.text, ::strnlen(slate.text, kMost));
  if (status < 0) return "no answer in " + std::to_string(patience_ms / 1000) + " s";
  if (WIFSIGNALED(status)) return signal_name(WTERMSIG(status));
  return "ran";  // our own code leaves with a word: another program has taken its place
}

}  // namespace

std::string errno_name(int code) {
  const char* const name = ::strerrorname_np(code);
  return name == nullptr ? "errno " + std::to_string(code) : name;
}

std::string word_of(long result) { return result == -1 ? errno_name(errno) : "ok"; }

std::string word_of(const base::Error& error) { return (error.code == 0 ? "error" : errno_name(error.code)) + " at " + error.act; }

std::string try_in_child(const std::function<Attempt()>& act, int patience_ms) {
  const SharedSlate shared;
  if (shared.get() == nullptr) return errno_name(errno) + " at mmap";
  const Blocked blocked;
  const pid_t child = ::fork();
  if (child < 0) return errno_name(errno) + " at fork";
  if (child == 0) {
    blocked.restore();
    run_child(act, *shared.get());
  }
  ::setpgid(child, child);
  const int status = await(child, blocked, patience_ms);
  return said(*shared.get(), status, patience_ms);
}

Attempt try_exec(const std::function<void()>& exec) {
  const auto in_child = [&exec]() -> Attempt {
    exec();
    return errno_name(errno);
  };
  return try_in_child(in_child, kPatienceOfExecMs);
}

}  // namespace harness
