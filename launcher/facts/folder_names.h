// The names in a folder.
#pragma once

#include <dirent.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace launcher {

// Those that are wanted, sorted; none of a folder that is not there.
template <class IsWanted>
std::vector<std::string> names_in(const std::string& directory, IsWanted is_wanted) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(directory.c_str()), ::closedir);
  while (const dirent* entry = stream ? ::readdir(stream.get()) : nullptr)
    if (is_wanted(std::string_view(entry->d_name))) names.emplace_back(entry->d_name);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace launcher
