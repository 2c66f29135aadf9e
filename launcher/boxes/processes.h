// One look at all processes, so that several boxes are judged by the same moment.
#pragma once

#include <map>
#include <vector>

#include "launcher/boxes/record.h"
#include "launcher/sys/process.h"

namespace launcher {

// A launcher is not dumpable: where /proc is mounted with hidepid=, it is not shown even to the user whose it is. Then it is told
// by the number alone whether it lives.
bool is_hidden(pid_t pid);

class Processes {
 public:
  Processes() = default;
  explicit Processes(std::map<pid_t, sys::ProcessStat> all) : all_(std::move(all)) {}
  static Processes now();

  // Is it the recorded one, and does it still run?
  bool has(const RecordedProcess& process) const;
  std::vector<pid_t> children(pid_t parent) const;  // without the dead
  std::vector<pid_t> family(pid_t first) const;     // itself and all below it

 private:
  std::map<pid_t, sys::ProcessStat> all_;
};

}  // namespace launcher
