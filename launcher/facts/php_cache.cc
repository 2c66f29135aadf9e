#include "launcher/facts/php_cache.h"

#include <unistd.h>

#include <cstdio>

#include "launcher/sys/file.h"

namespace launcher {
namespace {

constexpr std::size_t kLongestFile = 1 << 16;

bool is_ours_alone(int fd, mode_t kind, mode_t refused) {
  const auto info = sys::status_of(fd);
  return info && info.value().st_uid == ::geteuid() && (info.value().st_mode & S_IFMT) == kind &&
         (info.value().st_mode & refused) == 0;
}

base::Result<sys::Fd> open_directory(const std::string& path) {
  TRY(sys::check_trusted_path(path));
  sys::Fd directory = TRY(sys::open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  if (!is_ours_alone(directory.get(), S_IFDIR, 0077)) return base::Error{"not ours alone", path, 0, {}};
  return directory;
}

// /run/fpmbox itself is passed through by the web server on its way to the pools' sockets.
base::Result<sys::Fd> make_directory(const std::string& path) {
  const std::string above = path.substr(0, path.rfind('/'));
  const sys::Fd root = TRY(sys::open("/", O_PATH | O_DIRECTORY));
  const sys::Fd parent = TRY(sys::make_directories(root.get(), above.substr(1), 0755));
  TRY(sys::make_directory_at(parent.get(), path.substr(above.size() + 1), 0700));
  return open_directory(path);
}

base::Status keep(const std::string& path, const std::string& name, const std::string& text) {
  const sys::Fd directory = TRY(make_directory(path));
  const std::string draft = name + "." + std::to_string(::getpid());
  ::unlinkat(directory.get(), draft.c_str(), 0);
  TRY(sys::write_file_at(directory.get(), draft, text, 0600));
  if (::renameat(directory.get(), draft.c_str(), directory.get(), name.c_str()) != 0)
    return sys::failure("rename", name);
  return base::success();
}

}  // namespace

// The first figure is that of the answer's form: two versions of fpmbox on one host do not overwrite each other's.
std::string php_cache_name(const struct stat& file) {
  char name[160];
  std::snprintf(name, sizeof name, "2-%llx-%llu-%lld-%lld.%09ld-%lld.%09ld",
                static_cast<unsigned long long>(file.st_dev), static_cast<unsigned long long>(file.st_ino),
                static_cast<long long>(file.st_size), static_cast<long long>(file.st_mtim.tv_sec),
                file.st_mtim.tv_nsec, static_cast<long long>(file.st_ctim.tv_sec), file.st_ctim.tv_nsec);
  return name;
}

std::optional<std::string> read_from_php_cache(const std::string& directory, const std::string& name) {
  if (directory.empty()) return std::nullopt;
  const auto folder = open_directory(directory);
  if (!folder) return std::nullopt;
  const auto file = sys::open_at(folder.value().get(), name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (!file || !is_ours_alone(file.value().get(), S_IFREG, 0022)) return std::nullopt;
  auto text = sys::read_all(file.value().get(), kLongestFile);
  if (!text) return std::nullopt;
  return std::move(text).value();
}

std::optional<PhpAnswer> read_php_cache(const std::string& directory, const std::string& name) {
  const auto text = read_from_php_cache(directory, name);
  return text ? read_php_answer(*text) : std::nullopt;
}

void write_to_php_cache(const std::string& directory, const std::string& name, const std::string& text) {
  if (!directory.empty()) (void)keep(directory, name, text).ok();
}

void write_php_cache(const std::string& directory, const std::string& name, const PhpAnswer& answer) {
  write_to_php_cache(directory, name, format_php_answer(answer));
}

}  // namespace launcher
