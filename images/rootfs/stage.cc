#include "images/rootfs/stage.h"

#include <sys/stat.h>
#include <unistd.h>

#include "launcher/sys/file.h"

namespace images {
namespace {

// PathMap has parents before children and nothing below a link, so no path leads out of the folder.
base::Status make_file(int folder, const std::string& path, const Entry& entry) {
  const sys::Fd file = TRY(sys::open_at(folder, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600));
  TRY(sys::write_all(file.get(), *entry.content));
  // behind the umask
  return ::fchmod(file.get(), entry.mode & 0777) == 0 ? base::success() : sys::failure("chmod", path);
}

base::Status make(int folder, const std::string& path, const Entry& entry) {
  switch (entry.kind) {
    case Entry::Kind::file: return make_file(folder, path, entry);
    case Entry::Kind::symlink: return sys::symlink_at(entry.target, folder, path);
    case Entry::Kind::directory: break;
  }
  return ::mkdirat(folder, path.c_str(), 0700) == 0 ? base::success() : sys::failure("mkdir", path);
}

base::Status settle(int folder, const std::string& path, const Entry& entry, std::int64_t epoch) {
  if (entry.kind == Entry::Kind::directory && ::fchmodat(folder, path.c_str(), entry.mode & 07777, 0) != 0) return sys::failure("chmod", path);
  const struct timespec time = {epoch, 0};
  const struct timespec both[2] = {time, time};
  return ::utimensat(folder, path.c_str(), both, AT_SYMLINK_NOFOLLOW) == 0 ? base::success() : sys::failure("utimensat", path);
}

}  // namespace

base::Status stage(const PathMap& tree, std::int64_t epoch, const std::string& folder) {
  const sys::Fd top = TRY(sys::open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  const auto& all = tree.entries();
  for (const auto& [path, entry] : all) TRY(make(top.get(), path, entry));
  // children first: what is made in a folder changes its time, and a mode without w keeps others than root out
  for (auto at = all.rbegin(); at != all.rend(); ++at) TRY(settle(top.get(), at->first, at->second, epoch));
  return settle(top.get(), ".", {.kind = Entry::Kind::directory, .mode = 0755}, epoch);
}

}  // namespace images
