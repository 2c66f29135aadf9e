// What a process has mapped, as /proc/PID/maps says it (proc(5)). Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace launcher {

struct MappedFile {
  std::string range;        // its name in /proc/PID/map_files
  std::string path;         // as seen by the process, without the kernel's " (deleted)"
  bool is_deleted = false;
  friend bool operator==(const MappedFile&, const MappedFile&) = default;
};

// Programs and libraries, each once: what is mapped from a file, privately and with the right to execute. Shared memory
// (opcache) and memfds look like deleted files to the kernel, and are none.
std::vector<MappedFile> mapped_code(std::string_view maps);

}  // namespace launcher
