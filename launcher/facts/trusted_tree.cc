#include "launcher/facts/trusted_tree.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>

#include "launcher/sys/file.h"

namespace launcher {
namespace {

using base::Status;

constexpr int kDeepest = 200;  // one open fd each

Status check_below(sys::Fd directory, const std::string& path, int depth);

// A symlink's own owner and mode mean nothing: who can write its folder can replace it.
Status check_entry(int parent, const std::string& name, const std::string& path, int depth) {
  const struct stat info = TRY(sys::status_at(parent, name));
  if (S_ISLNK(info.st_mode)) return base::success();
  if (info.st_uid != 0 && info.st_uid != ::geteuid())
    return base::Error{path + " belongs to uid " + std::to_string(info.st_uid) + ", not to root; chown root: " + path, {}, 0, {}};
  if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return base::Error{path + " can be written by its group or by others; chmod go-w " + path, {}, 0, {}};
  if (!S_ISDIR(info.st_mode)) return base::success();
  sys::Fd below = TRY(sys::open_at(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  return check_below(std::move(below), path, depth);
}

Status check_below(sys::Fd directory, const std::string& path, int depth) {
  if (depth >= kDeepest) return base::Error{path + " is deeper than " + std::to_string(kDeepest) + " folders", {}, 0, {}};
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(directory.get()), ::closedir);
  if (!stream) return sys::failure("open", path);
  directory.release();
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") TRY(check_entry(::dirfd(stream.get()), name, path + "/" + name, depth + 1));
  }
  return base::success();
}

}  // namespace

Status check_trusted_tree(const std::string& path) {
  struct stat info = {};
  if (::lstat(path.c_str(), &info) != 0) return errno == ENOENT || errno == ENOTDIR ? base::success() : Status(sys::failure("stat", path));
  TRY(sys::check_trusted_path(path));
  if (!S_ISDIR(info.st_mode)) return base::success();
  sys::Fd directory = TRY(sys::open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  return check_below(std::move(directory), path, 0);
}

}  // namespace launcher
