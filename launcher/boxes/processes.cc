#include "launcher/boxes/processes.h"

#include <dirent.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <string_view>

namespace launcher {

Processes Processes::now() {
  std::map<pid_t, sys::ProcessStat> all;
  const std::unique_ptr<DIR, int (*)(DIR*)> proc(::opendir("/proc"), ::closedir);
  while (const dirent* entry = proc ? ::readdir(proc.get()) : nullptr) {
    const std::string_view name = entry->d_name;
    pid_t pid = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error != std::errc() || end != name.data() + name.size()) continue;
    if (const auto stat = sys::process_stat(pid)) all[pid] = stat.value();  // others ended meanwhile
  }
  return Processes(std::move(all));
}

bool Processes::has(const RecordedProcess& process) const {
  const auto at = all_.find(process.pid);
  return at != all_.end() && at->second.start == process.start && !at->second.is_dead();
}

std::vector<pid_t> Processes::children(pid_t parent) const {
  std::vector<pid_t> out;
  for (const auto& [pid, stat] : all_)
    if (stat.parent == parent && pid != parent && !stat.is_dead()) out.push_back(pid);
  return out;
}

std::vector<pid_t> Processes::family(pid_t first) const {
  std::vector<pid_t> out = {first};
  for (std::size_t i = 0; i < out.size(); ++i)
    for (const pid_t child : children(out[i]))
      if (std::find(out.begin(), out.end(), child) == out.end()) out.push_back(child);
  return out;
}

}  // namespace launcher
