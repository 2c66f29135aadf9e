#include "launcher/sys/file.h"

#include <errno.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <climits>
#include <cstdlib>
#include <memory>
#include <optional>

#include "profiles/base/text.h"

namespace sys {

Error failure(std::string act, std::string subject) { return Error{std::move(act), std::move(subject), errno, {}}; }

Result<Fd> open_at(int directory, const std::string& name, int flags, mode_t mode) {
  for (;;) {
    int fd = ::openat(directory, name.c_str(), flags | O_CLOEXEC, mode);
    if (fd >= 0) return Fd(fd);
    if (errno != EINTR) return failure("open", name);
  }
}

Result<Fd> open(const std::string& path, int flags, mode_t mode) { return open_at(AT_FDCWD, path, flags, mode); }

Result<Fd> open_beneath(int directory, const std::string& path, int flags, unsigned long long resolve) {
  struct open_how how {};
  how.flags = static_cast<unsigned long long>(flags | O_CLOEXEC);
  how.resolve = resolve;
  for (;;) {
    long fd = ::syscall(SYS_openat2, directory, path.c_str(), &how, sizeof how);
    if (fd >= 0) return Fd(static_cast<int>(fd));
    if (errno != EINTR && errno != EAGAIN) return failure("openat2", path);
  }
}

static Error symlink_in_the_way(int directory, const std::string& component, const std::string& so_far) {
  char target[PATH_MAX] = {};
  if (::readlinkat(directory, component.c_str(), target, sizeof target - 1) < 0) target[0] = '?';
  return Error{so_far + " is a symlink to " + target + "; write the path it leads to", {}, 0, {}};
}

Result<Fd> open_without_links(const std::string& path, int flags) {
  // Without O_NOFOLLOW, which together with O_PATH would open a link at the end. What fails is walked, to name what is in the way.
  if (auto opened = open_beneath(AT_FDCWD, path, flags, RESOLVE_NO_SYMLINKS)) return opened;
  Fd here = TRY(open("/", O_PATH | O_DIRECTORY));
  std::string so_far;
  auto components = base::split(path.substr(1), '/');
  if (path == "/") components.clear();
  for (std::size_t i = 0; i < components.size(); ++i) {
    so_far += "/" + components[i];
    struct stat info = {};
    if (::fstatat(here.get(), components[i].c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) return failure("open", so_far);
    if (S_ISLNK(info.st_mode)) return symlink_in_the_way(here.get(), components[i], so_far);
    const bool last = i + 1 == components.size();
    auto next = open_at(here.get(), components[i], (last ? flags : O_PATH | O_DIRECTORY) | O_NOFOLLOW);
    if (!next) return Error{"open", so_far, next.error().code, {}};
    here = std::move(next).value();
  }
  return here;
}

Result<struct stat> status_of(int fd) {
  struct stat info = {};
  if (::fstat(fd, &info) != 0) return failure("fstat", {});
  return info;
}

Result<struct stat> status_at(int directory, const std::string& name) {
  struct stat info = {};
  if (::fstatat(directory, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) return failure("stat", name);
  return info;
}

Status make_directory_at(int directory, const std::string& name, mode_t mode) {
  if (::mkdirat(directory, name.c_str(), mode) != 0 && errno != EEXIST) return failure("mkdir", name);
  return base::success();
}

Result<Fd> make_directories(int directory, const std::string& path, mode_t mode) {
  if (path.empty()) return open_at(directory, ".", O_PATH | O_DIRECTORY);
  // Most are there: one call in the place of two for each.
  if (auto known = open_beneath(directory, path, O_PATH | O_DIRECTORY, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS)) return known;
  Fd here = TRY(open_at(directory, ".", O_PATH | O_DIRECTORY));
  std::string so_far;
  for (const std::string& component : base::split(path, '/')) {
    so_far += "/" + component;
    auto made = make_directory_at(here.get(), component, mode);
    if (!made) return Error{"mkdir", so_far, made.error().code, {}};
    auto next = open_at(here.get(), component, O_PATH | O_DIRECTORY | O_NOFOLLOW);
    if (!next && next.error().code == ENOTDIR)
      return Error{so_far + " must be a folder, and is a file or a symlink; remove it", {}, 0, {}};
    if (!next) return Error{"open", so_far, next.error().code, {}};
    here = std::move(next).value();
  }
  return here;
}

Status write_file_at(int directory, const std::string& name, const std::string& content, mode_t mode) {
  Fd file = TRY(open_at(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600));
  TRY(write_all(file.get(), content));
  if (::fchmod(file.get(), mode) != 0) return failure("chmod", name);
  return base::success();
}

Status symlink_at(const std::string& target, int directory, const std::string& name) {
  if (::symlinkat(target.c_str(), directory, name.c_str()) != 0) return failure("symlink", name);
  return base::success();
}

Status device_at(int directory, const std::string& name, unsigned major, unsigned minor, mode_t mode) {
  if (::mknodat(directory, name.c_str(), S_IFCHR | 0600, makedev(major, minor)) != 0) return failure("mknod", name);
  if (::fchmodat(directory, name.c_str(), mode, 0) != 0) return failure("chmod", name);
  return base::success();
}

// In one piece where the file says how long it is; those of /proc say 0.
static std::size_t expected_length(int fd, std::size_t limit) {
  constexpr std::size_t kUnknown = 4096;
  struct stat info = {};
  if (::fstat(fd, &info) != 0 || info.st_size <= 0) return kUnknown;
  return std::min(static_cast<std::size_t>(info.st_size), limit) + 1;  // one more, to see the end at once
}

Result<std::string> read_all(int fd, std::size_t limit) {
  std::string bytes(expected_length(fd, limit), '\0');
  std::size_t done = 0;
  for (;;) {
    const ssize_t count = ::read(fd, bytes.data() + done, bytes.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failure("read", {});
    done += static_cast<std::size_t>(count);
    if (done > limit) return Error{"longer than " + std::to_string(limit) + " bytes", {}, 0, {}};
    if (count == 0) break;
    if (done == bytes.size()) bytes.resize(2 * done);
  }
  bytes.resize(done);
  return bytes;
}

Result<std::string> read_file(const std::string& path, std::size_t limit) {
  Fd file = TRY(open(path, O_RDONLY));
  return read_all(file.get(), limit);
}

Status write_all(int fd, const std::string& bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    ssize_t count = ::write(fd, bytes.data() + done, bytes.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failure("write", {});
    done += static_cast<std::size_t>(count);
  }
  return base::success();
}

Status change_owner(int fd, uid_t uid, gid_t gid) {
  if (::fchownat(fd, "", uid, gid, AT_EMPTY_PATH) != 0) return failure("chown", {});
  return base::success();
}

Status close_to_others(int folder) {
  const struct stat info = TRY(status_of(folder));
  if (info.st_uid != ::geteuid() || (info.st_mode & (S_IWGRP | S_IWOTH)) == 0) return base::success();
  const std::string by_fd = "/proc/self/fd/" + std::to_string(folder);
  if (::chmod(by_fd.c_str(), 0755) != 0) return failure("chmod", "folder");
  return base::success();
}

// A sticky directory (/tmp) may be writable by all: what root or the caller owns in it, only they can replace.
static Status check_trusted(const std::string& path, const struct stat& info) {
  const bool ours = info.st_uid == 0 || info.st_uid == ::geteuid();
  if (!ours)
    return Error{path + " belongs to uid " + std::to_string(info.st_uid) + ", not to root; chown root: " + path, {}, 0, {}};
  const bool others_write = (info.st_mode & (S_IWGRP | S_IWOTH)) != 0;
  const bool sticky = S_ISDIR(info.st_mode) && (info.st_mode & S_ISVTX) != 0;
  if (others_write && !sticky) {
    return Error{path + " can be written by its group or by others; chmod go-w " + path, {}, 0, {}};
  }
  return base::success();
}

// Nothing where it is not the canonical path, or nothing is there: then realpath(3) tells.
static std::optional<Status> check_each(const std::string& path) {
  if (!path.starts_with('/')) return std::nullopt;
  Status all = base::success();
  std::string so_far;
  for (const std::string& component : base::split(path == "/" ? path.substr(1) : path, '/')) {
    if (component == "." || component == "..") return std::nullopt;
    so_far += so_far == "/" ? component : "/" + component;
    struct stat info = {};
    if (::lstat(so_far.c_str(), &info) != 0 || S_ISLNK(info.st_mode)) return std::nullopt;
    if (all) all = check_trusted(so_far, info);
  }
  return all;
}

Status check_trusted_path(const std::string& path) {
  if (auto checked = check_each(path)) return *checked;
  std::unique_ptr<char, void (*)(void*)> real(::realpath(path.c_str(), nullptr), std::free);
  if (!real) return failure("open", path);
  auto checked = check_each(real.get());
  return checked ? *checked : failure("open", path);
}

}  // namespace sys
