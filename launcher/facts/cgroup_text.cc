#include "launcher/facts/cgroup_text.h"

#include <algorithm>

#include "profiles/base/text.h"
#include "profiles/base/units.h"

namespace launcher {
namespace {

bool contains(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_octal(char c) { return c >= '0' && c <= '7'; }

// mountinfo writes space, tab, newline and backslash as \040 \011 \012 \134.
std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '\\' && i + 3 < text.size() && is_octal(text[i + 1]) && is_octal(text[i + 2]) &&
                        is_octal(text[i + 3]);
    if (!escape) {
      out += text[i];
      continue;
    }
    out += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
    i += 3;
  }
  return out;
}

// "36 35 98:0 /root /point rw,noatime shared:1 - cgroup2 source rw,opts": any number of fields stand before the dash.
bool parse_mount(const std::string& line, CgroupMount& mount) {
  const auto fields = base::split(line, ' ');
  const auto dash = std::find(fields.begin() + std::min<std::ptrdiff_t>(6, std::ssize(fields)), fields.end(), "-");
  if (fields.end() - dash < 4) return false;
  const std::string& type = dash[1];
  mount.version = type == "cgroup2" ? 2 : type == "cgroup" ? 1 : 0;
  mount.options = base::split(dash[3], ',');
  mount.root = unescape(fields[3]);
  mount.point = unescape(fields[4]);
  mount.read_only = contains(base::split(fields[5], ','), "ro") || contains(mount.options, "ro");
  return mount.version != 0 && base::is_normal_absolute(mount.point) && mount.root.starts_with("/");
}

// A path that the kernel writes as "/../x" lies outside of the cgroup namespace that asks.
bool is_reachable(const std::string& path) { return base::is_normal_absolute(path); }

// The directory of group `path` where `mount` shows `mount.root`; "" when it does not show it.
std::string directory_below(const CgroupMount& mount, const std::string& path) {
  if (!is_reachable(mount.root)) return {};
  const std::string root = mount.root == "/" ? "" : mount.root;
  const std::string group = path == "/" ? "" : path;
  if (group != root && !group.starts_with(root + "/")) return {};
  const std::string point = mount.point == "/" ? "" : mount.point;
  return point + group.substr(root.size());
}

const CgroupMembership* membership_of(std::string_view controller, const std::vector<CgroupMembership>& memberships) {
  const CgroupMembership* unified = nullptr;
  for (const CgroupMembership& one : memberships) {
    if (one.version == 2) unified = &one;
    if (!controller.empty() && one.version == 1 && contains(one.controllers, controller)) return &one;
  }
  return unified;
}

bool lists(std::string_view text, std::string_view word) {
  for (const std::string& line : base::split(text, '\n'))
    if (contains(base::split(line, ' '), word)) return true;
  return false;
}

bool holds_others(const std::string& processes, std::initializer_list<int> own) {
  for (const std::string& process : base::split(processes, '\n')) {
    const bool is_own = std::any_of(own.begin(), own.end(), [&](int one) { return process == std::to_string(one); });
    if (!process.empty() && !is_own) return true;
  }
  return false;
}

CgroupController nowhere(std::string reason) { return {0, {}, std::move(reason)}; }

}  // namespace

std::vector<CgroupMembership> parse_memberships(std::string_view text) {
  std::vector<CgroupMembership> out;
  for (const std::string& line : base::split(text, '\n')) {
    const auto first = line.find(':');
    const auto second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos || !base::parse_unsigned(line.substr(0, first))) continue;
    CgroupMembership one;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    one.version = controllers.empty() ? 2 : 1;
    if (one.version == 1) one.controllers = base::split(controllers, ',');
    one.path = line.substr(second + 1);  // may hold colons and spaces of its own
    if (one.path.starts_with("/")) out.push_back(std::move(one));
  }
  return out;
}

std::vector<CgroupMount> parse_cgroup_mounts(std::string_view text) {
  std::vector<CgroupMount> out;
  for (const std::string& line : base::split(text, '\n')) {
    if (line.find(" - cgroup") == std::string::npos) continue;  // spares the work: hosts of containers have thousands
    CgroupMount mount;
    if (parse_mount(line, mount)) out.push_back(std::move(mount));
  }
  return out;
}

CgroupController locate_cgroup(std::string_view controller, const std::vector<CgroupMembership>& memberships,
                               const std::vector<CgroupMount>& mounts) {
  const CgroupMembership* own = membership_of(controller, memberships);
  const std::string name = controller.empty() ? "cgroup v2 hierarchy" : std::string(controller) + " controller";
  if (own == nullptr) return nowhere("this kernel has no " + name);
  if (own->path.ends_with(" (deleted)")) return nowhere("the control group of this process was removed");
  if (!is_reachable(own->path))
    return nowhere("the control group of this process lies outside of its cgroup namespace");
  CgroupController found = nowhere("the " + name + " is not mounted here, or without the group of this process");
  for (const CgroupMount& mount : mounts) {
    if (mount.version != own->version) continue;
    if (mount.version == 1 && !contains(mount.options, controller)) continue;
    const std::string directory = directory_below(mount, own->path);
    if (directory.empty()) continue;
    if (!mount.read_only) return {mount.version, directory, {}};
    found = nowhere(mount.point + " is mounted read-only, as container runtimes do");
  }
  return found;
}

std::string obstacle(const GroupState& state, std::string_view controller, const std::string& group, std::initializer_list<int> own) {
  const std::string scope = "; start it as a unit with Delegate=yes, or with systemd-run --scope -p Delegate=yes";
  if (!lists(state.controllers, controller))
    return "the " + std::string(controller) + " controller is not passed down to " + group;
  if (state.is_root) return {};
  // systemd takes controllers away again from below a unit that did not ask for them: limits would vanish silently
  if (state.taken_by_systemd) return group + " belongs to systemd" + scope;
  if (!lists(state.passed_on, controller) && holds_others(state.processes, own))
    return "other processes share the group " + group + scope;
  return {};
}

}  // namespace launcher
