#include "launcher/facts/mount_text.h"

#include <algorithm>
#include <cstdint>

#include "profiles/base/text.h"
#include "profiles/base/units.h"

namespace launcher {
namespace {

// A blank, a tab, a line's end and a backslash are written as \040, \011, \012 and \134.
std::string unescaped(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_octal = text[i] == '\\' && i + 3 < text.size() &&
                          std::all_of(text.begin() + static_cast<long>(i) + 1, text.begin() + static_cast<long>(i) + 4,
                                      [](char c) { return c >= '0' && c <= '7'; });
    if (!is_octal) {
      out += text[i];
      continue;
    }
    out += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
    i += 3;
  }
  return out;
}

// As tmpfs writes them: "size=262144k", "nr_inodes=16384", "nr_inodes=16k".
std::optional<std::uint64_t> size_of(std::string text) {
  constexpr std::string_view kUnits = "kmg";
  const auto unit = text.empty() ? kUnits.npos : kUnits.find(text.back());
  if (unit != kUnits.npos) text.pop_back();
  const auto number = base::parse_unsigned(text);
  const unsigned shift = unit == kUnits.npos ? 0 : 10 * (static_cast<unsigned>(unit) + 1);
  if (!number || *number > (UINT64_MAX >> shift)) return std::nullopt;
  return *number << shift;
}

// tmpfs(5): 0 is no limit at all.
std::optional<std::uint64_t> limit_in(const std::string& text) {
  const auto size = size_of(text);
  return size == 0U ? std::nullopt : size;
}

// A mount is read-only by itself or because its file system is.
void add_options(const std::string& options, MountFact& mount) {
  for (const std::string& option : base::split(options, ',')) {
    if (option == "ro") mount.read_only = true;
    if (option == "noexec") mount.no_exec = true;
    if (option == "nosuid") mount.no_suid = true;
    if (option == "nodev") mount.no_dev = true;
    if (option.starts_with("size=")) mount.size = limit_in(option.substr(5));
    if (option.starts_with("nr_inodes=")) mount.inodes = limit_in(option.substr(10));
  }
}

bool is_within(const std::string& path, const std::string& folder) {
  return path == folder || folder == "/" || path.starts_with(folder + "/");
}

}  // namespace

// 36 35 98:0 /root /point rw,noatime master:1 - ext3 /dev/root rw,errors=continue
std::vector<MountFact> parse_mounts(std::string_view text) {
  std::vector<MountFact> out;
  for (const std::string& line : base::split(text, '\n')) {
    const auto fields = base::split(line, ' ');
    const auto dash = std::find(fields.begin(), fields.end(), "-");
    if (fields.size() < 10 || dash - fields.begin() < 6 || fields.end() - dash < 4) continue;
    MountFact mount;
    mount.point = unescaped(fields[4]);
    mount.type = dash[1];
    add_options(fields[5], mount);
    add_options(dash[3], mount);
    out.push_back(std::move(mount));
  }
  return out;
}

const MountFact* mount_of(const std::vector<MountFact>& mounts, const std::string& path) {
  const MountFact* nearest = nullptr;
  for (const MountFact& mount : mounts)
    if (is_within(path, mount.point) && (nearest == nullptr || mount.point.size() >= nearest->point.size())) nearest = &mount;
  return nearest;
}

}  // namespace launcher
