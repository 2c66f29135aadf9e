// Probes of files: around the view, with modes and kinds that no upload needs, and those that came with the exec.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher/harness/native_probes.h"
#include "launcher/sys/file.h"
#include "profiles/kernel/syscall_names.h"

namespace harness {
namespace {

constexpr unsigned kHandleSize = 128;
constexpr int kMostFds = 4096;

struct Handle {
  unsigned size = kHandleSize;
  int type = 0;
  unsigned char bytes[kHandleSize] = {};
};

base::Result<Handle> handle_of(const std::string& path) {
  Handle handle;
  int mount = 0;
  if (::syscall(SYS_name_to_handle_at, AT_FDCWD, path.c_str(), &handle, &mount, 0) != 0) return sys::failure("name_to_handle_at", {});
  return handle;
}

constexpr mode_t kPlain = 0755;
constexpr mode_t kSetUser = 06755;

struct ChangeMode {
  std::string_view name;
  long (*run)(const char* path);
};

long by_name(const char* name, const char* path, mode_t mode, unsigned long high) {
  const auto number = profiles::syscall_number(name);
  if (!number) return -2;
  return ::syscall(*number, path, high | mode);
}

// The same act by every call that can do it; -2 where this architecture has none.
constexpr ChangeMode kChangeMode[] = {
    {"chmod", [](const char* path) { return by_name("chmod", path, kSetUser, 0); }},
    {"chmod_high", [](const char* path) { return by_name("chmod", path, kSetUser, 1UL << 32); }},
    {"fchmod",
     [](const char* path) -> long {
       const auto file = sys::open(path, O_WRONLY);
       return file ? ::fchmod(file.value().get(), kSetUser) : -1;
     }},
    {"fchmodat", [](const char* path) { return ::syscall(SYS_fchmodat, AT_FDCWD, path, kSetUser); }},
    {"fchmodat2",
     [](const char* path) { return ::syscall(profiles::newer_syscall_number("fchmodat2").value_or(-1), AT_FDCWD, path, kSetUser, 0); }},
};

struct MountFlag {
  std::string_view name;
  unsigned long bit;
};
constexpr MountFlag kMountFlags[] = {{"nosuid", ST_NOSUID}, {"nodev", ST_NODEV}, {"noexec", ST_NOEXEC}, {"read_only", ST_RDONLY}};

bool is_folder(int fd) {
  struct stat info{};
  return ::fstat(fd, &info) == 0 && S_ISDIR(info.st_mode);
}

template <class Wanted>
std::string any_fd(Wanted wanted) {
  for (int fd = 3; fd < kMostFds; ++fd)
    if (::fcntl(fd, F_GETFD) >= 0 && wanted(fd)) return "ok";
  return "none";
}

}  // namespace

Attempt probe_open_by_handle(const ProbeArguments& a) {
  Handle handle = TRY(handle_of(text_at(a, 1)));
  const sys::Fd folder = TRY(sys::open(text_at(a, 0), O_RDONLY | O_DIRECTORY));
  return word_of(::syscall(SYS_open_by_handle_at, folder.get(), &handle, O_RDONLY));
}

Attempt probe_name_to_handle(const ProbeArguments& a) {
  const auto handle = handle_of(text_at(a, 0));
  return handle ? "ok" : errno_name(handle.error().code);
}

Attempt probe_make_node(const ProbeArguments& a) {
  const std::string path = text_at(a, 0) + "/fpmbox-node";
  ::unlink(path.c_str());
  const std::string word = word_of(::syscall(SYS_mknodat, AT_FDCWD, path.c_str(), number_at(a, 1), number_at(a, 2)));
  ::unlink(path.c_str());
  return word;
}

// What counts is the bit on the disk, whatever the call said.
Attempt probe_setuid_bit(const ProbeArguments& a) {
  const std::string path = text_at(a, 0) + "/fpmbox-mode";
  ::unlink(path.c_str());
  const sys::Fd file = TRY(sys::open(path, O_WRONLY | O_CREAT | O_EXCL, kPlain));
  std::string word = "no such way";
  for (const ChangeMode& way : kChangeMode) {
    if (way.name != text_at(a, 1)) continue;
    const long result = way.run(path.c_str());
    word = result == -2 ? kNoSuchCall : word_of(result);
  }
  const auto info = sys::status_of(file.get());
  ::unlink(path.c_str());
  return info && (info.value().st_mode & (S_ISUID | S_ISGID)) != 0 ? "ok" : word == "ok" ? "without effect" : word;
}

Attempt probe_mount_flag(const ProbeArguments& a) {
  struct statvfs info{};
  if (::statvfs(text_at(a, 0).c_str(), &info) != 0) return sys::failure("statfs", {});
  for (const MountFlag& flag : kMountFlags)
    if (flag.name == text_at(a, 1)) return std::string((info.f_flag & flag.bit) != 0 ? "set" : "not set");
  return std::string("no such flag");
}

Attempt probe_inherited_folders(const ProbeArguments&) { return any_fd(is_folder); }

Attempt probe_inherited_files(const ProbeArguments&) {
  return any_fd([](int fd) { return !is_folder(fd); });
}

Attempt probe_open_beneath_inherited(const ProbeArguments& a) {
  const std::string path = "." + text_at(a, 0);
  for (int fd = 0; fd < kMostFds; ++fd)
    if (const sys::Fd opened(::openat(fd, path.c_str(), O_RDONLY)); opened) return std::string("ok");
  return std::string("nothing");
}

}  // namespace harness
