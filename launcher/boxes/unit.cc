#include "launcher/boxes/unit.h"

#include <algorithm>

#include "profiles/base/text.h"

namespace launcher {
namespace {

constexpr std::size_t kLongestUnit = 255;

bool is_main_process(const ServiceHints& hints) {
  if (hints.invocation_id.empty()) return false;
  if (!hints.exec_pid.empty()) return hints.exec_pid == std::to_string(hints.pid);
  return hints.parent == 1 && hints.notified;
}

// The path behind "0::" or "1:name=systemd:".
std::string_view systemd_path(std::string_view line) {
  const std::size_t first = line.find(':');
  const std::size_t second = first == line.npos ? first : line.find(':', first + 1);
  if (second == line.npos) return {};
  const std::string_view name = line.substr(first + 1, second - first - 1);
  return name.empty() || name == "name=systemd" ? line.substr(second + 1) : std::string_view();
}

}  // namespace

bool is_service_name(std::string_view name) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-_.\\@";
  return name.ends_with(".service") && name.size() <= kLongestUnit && name.front() != '-' &&
         name.find_first_not_of(kAllowed) == name.npos;
}

std::string unit_of(const ServiceHints& hints, std::string_view memberships) {
  if (!is_main_process(hints)) return {};
  for (const std::string& line : base::split(memberships, '\n')) {
    std::string unit;
    for (const std::string& part : base::split(systemd_path(line), '/')) {
      if (part.starts_with("user@")) return {};
      if (is_service_name(part)) unit = part;
    }
    if (!unit.empty()) return unit;
  }
  return {};
}

}  // namespace launcher
