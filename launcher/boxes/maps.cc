#include "launcher/boxes/maps.h"

#include <algorithm>

#include "profiles/base/text.h"

namespace launcher {
namespace {

constexpr std::string_view kDeleted = " (deleted)";
constexpr std::string_view kNoFiles[] = {"/memfd:", "/dev/zero", "/SYSV", "/anon_hugepage"};

// The next word; what is left begins behind it and its blanks.
std::string_view take_word(std::string_view& line) {
  const std::size_t end = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end);
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  return word;
}

bool is_file(std::string_view path) {
  return path.starts_with('/') && std::none_of(std::begin(kNoFiles), std::end(kNoFiles), [path](std::string_view none) { return path.starts_with(none); });
}

}  // namespace

std::vector<MappedFile> mapped_code(std::string_view maps) {
  std::vector<MappedFile> out;
  for (const std::string& text : base::split(maps, '\n')) {
    std::string_view line = text;
    const std::string_view range = take_word(line), rights = take_word(line);
    for (int passed_over = 0; passed_over < 3; ++passed_over) take_word(line);  // offset, device, inode
    if (rights.size() != 4 || rights[2] != 'x' || rights[3] != 'p' || !is_file(line)) continue;
    const bool is_deleted = line.ends_with(kDeleted);
    if (is_deleted) line.remove_suffix(kDeleted.size());
    const auto known = std::find_if(out.begin(), out.end(), [&](const MappedFile& one) { return one.path == line && one.is_deleted == is_deleted; });
    if (known == out.end()) out.push_back({std::string(range), std::string(line), is_deleted});
  }
  return out;
}

}  // namespace launcher
