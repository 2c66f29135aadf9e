// A child of the harness that runs a function of ours, such as the whole road of `fpmbox run`. Ended and reaped when it is
// dropped.
//
//   auto child = Process::start([&] { return serve(plan); }, {ready.get()});
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <vector>

#include "launcher/sys/fd.h"
#include "profiles/base/result.h"

namespace harness {

class Process {
 public:
  Process() = default;
  // `work` has 0, 1, 2 and the fds of `kept` alone open, and one thread; its exit code is what it gives.
  static base::Result<Process> start(const std::function<int()>& work, std::vector<int> kept);

  Process(Process&& other) noexcept { *this = std::move(other); }
  Process& operator=(Process&& other) noexcept;
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process() { end(); }

  explicit operator bool() const { return pid_ > 0; }
  pid_t pid() const { return pid_; }
  // Exit code, or 128 plus the signal; nothing when it is alive still after that time.
  std::optional<int> wait(int milliseconds);
  void signal(int number) const;
  // SIGTERM, and SIGKILL when that took longer than `patience_ms`; its whole process group where it leads one.
  void end(int patience_ms = kPatienceMs);

  static constexpr int kPatienceMs = 10000;

 private:
  pid_t pid_ = -1;
};

// A pipe of which both ends close at exec.
struct Pipe {
  sys::Fd read;
  sys::Fd write;
};
base::Result<Pipe> make_pipe();

}  // namespace harness
