// Which of the pool's processes made a call: the kernel reports its number out here, FPM's scoreboard has the one in the box.
//
// The launcher may open nothing once the box runs, and shall not: a way to read /proc would be a way to read what other
// users' processes say there. It holds two files open instead, both /proc/PID/task/PID/children of FPM's master, one from
// our procfs and one from the box's. Each lists the same children in the order of their birth, the first with our numbers,
// the second with the box's; so the n-th here is the n-th there. pread(2) is all it takes, and all it gives is numbers.
//
// A child may come or go between two looks: both lists are read until one reads the same twice, or nothing is said. Whoever
// is no child of the master (what a worker started) is in neither list. Without a pid namespace there is one numbering.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string_view>
#include <vector>

#include "launcher/sys/fd.h"

namespace launcher {

class ProcessNumbers {
 public:
  ProcessNumbers() = default;  // knows nothing
  // While the launcher may still open files. What cannot be opened is not known later: a kernel without
  // CONFIG_PROC_CHILDREN, a container that may not look into its own processes.
  static ProcessNumbers of(pid_t master, bool has_namespace);

  // nullopt: not a child of the master, or not known.
  std::optional<pid_t> inside(pid_t outside) const;

 private:
  bool is_same_ = false;
  sys::Fd outside_;
  sys::Fd inside_;
};

// "22332 22526 " as the kernel writes it; anything else is no list.
std::vector<pid_t> parse_children(std::string_view text);

}  // namespace launcher
