#include "launcher/enforce/stale.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <charconv>
#include <string>
#include <vector>

namespace launcher {
namespace {

bool is_of_the_dead(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return false;
  name.remove_prefix(prefix.size());
  pid_t pid = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
  if (error != std::errc() || end != name.data() + name.size() || pid <= 0) return false;
  return ::kill(pid, 0) != 0 && errno == ESRCH;
}

}  // namespace

std::size_t remove_stale(int directory, std::string_view prefix, int flags) {
  const int fd = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* entries = fd >= 0 ? ::fdopendir(fd) : nullptr;
  if (entries == nullptr) return 0;
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(entries))
    if (is_of_the_dead(entry->d_name, prefix)) names.emplace_back(entry->d_name);
  ::closedir(entries);
  std::size_t removed = 0;
  for (const std::string& name : names) removed += ::unlinkat(directory, name.c_str(), flags) == 0;
  return removed;
}

}  // namespace launcher
