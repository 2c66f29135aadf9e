// Respawn watch: FPM replaces a worker that dies at once by the next, without any delay and for ever. This reads FPM's
// own log lines and says when there is no hope. Pure.
//
// Workers that lived longer count for nothing (request_terminate_timeout), nor does code 0 once the pool has answered
// (pm.max_requests); before that it is a worker that could not even accept. Once the pool has answered, a crash is taken as one request's until there are very many: else a visitor who finds a
// request that crashes PHP could stop the whole pool with ten of them.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "launcher/supervise/rate.h"

namespace launcher {

// How FPM says that a worker ended: "[pool www] child 12 exited with code 70 after 0.002409 seconds from start".
struct WorkerEnd {
  std::string how;  // "with code 70", "on signal 31 (SIGSYS)"
  Milliseconds lived{0};
  friend bool operator==(const WorkerEnd&, const WorkerEnd&) = default;
};
std::optional<WorkerEnd> parse_worker_end(std::string_view line);

class RespawnWatch {
 public:
  // The pool answered its ping: workers can start.
  void answered() { answered_ = true; }
  // Sees every raw line; the answer, when there is one, is the reason to stop the box.
  std::optional<std::string> see(std::string_view line, Instant now);

 private:
  bool answered_ = false;
  std::deque<Instant> start_failures_;
  std::deque<Instant> crashes_;
  std::string last_words_;  // what a worker last said into its stderr
};

}  // namespace launcher
