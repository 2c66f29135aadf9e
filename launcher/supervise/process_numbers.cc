#include "launcher/supervise/process_numbers.h"

#include <linux/openat2.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <string>

#include "launcher/sys/file.h"

namespace launcher {
namespace {

constexpr std::size_t kLongestList = 64 * 1024;
constexpr int kLooks = 3;

// No link is followed behind the box's root, which is the kernel's own and leads to it alone.
sys::Fd open_inside(const std::string& process) {
  auto root = sys::open(process + "/root", O_PATH | O_DIRECTORY);
  if (!root) return sys::Fd();
  auto list = sys::open_beneath(root.value().get(), "proc/1/task/1/children", O_RDONLY, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
  return list ? std::move(list).value() : sys::Fd();
}

std::string read_list(const sys::Fd& file) {
  std::string text(kLongestList, '\0');
  const ssize_t count = ::pread(file.get(), text.data(), text.size(), 0);
  text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return text;
}

}  // namespace

std::vector<pid_t> parse_children(std::string_view text) {
  std::vector<pid_t> out;
  while (!text.empty()) {
    pid_t pid = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), pid);
    if (error != std::errc() || pid <= 0 || end == text.data() + text.size() || *end != ' ') return {};
    out.push_back(pid);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  }
  return out;
}

ProcessNumbers ProcessNumbers::of(pid_t master, bool has_namespace) {
  ProcessNumbers out;
  out.is_same_ = !has_namespace;
  const std::string process = "/proc/" + std::to_string(master);
  if (!has_namespace) return out;
  if (auto list = sys::open(process + "/task/" + std::to_string(master) + "/children", O_RDONLY)) out.outside_ = std::move(list).value();
  out.inside_ = open_inside(process);
  return out;
}

std::optional<pid_t> ProcessNumbers::inside(pid_t outside) const {
  if (is_same_) return outside;
  if (!outside_ || !inside_) return std::nullopt;
  std::string before = read_list(outside_);
  for (int look = 0; look < kLooks; ++look) {
    const std::vector<pid_t> there = parse_children(read_list(inside_));
    const std::string after = read_list(outside_);
    const std::vector<pid_t> here = parse_children(after);
    const auto at = std::find(here.begin(), here.end(), outside);
    if (before == after && here.size() == there.size())
      return at == here.end() ? std::nullopt : std::optional(there[static_cast<std::size_t>(at - here.begin())]);
    before = after;
  }
  return std::nullopt;
}

}  // namespace launcher
