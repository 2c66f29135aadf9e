#include "launcher/facts/program_text.h"

#include "profiles/base/text.h"

namespace launcher {
namespace {

constexpr std::size_t kLongestLine = 127;  // Linux before 5.1; later kernels take 255
constexpr std::string_view kBlanks = " \t\r";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(kBlanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

}  // namespace

std::optional<std::vector<std::string>> first_line(std::string_view head) {
  if (!head.starts_with("#!")) return std::nullopt;
  const auto end = head.find('\n');
  if (end == head.npos || end > kLongestLine) return std::vector<std::string>();
  const std::string_view line = trimmed(head.substr(2, end - 2));
  const auto blank = line.find_first_of(kBlanks);
  const std::string interpreter(line.substr(0, blank));
  if (!base::is_normal_absolute(interpreter)) return std::vector<std::string>();
  if (blank == line.npos) return std::vector{interpreter};
  return std::vector{interpreter, std::string(trimmed(line.substr(blank)))};
}

LibraryList parse_library_list(std::string_view text) {
  LibraryList out;
  for (const std::string& line : base::split(text, '\n')) {
    const std::string_view row = trimmed(line);
    const auto arrow = row.find(" => ");
    const std::string_view path = arrow == row.npos ? row : trimmed(row.substr(arrow + 4));
    if (path.starts_with("not found"))
      out.lost.emplace_back(row.substr(0, arrow));
    else if (const auto address = path.rfind(" (0x"); path.starts_with('/') && address != path.npos)
      out.found.emplace_back(path.substr(0, address));  // what has no path is the kernel's own (vdso(7))
  }
  return out;
}

}  // namespace launcher
