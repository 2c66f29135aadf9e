// How much the box may use. Keys as in the kernel's cgroup v2; v1 hosts get the same limits under their own names.
#pragma once
#include "profiles/model/describe.h"

namespace profiles {

struct Limits {
  std::optional<base::Bytes> memory_max;
  std::optional<std::uint32_t> pids_max;
  std::optional<base::Percent> cpu_max;
  std::uint32_t nofile = 1024;  // RLIMIT_NOFILE, soft and hard
  base::Bytes core{0};          // RLIMIT_CORE
  base::Duration start_timeout{30000};
  base::Duration stop_timeout{30000};
  friend bool operator==(const Limits&, const Limits&) = default;
};

template <class V>
void describe(V& v, Limits& f) {
  v.field("memory.max", f.memory_max, "Memory of the whole box.");
  v.field("pids.max", f.pids_max, "Processes and threads of the whole box.");
  v.field("cpu.max", f.cpu_max, "Processor time; 100% is one core.");
  v.field("nofile", f.nofile, "Open files of each process.");
  v.field("core", f.core, "Size of a core dump; 0B means none.");
  v.field("start_timeout", f.start_timeout, "How long the pool may take to answer its first ping.");
  v.field("stop_timeout", f.stop_timeout, "How long requests may take to finish at a stop before the box is killed.");
}

}  // namespace profiles
