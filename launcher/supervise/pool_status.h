// FPM's full status, asked for on the launcher's private socket: what each worker does, as the pool says. Its scoreboard is
// memory that every worker can write, so that all of it is claims. Of a request only the script is read, never its address
// or its query.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "launcher/supervise/fastcgi.h"
#include "launcher/supervise/rate.h"
#include "launcher/sys/fd.h"

namespace launcher {

struct WorkerStatus {
  pid_t pid = 0;  // in the box
  bool runs = false;
  std::chrono::microseconds duration{0};  // of its request: so far, or of the last one
  std::string script;
  friend bool operator==(const WorkerStatus&, const WorkerStatus&) = default;
};

// The text of `?full`. Whatever does not look like it is passed over.
std::vector<WorkerStatus> parse_status(std::string_view text);

// The script of the request in which worker `pid` was `ago`; empty when its request began later or it is not known. Without
// a pid: of the one request that runs, or of the only worker.
std::string script_of(const std::vector<WorkerStatus>& workers, std::optional<pid_t> pid, std::chrono::microseconds ago);

// One question at a time. Never blocks: the loop polls fd() for POLLIN and calls advance().
class StatusQuestion {
 public:
  static constexpr Milliseconds kPatience{5000};
  static constexpr std::size_t kLimit = 512 * 1024;

  // Borrows an O_PATH fd of the status socket's inode, as Ping does; -1: nobody can be asked.
  explicit StatusQuestion(int socket_inode) : inode_(socket_inode) {}

  bool ask(Instant now);
  bool is_asked() const { return bool(connection_); }
  Instant asked_at() const { return due_ - kPatience; }
  // An answer, empty when there was none in time or it was none.
  std::optional<std::vector<WorkerStatus>> advance(Instant now);
  int fd() const { return connection_.get(); }  // -1 between two questions
  std::optional<Instant> due() const { return connection_ ? std::optional(due_) : std::nullopt; }

 private:
  int inode_;
  sys::Fd connection_;
  FastcgiParser parser_{kLimit};
  Instant due_{};
};

}  // namespace launcher
