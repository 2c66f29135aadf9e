// Other processes, so that a number that the kernel gave away again is never taken for the process that had it before.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "launcher/sys/fd.h"
#include "profiles/base/result.h"

namespace sys {

struct ProcessStat {
  pid_t pid = 0;
  char state = '?';
  pid_t parent = 0;
  std::uint64_t start = 0;  // in ticks since the boot
  friend bool operator==(const ProcessStat&, const ProcessStat&) = default;
  // Ended, whether or not it was waited for.
  bool is_dead() const { return state == 'Z' || state == 'X'; }
};

// Of a /proc/PID/stat text (proc(5)). The name in it may hold anything, also spaces and brackets.
std::optional<ProcessStat> parse_stat(std::string_view text);
base::Result<ProcessStat> process_stat(pid_t pid);

std::vector<pid_t> children_of(pid_t parent);  // of this moment

base::Result<Fd> open_process(pid_t pid);  // pidfd_open(2), kernel 5.3
base::Status signal_process(int pidfd, int number);

}  // namespace sys
