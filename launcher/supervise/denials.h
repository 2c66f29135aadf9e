// Denials: calls that the box's filter refuses and reports through seccomp's user notification. Each gets EPERM first
// and is then told to the operator, with the line that decided and the one that would permit it.
//
// Only the arguments that the kernel copied are looked at. Reading the caller's memory would be a race, and an answer
// "continue" is never given here (seccomp_unotify(2), "not for security policy").
#pragma once

#include <linux/seccomp.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "launcher/supervise/rate.h"
#include "launcher/sys/notification.h"
#include "profiles/base/result.h"

namespace launcher {

// "www: denied: ptrace(16, 1234, 0x7f00dead0000, ...) by pid 12; decided by ...": the first three arguments.
std::string denial_text(const std::string& pool, const seccomp_data& call, pid_t pid, const std::string& decided_by);

class Denials {
 public:
  // `decided_by`: for each reported call where that was written, such as "catalog/php-fpm.yaml:31 (@debug)". To be made
  // before the launcher's own filter is loaded (Notifications).
  Denials(std::string pool, std::map<int, std::string> decided_by);

  // Answers one notification after poll(2) said that there is one. A line to print, or nothing when that call was told
  // often enough. An Error means that the listener is of no more use.
  base::Result<std::optional<std::string>> handle(int listener, Instant now);

  // true while a worker that does nothing else is made to wait: each answer costs the launcher's time, not the box's.
  bool paused(Instant now) { return answers_.empty(now); }

  // Every ten seconds, what was not told: "www: denied: ptrace 412 more times".
  std::vector<std::string> report(Instant now);
  std::vector<std::string> last_report();
  std::optional<Instant> report_due() const;

  // The decision what to print of a call, apart from the kernel.
  std::optional<std::string> tell(const seccomp_data& call, pid_t pid, Instant now);

 private:
  struct Told {
    TokenBucket bucket{5, 0.1};
    unsigned long long untold = 0;
  };

  std::string pool_;
  std::map<int, std::string> decided_by_;
  std::map<int, Told> told_;  // by number; as many as the filter reports
  std::optional<Instant> untold_since_;
  TokenBucket answers_{1000, 1000};
  sys::Notifications notifications_;
};

}  // namespace launcher
