#include "launcher/boxes/processes.h"

#include <dirent.h>
#include <poll.h>

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

bool is_hidden(pid_t pid) {
  if (pid <= 0 || sys::process_stat(pid)) return false;
  const auto process = sys::open_process(pid);
  if (!process || !sys::signal_process(process.value().get(), 0)) return false;
  pollfd end = {process.value().get(), POLLIN, 0};  // of one that has ended and was not waited for, too
  return ::poll(&end, 1, 0) == 0;
}

bool Processes::has(const RecordedProcess& process) const {
  const auto at = all_.find(process.pid);
  if (at == all_.end()) return is_hidden(process.pid);
  return at->second.start == process.start && !at->second.is_dead();
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
