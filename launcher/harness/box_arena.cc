#include "launcher/harness/box_arena.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "launcher/harness/probe_process.h"
#include "launcher/plan/inside.h"
#include "launcher/sys/file.h"
#include "launcher/sys/process.h"
#include "profiles/base/text.h"

namespace harness {
namespace {

using base::Error;
using base::Result;

constexpr std::size_t kLogShown = 2000;

// One that is unlinked by nature: nothing of it can stay behind.
Result<sys::Fd> new_log() {
  sys::Fd log(::memfd_create("fpmbox-test-log", MFD_CLOEXEC));
  if (!log) return sys::failure("memfd_create", {});
  return log;
}

int with_log(int log, const std::function<int()>& work) {
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  return work();
}

// true when a byte came, false at the end of file or after that time.
bool await_byte(int fd, int timeout_ms) {
  pollfd polled = {fd, POLLIN, 0};
  char byte = 0;
  return ::poll(&polled, 1, timeout_ms) > 0 && ::read(fd, &byte, 1) == 1;
}

}  // namespace

BoxArena::BoxArena(const Roads& roads, launcher::Trial trial, Targets targets, int start_timeout_ms, Weaken weaken)
    : roads_(roads), trial_(std::move(trial)), targets_(std::move(targets)), start_timeout_ms_(start_timeout_ms), weaken_(std::move(weaken)) {}

std::string BoxArena::act_script() const { return launcher::inside::kTrialScript; }

Result<std::string> BoxArena::start() {
  launcher::Trial trial = trial_;
  trial.socket = std::to_string(::getpid()) + "-" + std::to_string(++started_) + ".sock";
  launcher::Plan plan = weaken_(roads_.plan(trial));
  const std::string path = plan.live.unix_path;
  Pipe ready = TRY(make_pipe());
  log_ = TRY(new_log());
  std::vector<int> kept = roads_.kept;
  kept.insert(kept.end(), {ready.write.get(), log_.get()});
  const int log = log_.get(), answered = ready.write.get();
  pool_ = TRY(Process::start([&] { return with_log(log, [&] { return roads_.serve(std::move(plan), answered); }); }, kept));
  ready.write.reset();
  if (await_byte(ready.read.get(), start_timeout_ms_)) return path;
  pool_.end();
  return Error{"the box did not come up: " + last_log(), {}, 0, {}};
}

Result<std::string> BoxArena::socket() {
  if (pool_ && is_alive()) return socket_;
  end_pool();
  socket_ = TRY(start());
  targets_["own_socket"] = socket_;
  return socket_;
}

bool BoxArena::is_alive() { return pool_ && !pool_.wait(0); }

void BoxArena::end_pool() { pool_.end(); }

// The launcher's children are the master and the janitor; the janitor has none, and is root's.
pid_t BoxArena::a_process() const {
  for (const pid_t child : sys::children_of(pool_.pid())) {
    const std::vector<pid_t> workers = sys::children_of(child);
    if (!workers.empty()) return workers.front();
    if (const auto name = sys::read_file("/proc/" + std::to_string(child) + "/comm", 64); name && !name.value().starts_with("fpmbox")) return child;
  }
  return -1;
}

std::string BoxArena::last_log() const {
  if (!log_) return {};
  const auto size = ::lseek(log_.get(), 0, SEEK_CUR);
  const auto from = size > static_cast<off_t>(kLogShown) ? size - static_cast<off_t>(kLogShown) : 0;
  std::string text(static_cast<std::size_t>(size - from), '\0');
  const ssize_t count = ::pread(log_.get(), text.data(), text.size(), from);
  text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  while (text.ends_with('\n')) text.pop_back();
  for (char& c : text)
    if (c == '\n') c = ';';
  return base::escape_control(text);
}

Result<std::vector<std::string>> BoxArena::probe(const std::vector<std::string>& lines, int timeout_ms) {
  launcher::Trial trial = trial_;
  trial.program = "/proc/self/exe";
  trial.arguments = {"probe"};
  launcher::Plan plan = weaken_(roads_.plan(trial));
  return ask_probe(lines, timeout_ms, roads_.kept, [&] { return roads_.attend(std::move(plan)); });
}

}  // namespace harness
