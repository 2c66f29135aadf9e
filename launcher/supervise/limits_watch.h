// Limits watch: says when the box ran into memory.max or pids.max, and which line of the profile set it.
//
//   t-wiki: the box ran into limits.memory.max of 512MiB (wiki.yaml:6:10): the kernel ended a process
//
// In control groups of version 2 poll(2) tells that a counter has changed (POLLPRI). In version 1 nothing tells (tried), but for
// memory an eventfd, which kernels warn of as deprecated: there we look every five seconds, as php-fpm's master does every
// second anyway, and at once when it says that a worker was killed. A box that runs into a limit without end costs four looks
// a second at most, and one line a minute.
#pragma once

#include <poll.h>

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "launcher/enforce/limit_counter.h"
#include "launcher/supervise/rate.h"

namespace launcher {

class LimitsWatch {
 public:
  static constexpr std::size_t kMost = 2;  // memory, pids

  // `in_words`: for each key its value and place, "limits.memory.max of 512MiB (wiki.yaml:6:10)".
  LimitsWatch(std::string pool, std::vector<LimitCounter> counters, std::map<std::string, std::string> in_words);

  // Fills kMost rows; -1 where there is nothing to wait for now.
  void wait_for(std::span<pollfd, kMost> polled, Instant now) const;
  // After poll(2): lines to print.
  std::vector<std::string> handle(std::span<const pollfd, kMost> polled, Instant now);
  // Sees every raw line of the log.
  std::vector<std::string> see(std::string_view line, Instant now);
  // The look that is due, and what waited for its minute.
  std::vector<std::string> report(Instant now);
  std::optional<Instant> due(Instant now) const;
  // At the end of the box, while its groups are still there.
  std::vector<std::string> last_report();

 private:
  struct Watched {
    LimitCounter counter;
    unsigned long long seen = 0;
    unsigned long long untold = 0;
    std::optional<Instant> told;
  };

  bool is_quiet() const;
  void look(Instant now);
  std::vector<std::string> tell(Instant now, bool at_once);

  std::string pool_;
  std::vector<Watched> watched_;
  std::map<std::string, std::string> in_words_;
  std::optional<Instant> looked_;
};

}  // namespace launcher
