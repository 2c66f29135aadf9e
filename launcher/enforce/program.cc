#include "launcher/enforce/program.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sha2.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include <array>

#include "launcher/enforce/stale.h"
#include "launcher/plan/inside.h"
#include "launcher/sys/file.h"
#include "launcher/sys/mount.h"

namespace launcher {
namespace {

using base::Error;
using base::Result;
using base::Status;
using sys::Fd;

std::string inode_name(const struct stat& info) {
  auto time = [](const timespec& t) { return std::to_string(t.tv_sec) + "." + std::to_string(t.tv_nsec); };
  return "of-" + std::to_string(info.st_dev) + "-" + std::to_string(info.st_ino) + "-" + std::to_string(info.st_size) + "-" +
         time(info.st_mtim) + "-" + time(info.st_ctim);
}

Result<std::string> digest(int file) {
  SHA2_CTX context;
  SHA256Init(&context);
  std::array<unsigned char, 65536> buffer;
  for (;;) {
    const ssize_t count = ::read(file, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return sys::failure("read", {});
    if (count == 0) break;
    SHA256Update(&context, buffer.data(), static_cast<std::size_t>(count));
  }
  std::array<char, SHA256_DIGEST_STRING_LENGTH> text{};
  SHA256End(&context, text.data());
  return std::string(text.data());
}

Status copy_bytes(int from, int to) {
  if (::lseek(from, 0, SEEK_SET) != 0) return sys::failure("lseek", {});
  for (;;) {
    const ssize_t count = ::sendfile(to, from, nullptr, 1 << 24);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return sys::failure("copy", {});
    if (count == 0) return base::success();
  }
}

// Under a temporary name until it is whole.
Status make_copy(int directory, int source, const std::string& name) {
  const std::string part = name + "." + std::to_string(::getpid());
  remove_stale(directory, name + ".", 0);
  ::unlinkat(directory, part.c_str(), 0);
  Fd copy = TRY(sys::open_at(directory, part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600));
  auto copied = copy_bytes(source, copy.get());
  if (copied && ::fchmod(copy.get(), 0711) == 0 && ::renameat(directory, part.c_str(), directory, name.c_str()) == 0)
    return base::success();
  const Error error = copied ? sys::failure("copy", name) : copied.error();
  ::unlinkat(directory, part.c_str(), 0);
  return error;
}

bool is_sound(const struct stat& info) {
  return S_ISREG(info.st_mode) && info.st_uid == ::geteuid() && (info.st_mode & 07777) == 0711 && info.st_nlink == 1;
}

std::string known_copy(int directory, const std::string& link) {
  std::array<char, 256> target{};
  const ssize_t length = ::readlinkat(directory, link.c_str(), target.data(), target.size() - 1);
  const std::string name(target.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
  if (!name.starts_with("php-fpm-") || name.find('/') != std::string::npos) return {};
  auto info = sys::status_at(directory, name);
  return info && is_sound(info.value()) ? name : std::string();
}

Result<std::string> copy_of(int directory, const std::string& source) {
  Fd file = TRY(sys::open(source, O_RDONLY | O_NONBLOCK));
  const struct stat info = TRY(sys::status_of(file.get()));
  const std::string link = inode_name(info);
  const std::string known = known_copy(directory, link);
  if (!known.empty()) return known;
  const std::string sum = TRY(digest(file.get()));
  const std::string name = "php-fpm-" + sum;
  auto existing = sys::status_at(directory, name);
  if (!existing || !is_sound(existing.value())) TRY(make_copy(directory, file.get(), name));
  ::unlinkat(directory, link.c_str(), 0);
  auto linked = sys::symlink_at(name, directory, link);
  if (!linked && linked.error().code != EEXIST) return linked.take_error();
  return name;
}

constexpr const char* kOwnName = "php-fpm";

Status copy_to(const Fd& directory, const Fd& source) {
  const Fd copy = TRY(sys::open_at(directory.get(), kOwnName, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600));
  TRY(copy_bytes(source.get(), copy.get()));
  if (::fchmod(copy.get(), 0111) != 0) return sys::failure("chmod", kOwnName);
  return base::success();
}

}  // namespace

Result<Fd> make_own_program(const std::string& source) {
  const Fd file = TRY(sys::open(source, O_RDONLY));
  const struct stat info = TRY(sys::status_of(file.get()));
  constexpr long kRoomForNames = 65536;
  const Fd tree = TRY(sys::new_filesystem("tmpfs", {{"size", std::to_string(info.st_size + kRoomForNames)}, {"mode", "0700"}},
                                          MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV));
  TRY(copy_to(tree, file));
  TRY(sys::set_mount_attributes(tree.get(), MOUNT_ATTR_RDONLY, 0, false));
  return sys::open_at(tree.get(), kOwnName, O_PATH | O_NOFOLLOW);
}

Result<Fd> open_program(const std::string& source, bool mounts) {
  Fd run = TRY(sys::open("/", O_PATH | O_DIRECTORY));
  run = TRY(sys::make_directories(run.get(), std::string(outside::kRun).substr(1), 0755));
  TRY(sys::make_directory_at(run.get(), ".programs", 0700));
  const Fd directory = TRY(sys::open_at(run.get(), ".programs", O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  if (::geteuid() == 0) TRY(sys::check_trusted_path(outside::kPrograms));
  const std::string name = TRY(copy_of(directory.get(), source));
  Fd program = TRY(sys::open_at(directory.get(), name, O_PATH | O_NOFOLLOW));
  if (!mounts) return program;
  Fd alone = TRY(sys::clone_tree(program.get()));
  TRY(sys::set_mount_attributes(alone.get(), MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, MOUNT_ATTR_NOEXEC, false));
  return alone;
}

}  // namespace launcher
