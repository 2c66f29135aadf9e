#include "launcher/learn/box_paths.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <unistd.h>

#include "launcher/sys/file.h"
#include "profiles/base/text.h"

namespace launcher {
namespace {

std::string read_link(const std::string& path) {
  std::string text(PATH_MAX, '\0');
  const ssize_t length = ::readlink(path.c_str(), text.data(), text.size());
  text.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
  return text;
}

std::string path_of(const sys::Fd& fd) { return read_link("/proc/self/fd/" + std::to_string(fd.get())); }

std::string base_of(pid_t process, int directory) {
  const std::string own = "/proc/" + std::to_string(process);
  return read_link(directory == AT_FDCWD ? own + "/cwd" : own + "/fd/" + std::to_string(directory));
}

}  // namespace

base::Result<BoxPaths> BoxPaths::open(pid_t pid) {
  BoxPaths out;
  out.root_ = TRY(sys::open("/proc/" + std::to_string(pid) + "/root", O_PATH | O_DIRECTORY));
  return out;
}

BoxPath BoxPaths::find(pid_t process, int directory, const std::string& path, bool follows) const {
  if (path.starts_with("/")) return find_absolute(path, follows);
  return find_absolute(base_of(process, directory) + "/" + path, follows);
}

BoxPath BoxPaths::find_absolute(const std::string& path, bool follows) const {
  constexpr unsigned long long kInside = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  if (const auto found = sys::open_beneath(root_.get(), path, O_PATH | (follows ? 0 : O_NOFOLLOW), kInside))
    return {path_of(found.value()), true};
  const auto slash = path.rfind('/');
  const std::string parent = slash == 0 ? "/" : path.substr(0, slash);
  if (const auto found = sys::open_beneath(root_.get(), parent, O_PATH | O_DIRECTORY, kInside))
    return {base::without_dots(path_of(found.value()) + path.substr(slash)), false};
  return {base::without_dots(path), false};
}

}  // namespace launcher
