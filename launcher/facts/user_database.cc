#include "launcher/facts/user_database.h"

#include <optional>

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

bool is_name(const std::string& text) {
  return !text.empty() && text.front() != '+' && text.front() != '-' && text.front() != '#';
}

}  // namespace

std::vector<UserEntry> parse_users(std::string_view text) {
  std::vector<UserEntry> out;
  for (const std::string& line : base::split(text, '\n')) {
    const auto fields = base::split(line, ':');
    if (fields.size() != 7 || !is_name(fields[0])) continue;
    const auto uid = parse_id(fields[2]), gid = parse_id(fields[3]);
    if (uid && gid) out.push_back({fields[0], *uid, *gid});
  }
  return out;
}

std::vector<GroupEntry> parse_groups(std::string_view text) {
  std::vector<GroupEntry> out;
  for (const std::string& line : base::split(text, '\n')) {
    const auto fields = base::split(line, ':');
    if (fields.size() != 4 || !is_name(fields[0])) continue;
    const auto gid = parse_id(fields[2]);
    if (gid)
      out.push_back({fields[0], *gid, fields[3].empty() ? std::vector<std::string>() : base::split(fields[3], ',')});
  }
  return out;
}

}  // namespace launcher
