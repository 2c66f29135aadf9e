#include "launcher/facts/ask_program.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

#include "launcher/sys/file.h"

namespace launcher {
namespace {

using Clock = std::chrono::steady_clock;

// In the child, after fork: raw calls only.
bool become(const std::optional<Question::Ids>& ids) {
  if (!ids) return true;
  return ::setgroups(0, nullptr) == 0 && ::setresgid(ids->gid, ids->gid, ids->gid) == 0 &&
         ::setresuid(ids->uid, ids->uid, ids->uid) == 0;
}

bool enter(const std::string& root) { return root.empty() || ::chroot(root.c_str()) == 0; }

[[noreturn]] void run(const Question& question, int output, int nothing, char* const* argv) {
  char* const environment[] = {nullptr};
  const bool ready = ::dup2(nothing, 0) == 0 && ::dup2(output, 1) == 1 && ::dup2(nothing, 2) == 2 &&
                     ::syscall(SYS_close_range, 3U, ~0U, 0U) == 0 && enter(question.root) && ::chdir("/") == 0 && ::setsid() > 0 &&
                     become(question.as) && ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
                     ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0;  // last: a change of uid clears it
  if (ready) ::execve(question.program.c_str(), argv, environment);
  ::_exit(127);
}

int remaining(Clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return left > 0 ? static_cast<int>(left) : 0;
}

// false when nothing came before the deadline.
bool wait_for(int fd, Clock::time_point deadline) {
  for (;;) {
    struct pollfd one = {fd, POLLIN, 0};
    const int count = ::poll(&one, 1, remaining(deadline));
    if (count > 0) return true;
    if (count == 0 || errno != EINTR) return false;
  }
}

base::Result<std::string> listen_to(int output, const Question& question, Clock::time_point deadline) {
  std::string answer;
  char buffer[16384];
  for (;;) {
    if (!wait_for(output, deadline)) return base::Error{"no answer in time", question.program, 0, {}};
    const ssize_t count = ::read(output, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return sys::failure("read", question.program);
    if (count == 0) return answer;
    answer.append(buffer, static_cast<std::size_t>(count));
    if (answer.size() > question.longest_answer) return base::Error{"its answer is too long", question.program, 0, {}};
  }
}

// The child is gone after this, whatever it did. Its end is waited for only until the deadline.
bool end(pid_t child, Clock::time_point deadline) {
  const sys::Fd process(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
  if (!process || !wait_for(process.get(), deadline)) ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return false;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

base::Result<std::string> ask_program(const Question& question) {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) return sys::failure("pipe", question.program);
  const sys::Fd reading(ends[0]);
  sys::Fd writing(ends[1]);
  const sys::Fd nothing = TRY(sys::open("/dev/null", O_RDWR));
  std::vector<std::string> words = {question.program};
  words.insert(words.end(), question.arguments.begin(), question.arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  const auto deadline = Clock::now() + std::chrono::milliseconds(question.deadline_ms);
  const pid_t child = ::fork();
  if (child < 0) return sys::failure("fork", question.program);
  if (child == 0) run(question, writing.get(), nothing.get(), argv.data());
  writing.reset();
  auto answer = listen_to(reading.get(), question, deadline);
  const bool good = end(child, answer ? deadline : Clock::now());
  if (answer && !good) return base::Error{"it could not be run, or failed", question.program, 0, {}};
  return answer;
}

}  // namespace launcher
