#include "launcher/harness/bait_victim.h"

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "launcher/harness/process.h"
#include "launcher/harness/tiny_program.h"
#include "launcher/sys/file.h"
#include "launcher/sys/user_namespace.h"

namespace harness {
namespace {

using base::Status;

constexpr int kPatienceMs = 30000;

// A program of its own, with nothing of ours in its memory: everybody of the pool's user may read it.
[[noreturn]] void be_victim(const BaitInput& input, pid_t launcher, int program) {
  char name[] = "bait";
  char argument[] = "--password=of-another";
  char variable[] = "PASSWORD=of-another";
  char* const arguments[] = {name, argument, nullptr};
  char* const environment[] = {variable, nullptr};
  if (!become(input.uid, input.gid)) ::_exit(1);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (::getppid() != launcher) ::_exit(0);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::fexecve(program, arguments, environment);
  ::_exit(1);
}

// The exec closes the pipe: nothing was written, and the process is what it should be.
Status await_exec(int report) {
  pollfd end = {report, POLLIN, 0};
  if (::poll(&end, 1, kPatienceMs) != 1) return base::Error{"the decoy process did not start", {}, 0, {}};
  return base::success();
}

}  // namespace

Status become(uid_t uid, gid_t gid) {
  if (::geteuid() != 0) return base::success();
  TRY(sys::set_groups({}));
  if (::setresgid(gid, gid, gid) != 0 || ::setresuid(uid, uid, uid) != 0) return sys::failure("setresuid", {});
  return base::success();
}

base::Result<pid_t> start_victim(const BaitInput& input) {
  const sys::Fd program(::memfd_create("bait", MFD_CLOEXEC));
  if (!program) return sys::failure("memfd_create", {});
  TRY(sys::write_all(program.get(), waiting_program()));
  Pipe report = TRY(make_pipe());
  const pid_t launcher = ::getpid();
  const pid_t victim = ::fork();
  if (victim < 0) return sys::failure("fork", {});
  if (victim == 0) be_victim(input, launcher, program.get());
  report.write.reset();
  TRY(await_exec(report.read.get()));
  return victim;
}

}  // namespace harness
