#include "launcher/facts/root_mounts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/mount.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string_view>
#include <vector>

#include "launcher/facts/image_refusal.h"
#include "launcher/sys/file.h"
#include "launcher/sys/mount.h"

namespace launcher {
namespace {

using base::Result;
using base::Status;
using sys::Fd;

constexpr std::string_view kOf = ".image";  // beside each mount, a link that says which image it is of

std::string by_fd(const Fd& fd) { return "/proc/self/fd/" + std::to_string(fd.get()); }

std::string name_of(const struct stat& image) {
  char name[96];
  std::snprintf(name, sizeof name, "%llx-%llu-%lld-%lld.%09ld", static_cast<unsigned long long>(image.st_dev), static_cast<unsigned long long>(image.st_ino),
                static_cast<long long>(image.st_size), static_cast<long long>(image.st_mtim.tv_sec), image.st_mtim.tv_nsec);
  return name;
}

// Root's alone.
Result<Fd> open_roots(const std::string& run_directory) {
  const Fd top = TRY(sys::open("/", O_PATH | O_DIRECTORY));
  const Fd run = TRY(sys::make_directories(top.get(), run_directory.substr(1), 0755));
  TRY(sys::make_directory_at(run.get(), ".roots", 0700));
  Fd roots = TRY(sys::open_at(run.get(), ".roots", O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  const struct stat info = TRY(sys::status_of(roots.get()));
  if (info.st_uid != 0 || (info.st_mode & 0077) != 0) return base::Error{"it is not root's alone", run_directory + "/.roots", 0, {}};
  return roots;
}

// The link first: a folder without one would be nobody's to take away.
Result<Fd> make_place(const Fd& roots, const std::string& name, const std::string& image) {
  const std::string link = name + std::string(kOf);
  ::unlinkat(roots.get(), link.c_str(), 0);  // the image may have moved
  TRY(sys::symlink_at(image, roots.get(), link));
  TRY(sys::make_directory_at(roots.get(), name, 0700));
  return sys::open_at(roots.get(), name, O_PATH | O_DIRECTORY | O_NOFOLLOW);
}

// A mount point has another device than the folder above it.
Result<bool> is_mounted(const Fd& place) {
  const struct stat here = TRY(sys::status_of(place.get()));
  const struct stat above = TRY(sys::status_at(place.get(), ".."));
  return here.st_dev != above.st_dev;
}

std::vector<std::string> links_in(const Fd& roots) {
  std::vector<std::string> out;
  const int copy = ::openat(roots.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(copy < 0 ? nullptr : ::fdopendir(copy), [](DIR* open) { return open == nullptr ? 0 : ::closedir(open); });
  while (const dirent* entry = stream ? ::readdir(stream.get()) : nullptr)
    if (std::string_view(entry->d_name).ends_with(kOf)) out.emplace_back(entry->d_name);
  return out;
}

bool is_replaced(const Fd& roots, const std::string& link) {
  char image[PATH_MAX] = {};
  if (::readlinkat(roots.get(), link.c_str(), image, sizeof image - 1) < 0) return false;
  struct stat there = {};
  if (::stat(image, &there) != 0) return errno == ENOENT;
  return name_of(there) + std::string(kOf) != link;
}

// One that a launcher has open, or somebody works in, is busy and stays until next time.
void remove_replaced(const Fd& roots) {
  for (const std::string& link : links_in(roots)) {
    if (!is_replaced(roots, link)) continue;
    const std::string name = link.substr(0, link.size() - kOf.size());
    const int done = ::umount2((by_fd(roots) + "/" + name).c_str(), UMOUNT_NOFOLLOW);
    if (done != 0 && errno != EINVAL && errno != ENOENT) continue;  // those: none is mounted there
    ::unlinkat(roots.get(), name.c_str(), AT_REMOVEDIR);
    ::unlinkat(roots.get(), link.c_str(), 0);
  }
}

bool has_mount(const Fd& roots, const std::string& name) {
  const auto place = sys::open_at(roots.get(), name, O_PATH | O_DIRECTORY | O_NOFOLLOW);
  const auto mounted = place ? is_mounted(place.value()) : Result<bool>(false);
  return mounted && mounted.value();
}

// From here on what this process mounts is its own, and what the host mounts or takes away still comes and goes. An empty folder
// lies over the host's `.roots`, so that not even a name is left there.
Result<Fd> open_own_roots(const std::string& run_directory) {
  if (::unshare(CLONE_NEWNS) != 0) return sys::failure("unshare", "a mount namespace");
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0) return sys::failure("mount", "/, slave");
  const Fd fresh = TRY(sys::new_filesystem("tmpfs", {{"mode", "0700"}}, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC));
  const Fd roots = TRY(open_roots(run_directory));
  TRY(sys::attach(fresh.get(), roots.get()));
  return open_roots(run_directory);
}

// By what was opened and looked at, whatever is at the path by now.
Status mount_at(const Fd& place, const Fd& image) {
  const auto tree = sys::mount_image("erofs", by_fd(image), MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
  return tree ? sys::attach(tree.value().get(), place.get()) : Status(explain_mount(tree.error()));
}

}  // namespace

Result<std::string> mount_root(const Fd& image, const std::string& path, const std::string& run_directory, MountedFor whom) {
  if (::geteuid() != 0) return base::Error{"an image is mounted by root alone; name a folder", {}, 0, {}};
  if (run_directory.empty()) return base::Error{"there is no folder to mount it in", {}, 0, {}};
  TRY(sys::check_trusted_path(path));
  const Fd content = TRY(sys::open(by_fd(image), O_RDONLY));
  TRY(check_erofs(content));
  const struct stat info = TRY(sys::status_of(image.get()));
  const std::string name = name_of(info);
  Fd roots = TRY(open_roots(run_directory));
  const std::string there = run_directory + "/.roots/" + name;
  if (whom == MountedFor::this_process && has_mount(roots, name)) return there;  // whoever only looks writes nothing
  if (whom == MountedFor::this_process) {
    const bool is_own = TRY(is_mounted(roots));  // by one that was looked at before
    if (!is_own) roots = TRY(open_own_roots(run_directory));
  }
  if (whom == MountedFor::boxes) remove_replaced(roots);
  const Fd place = TRY(make_place(roots, name, path));
  const bool is_there = TRY(is_mounted(place));
  if (!is_there) TRY(mount_at(place, image));
  return there;
}

}  // namespace launcher
