// Probes that take until somebody says no. What they took goes with their child; files they remove.
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <vector>

#include "launcher/harness/native_probes.h"
#include "launcher/sys/file.h"

namespace harness {
namespace {

constexpr std::size_t kBlock = 1 << 20;

struct Resource {
  std::string_view name;
  int number;
};
constexpr Resource kResources[] = {{"core", RLIMIT_CORE}, {"nofile", RLIMIT_NOFILE}, {"nproc", RLIMIT_NPROC}, {"memlock", RLIMIT_MEMLOCK}};

int resource_of(const std::string& name) {
  for (const Resource& resource : kResources)
    if (resource.name == name) return resource.number;
  return -1;
}

std::string text_of(rlim_t value) { return value == RLIM_INFINITY ? "unlimited" : std::to_string(value); }

}  // namespace

Attempt probe_fork_bomb(const ProbeArguments& a) {
  std::vector<pid_t> children;
  std::string word = "ok";
  while (children.size() < number_at(a, 0)) {
    const pid_t child = ::fork();
    if (child == 0)
      for (;;) ::pause();
    if (child < 0) {
      word = errno_name(errno);
      break;
    }
    children.push_back(child);
  }
  for (const pid_t child : children) ::kill(child, SIGKILL);
  for (const pid_t child : children) ::waitpid(child, nullptr, 0);
  return word;
}

Attempt probe_open_files(const ProbeArguments& a) {
  for (std::uint64_t i = 0; i < number_at(a, 0); ++i)
    if (::open("/dev/null", O_RDONLY) < 0) return errno_name(errno);
  return std::string("ok");
}

Attempt probe_take_memory(const ProbeArguments& a) {
  const std::size_t size = number_at(a, 0);
  void* const at = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) return errno_name(errno);
  std::memset(at, 1, size);
  return std::string("ok");
}

Attempt probe_fill_folder(const ProbeArguments& a) {
  const std::string path = text_at(a, 0) + "/fpmbox-big";
  const sys::Fd file = TRY(sys::open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600));
  ::unlink(path.c_str());
  const std::vector<char> block(kBlock, 'x');
  for (std::uint64_t written = 0; written < number_at(a, 1);) {
    const ssize_t size = ::write(file.get(), block.data(), block.size());
    if (size < 0) return errno_name(errno);
    written += static_cast<std::uint64_t>(size);
  }
  return std::string("ok");
}

// Names for one file: tmpfs counts each as a file, and the control's disk has them sooner than as many files.
Attempt probe_fill_inodes(const ProbeArguments& a) {
  const std::string path = text_at(a, 0) + "/fpmbox-many";
  ::mkdir(path.c_str(), 0700);
  const sys::Fd folder = TRY(sys::open(path, O_PATH | O_DIRECTORY));
  const auto name = [](std::uint64_t i) { return std::to_string(i); };
  TRY(sys::write_file_at(folder.get(), name(0), {}, 0600));
  std::string word = "ok";
  std::uint64_t made = 1;
  for (; made < number_at(a, 1) && word == "ok"; ++made)
    word = word_of(::linkat(folder.get(), name(0).c_str(), folder.get(), name(made).c_str(), 0));
  for (std::uint64_t i = 0; i < made; ++i) ::unlinkat(folder.get(), name(i).c_str(), 0);
  ::rmdir(path.c_str());
  return word;
}

Attempt probe_hard_limit(const ProbeArguments& a) {
  rlimit limit{};
  if (::getrlimit(static_cast<__rlimit_resource>(resource_of(text_at(a, 0))), &limit) != 0) return sys::failure("getrlimit", {});
  return text_of(limit.rlim_max);
}

// Down first, which everybody may, and up again to what it was: outside the hard limit is as high as the soft one then.
Attempt probe_raise_limit(const ProbeArguments& a) {
  const auto resource = static_cast<__rlimit_resource>(resource_of(text_at(a, 0)));
  rlimit limit{};
  if (::getrlimit(resource, &limit) != 0) return sys::failure("getrlimit", {});
  if (limit.rlim_cur < limit.rlim_max) limit.rlim_cur = limit.rlim_max;
  return word_of(::setrlimit(resource, &limit));
}

}  // namespace harness
