#include "images/store/files.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include <filesystem>

#include "images/store/refuse.h"
#include "launcher/sys/file.h"

namespace images {
namespace {

std::string absolute(const std::string& path) {
  std::error_code failed;
  const auto out = std::filesystem::absolute(path, failed).lexically_normal();
  return failed ? path : out.string();
}

base::Status rename_at(int directory, const std::string& from, const std::string& to) {
  if (::renameat(directory, from.c_str(), directory, to.c_str()) != 0) return sys::failure("rename", to);
  return base::success();
}

constexpr int kToRead = O_RDONLY | O_NONBLOCK | O_NOCTTY;

base::Result<std::string> read_all_of(const sys::Fd& file, const struct stat& info, const std::string& path, std::uint64_t limit) {
  if (!S_ISREG(info.st_mode)) return refuse(path + ": no plain file");
  const auto size = static_cast<std::uint64_t>(info.st_size);
  if (size > limit) return refuse(path + ": longer than " + std::to_string(limit) + " bytes");
  std::string out(size, '\0');
  std::size_t have = 0;
  while (have < out.size()) {
    const ssize_t count = ::read(file.get(), out.data() + have, out.size() - have);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return sys::failure("read", path);
    if (count == 0) return refuse(path + ": became shorter while it was read");
    have += static_cast<std::size_t>(count);
  }
  return out;
}

}  // namespace

base::Result<sys::Fd> make_folders(const std::string& path) {
  std::error_code failed;
  std::filesystem::create_directories(absolute(path), failed);
  if (failed) return base::Error{"mkdir", path, failed.value(), {}};
  return sys::open(absolute(path), O_RDONLY | O_DIRECTORY);
}

base::Result<std::string> read_regular(const std::string& path, std::uint64_t limit) {
  const sys::Fd file = TRY(sys::open(path, kToRead));
  const struct stat info = TRY(sys::status_of(file.get()));
  return read_all_of(file, info, path, limit);
}

base::Result<std::string> read_own(const std::string& path, std::uint64_t limit) {
  TRY(sys::check_trusted_path(std::filesystem::path(absolute(path)).parent_path().string()));
  const sys::Fd file = TRY(sys::open(path, kToRead | O_NOFOLLOW));
  const struct stat info = TRY(sys::status_of(file.get()));
  const bool is_trusted = info.st_uid == ::geteuid() || info.st_uid == 0;
  if (!is_trusted || (info.st_mode & 0022) != 0) return refuse(path + ": others may have written it");
  return read_all_of(file, info, path, limit);
}

base::Status write_whole(const std::string& path, const std::string& bytes) {
  const std::filesystem::path full = absolute(path);
  const sys::Fd directory = TRY(sys::open(full.parent_path().string(), O_RDONLY | O_DIRECTORY));
  const std::string name = full.filename().string(), draft = "." + name + "." + std::to_string(::gettid());
  ::unlinkat(directory.get(), draft.c_str(), 0);
  auto done = sys::write_file_at(directory.get(), draft, bytes, 0644);
  if (done) done = rename_at(directory.get(), draft, name);
  if (!done) ::unlinkat(directory.get(), draft.c_str(), 0);
  return done;
}

}  // namespace images
