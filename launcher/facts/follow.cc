#include "launcher/facts/follow.h"

#include "profiles/base/text.h"

namespace launcher {
namespace {

constexpr std::size_t kMostLinks = 40;  // the kernel's own bound, path_resolution(7)

// Components still to walk, the next one last.
void put_before(std::vector<std::string>& left, const std::string& path) {
  const auto components = base::split(path, '/');
  left.insert(left.end(), components.rbegin(), components.rend());
}

}  // namespace

Followed follow(const std::string& path, Looks& looks) {
  Followed out;
  std::vector<std::string> left;
  put_before(left, path);
  std::string so_far;  // canonical, "" for the root
  const Look& root = looks.at("/");
  if (!path.starts_with("/") || !root.is_there) return {};
  out.status = root.status;
  while (!left.empty()) {
    const std::string name = std::move(left.back());
    left.pop_back();
    if (!S_ISDIR(out.status.st_mode)) return {};
    if (name.empty() || name == ".") continue;
    if (name == "..") {  // what is above a folder is one, and its status is not asked for unless the path ends there
      so_far.erase(so_far.empty() ? 0 : so_far.rfind('/'));
      const Look& above = looks.at(so_far.empty() ? "/" : so_far);
      if (!above.is_there) return {};
      out.status = above.status;
      continue;
    }
    std::string next = so_far + "/" + name;
    const Look& look = looks.at(next);
    if (!look.is_there) return {};
    if (!S_ISLNK(look.status.st_mode)) {
      so_far = std::move(next);
      out.status = look.status;
      continue;
    }
    if (look.link.empty() || out.links.size() >= kMostLinks) return {};
    out.links.push_back({std::move(next), look.status.st_uid, look.link});
    if (look.link.front() == '/') so_far.clear();
    put_before(left, look.link);
  }
  out.real = so_far.empty() ? "/" : so_far;
  return out;
}

Followed follow(const std::string& path) {
  Looks looks;
  return follow(path, looks);
}

}  // namespace launcher
