#include "launcher/facts/user_database.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "profiles/base/text.h"
#include "profiles/base/units.h"

namespace launcher {
namespace {

// 4294967295 is (uid_t)-1, which set*id(2) take for "leave it as it is".
std::optional<std::uint32_t> parse_id(std::string_view text) {
  const auto number = base::parse_unsigned(text);
  if (!number || *number >= 0xffffffffu) return std::nullopt;
  return static_cast<std::uint32_t>(*number);
}

bool is_name(std::string_view text) {
  return !text.empty() && text.front() != '+' && text.front() != '-' && text.front() != '#';
}

// The fields of a line that has just so many; nullopt for any other. Every start reads all of both files.
template <std::size_t kCount>
std::optional<std::array<std::string_view, kCount>> fields_of(std::string_view line) {
  std::array<std::string_view, kCount> fields;
  for (std::size_t i = 0; i + 1 < kCount; ++i) {
    const auto colon = line.find(':');
    if (colon == line.npos) return std::nullopt;
    fields[i] = line.substr(0, colon);
    line.remove_prefix(colon + 1);
  }
  fields.back() = line;
  if (line.find(':') != line.npos || !is_name(fields.front())) return std::nullopt;
  return fields;
}

template <class Take>
void each_line(std::string_view text, Take take) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    take(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace

std::vector<UserEntry> parse_users(std::string_view text) {
  std::vector<UserEntry> out;
  each_line(text, [&out](std::string_view line) {
    const auto fields = fields_of<7>(line);
    if (!fields) return;
    const auto uid = parse_id((*fields)[2]), gid = parse_id((*fields)[3]);
    if (uid && gid) out.push_back({std::string(fields->front()), *uid, *gid});
  });
  return out;
}

std::vector<GroupEntry> parse_groups(std::string_view text) {
  std::vector<GroupEntry> out;
  each_line(text, [&out](std::string_view line) {
    const auto fields = fields_of<4>(line);
    if (!fields) return;
    const auto gid = parse_id((*fields)[2]);
    auto members = fields->back().empty() ? std::vector<std::string>() : base::split(fields->back(), ',');
    if (gid) out.push_back({std::string(fields->front()), *gid, std::move(members)});
  });
  return out;
}

}  // namespace launcher
