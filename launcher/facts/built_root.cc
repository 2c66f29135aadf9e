#include "launcher/facts/built_root.h"

#include <linux/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "launcher/facts/trusted_tree.h"
#include "launcher/sys/file.h"
#include "launcher/sys/mount.h"

namespace launcher {
namespace {

using base::Result;
using sys::Fd;

// One mount for all pools of an image, until the machine restarts: `ps` compares what runs with it. Another file is another image.
std::string name_of(const struct stat& image) {
  char name[96];
  std::snprintf(name, sizeof name, "%llx-%llu-%lld-%lld.%09ld", static_cast<unsigned long long>(image.st_dev), static_cast<unsigned long long>(image.st_ino),
                static_cast<long long>(image.st_size), static_cast<long long>(image.st_mtim.tv_sec), image.st_mtim.tv_nsec);
  return name;
}

Result<Fd> make_place(const std::string& run_directory, const std::string& name) {
  const Fd top = TRY(sys::open("/", O_PATH | O_DIRECTORY));
  const Fd run = TRY(sys::make_directories(top.get(), run_directory.substr(1), 0755));
  TRY(sys::make_directory_at(run.get(), ".roots", 0700));
  const Fd roots = TRY(sys::open_at(run.get(), ".roots", O_PATH | O_DIRECTORY | O_NOFOLLOW));
  const struct stat info = TRY(sys::status_of(roots.get()));
  if (info.st_uid != 0 || (info.st_mode & 0077) != 0) return base::Error{"it is not root's alone", run_directory + "/.roots", 0, {}};
  TRY(sys::make_directory_at(roots.get(), name, 0700));
  return sys::open_at(roots.get(), name, O_PATH | O_DIRECTORY | O_NOFOLLOW);
}

// A mount point has another device than the folder above it.
Result<bool> is_mounted(const Fd& place) {
  const struct stat here = TRY(sys::status_of(place.get()));
  const struct stat above = TRY(sys::status_at(place.get(), ".."));
  return here.st_dev != above.st_dev;
}

Result<std::string> mounted(const std::string& image, const struct stat& info, const std::string& run_directory) {
  if (::geteuid() != 0) return base::Error{"an image is mounted by root alone; name a folder", {}, 0, {}};
  if (run_directory.empty()) return base::Error{"there is no folder to mount it in", {}, 0, {}};
  TRY(sys::check_trusted_path(image));
  const std::string name = name_of(info);
  const Fd place = TRY(make_place(run_directory, name));
  const bool is_there = TRY(is_mounted(place));
  if (!is_there) {
    const Fd tree = TRY(sys::mount_image("erofs", image, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV));
    TRY(sys::attach(tree.get(), place.get()));
  }
  return run_directory + "/.roots/" + name;
}

// The host's own system is root's by its distribution's word; a folder lies where somebody put it. Nobody changes an image.
Result<std::string> trusted_folder(const std::string& path, const profiles::Filesystem& filesystem) {
  TRY(sys::check_trusted_path(path));
  for (const auto& system : filesystem.system) TRY(check_trusted_tree(path + system.path.text));
  return path;
}

Result<std::string> folder_of_root(const profiles::Filesystem& filesystem, const std::string& run_directory) {
  const std::string& path = filesystem.root;
  const Fd found = TRY(sys::open_without_links(path, O_PATH));
  const struct stat info = TRY(sys::status_of(found.get()));
  if (S_ISREG(info.st_mode)) return mounted(path, info, run_directory);
  if (!S_ISDIR(info.st_mode)) return base::Error{"it is neither a folder nor an image", {}, 0, {}};
  return trusted_folder(path, filesystem);
}

}  // namespace

void find_root(const profiles::Policy& policy, HostFacts& facts) {
  const std::string& path = policy.filesystem.root;
  if (!path.starts_with("/") || facts.enclosed) return;
  if (facts.ordinary_user) {
    facts.root_reason = "a built root is root's to use: an ordinary user cannot ask its PHP what it is";
    return;
  }
  auto folder = folder_of_root(policy.filesystem, facts.run_directory);
  if (folder)
    facts.root = std::move(folder).value();
  else
    facts.root_reason = folder.error().text();
}

}  // namespace launcher
