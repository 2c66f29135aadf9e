#include "launcher/sys/cache.h"

#include <dirent.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <vector>

#include "launcher/sys/digest.h"
#include "launcher/sys/file.h"

namespace sys {
namespace {

constexpr std::size_t kLongestEntry = 4 << 20;
constexpr std::size_t kMostEntries = 256;
constexpr std::size_t kChecksumLength = sizeof(std::uint64_t);

bool is_roots_alone(int fd, mode_t kind) {
  const auto info = status_of(fd);
  return info && info.value().st_uid == 0 && (info.value().st_mode & S_IFMT) == kind &&
         (info.value().st_mode & 0077) == 0;
}

Status make_directory(const std::string& path) {
  const std::string above = path.substr(0, path.rfind('/'));
  const Fd root = TRY(open("/", O_PATH | O_DIRECTORY));
  const Fd parent = TRY(make_directories(root.get(), above.substr(1), 0755));
  TRY(make_directory_at(parent.get(), path.substr(above.size() + 1), 0700));
  return check_trusted_path(path);
}

Result<Fd> open_directory(const std::string& path) {
  if (!check_trusted_path(path)) TRY(make_directory(path));  // most often it is there
  return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

std::string checksum_of(std::string_view bytes) {
  const std::uint64_t sum = checksum(bytes);
  return {reinterpret_cast<const char*>(&sum), sizeof sum};
}

std::vector<std::string> names_in(int directory) {
  std::vector<std::string> names;
  const int copy = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (copy < 0) return names;
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(copy), ::closedir);
  while (const dirent* entry = stream ? ::readdir(stream.get()) : nullptr)
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  return names;
}

void empty_if_full(int directory) {
  const std::vector<std::string> names = names_in(directory);
  if (names.size() < kMostEntries) return;
  for (const std::string& name : names) ::unlinkat(directory, name.c_str(), 0);
}

}  // namespace

Cache Cache::open(const std::string& directory) {
  if (::geteuid() != 0) return Cache();
  auto opened = open_directory(directory);
  if (!opened || !is_roots_alone(opened.value().get(), S_IFDIR)) return Cache();
  return Cache(std::move(opened).value());
}

std::optional<std::string> Cache::find(std::string_view key) const {
  if (!directory_) return std::nullopt;
  const auto file = open_at(directory_.get(), sha256(key), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (!file || !is_roots_alone(file.value().get(), S_IFREG)) return std::nullopt;
  auto text = read_all(file.value().get(), kLongestEntry);
  if (!text || text.value().size() < kChecksumLength) return std::nullopt;
  const std::string_view bytes = std::string_view(text.value()).substr(kChecksumLength);
  if (text.value().substr(0, kChecksumLength) != checksum_of(bytes)) return std::nullopt;
  text.value().erase(0, kChecksumLength);
  return std::move(text).value();
}

void Cache::keep(std::string_view key, const std::string& bytes) const {
  if (!directory_) return;
  empty_if_full(directory_.get());
  const std::string name = sha256(key);
  const std::string draft = name + "." + std::to_string(::getpid());
  ::unlinkat(directory_.get(), draft.c_str(), 0);
  const auto written = write_file_at(directory_.get(), draft, checksum_of(bytes) + bytes, 0600);
  if (!written || ::renameat(directory_.get(), draft.c_str(), directory_.get(), name.c_str()) != 0)
    ::unlinkat(directory_.get(), draft.c_str(), 0);
}

std::string own_identity() {
  struct stat info {};
  struct utsname kernel {};
  if (::stat("/proc/self/exe", &info) != 0 || ::uname(&kernel) != 0) return {};
  char text[160];
  std::snprintf(text, sizeof text, "%llx-%llu-%lld-%lld.%09ld-%lld.%09ld ", static_cast<unsigned long long>(info.st_dev),
                static_cast<unsigned long long>(info.st_ino), static_cast<long long>(info.st_size),
                static_cast<long long>(info.st_mtim.tv_sec), info.st_mtim.tv_nsec,
                static_cast<long long>(info.st_ctim.tv_sec), info.st_ctim.tv_nsec);
  return std::string(text) + kernel.release + " " + kernel.version;
}

}  // namespace sys
