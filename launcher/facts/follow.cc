#include "launcher/facts/follow.h"

#include <limits.h>
#include <unistd.h>

#include "launcher/sys/file.h"
#include "profiles/base/text.h"

namespace launcher {
namespace {

constexpr std::size_t kMostLinks = 40;  // the kernel's own bound, path_resolution(7)

// Components still to walk, the next one last.
void put_before(std::vector<std::string>& left, const std::string& path) {
  const auto components = base::split(path, '/');
  left.insert(left.end(), components.rbegin(), components.rend());
}

std::string link_text(int link) {
  char text[PATH_MAX] = {};
  return ::readlinkat(link, "", text, sizeof text - 1) > 0 ? text : std::string();
}

}  // namespace

Followed follow(const std::string& path) {
  Followed out;
  std::vector<std::string> left;
  put_before(left, path);
  std::string so_far;  // canonical, "" for the root
  if (!path.starts_with("/") || ::stat("/", &out.status) != 0) return {};
  while (!left.empty()) {
    const std::string name = std::move(left.back());
    left.pop_back();
    if (!S_ISDIR(out.status.st_mode)) return {};
    if (name.empty() || name == ".") continue;
    if (name == "..") {  // what is above a folder is one, and its status is not asked for unless the path ends there
      so_far.erase(so_far.empty() ? 0 : so_far.rfind('/'));
      if (::lstat(so_far.empty() ? "/" : so_far.c_str(), &out.status) != 0) return {};
      continue;
    }
    std::string next = so_far + "/" + name;
    struct stat info = {};
    if (::lstat(next.c_str(), &info) != 0) return {};
    if (!S_ISLNK(info.st_mode)) {
      so_far = std::move(next);
      out.status = info;
      continue;
    }
    const auto fd = sys::open(next, O_PATH | O_NOFOLLOW);  // owner and text of one and the same link; no text: it is none now
    const auto status = fd ? sys::status_of(fd.value().get()) : fd.error();
    if (!status) return {};
    const std::string text = link_text(fd.value().get());
    if (text.empty() || out.links.size() >= kMostLinks) return {};
    out.links.push_back({next, status.value().st_uid, text});
    if (text.front() == '/') so_far.clear();
    put_before(left, text);
  }
  out.real = so_far.empty() ? "/" : so_far;
  return out;
}

}  // namespace launcher
