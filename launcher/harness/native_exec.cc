// Probes that try to start a program. K is the number of the fd that the filter of a box lets through once.
#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher/harness/native_probes.h"
#include "launcher/harness/tiny_program.h"
#include "launcher/sys/file.h"

namespace harness {
namespace {

using base::Result;

constexpr const char* kName = "fpmbox-program";

// argv[0] and one argument more; without it the loader would ask for a program.
struct Words {
  explicit Words(const std::string& argument) : first("x"), second(argument) {
    if (argument.empty()) pointers[1] = nullptr;
  }
  std::string first, second;
  char* pointers[3] = {first.data(), second.data(), nullptr};
};
char* const kNoEnvironment[] = {nullptr};

long exec_at(int folder, const char* path, char* const argv[], int flags) {
  return ::syscall(SYS_execveat, folder, path, argv, kNoEnvironment, flags);
}

Result<sys::Fd> uploaded(const std::string& folder, const std::string& content) {
  const sys::Fd directory = TRY(sys::open(folder, O_PATH | O_DIRECTORY));
  ::unlinkat(directory.get(), kName, 0);
  TRY(sys::write_file_at(directory.get(), kName, content, 0755));
  return sys::open_at(directory.get(), kName, O_RDONLY);
}

std::string path_in(const std::string& folder) { return folder + "/" + kName; }

// The file goes again, whatever became of it.
Attempt with_uploaded(const std::string& folder, const std::string& content, const std::function<Attempt(const sys::Fd&)>& act) {
  const sys::Fd file = TRY(uploaded(folder, content));
  Attempt said = act(file);
  ::unlink(path_in(folder).c_str());
  return said;
}

// A number at or above the limit is none: outside, where the limit may be lower than K, it is raised as far as it goes.
base::Status put_on(int file, int number) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
  if (::dup2(file, number) < 0) return sys::failure("dup2", {});
  return base::success();
}

Attempt exec_on(int number, const std::string& argument) {
  return try_exec([&] { exec_at(number, "", Words(argument).pointers, AT_EMPTY_PATH); });
}

constexpr const char* kVersion = "--version";  // what the loader answers without a program

}  // namespace

Attempt probe_exec_file(const ProbeArguments& a) {
  return try_exec([&] { ::execve(text_at(a, 0).c_str(), Words(text_at(a, 1)).pointers, kNoEnvironment); });
}

Attempt probe_exec_at(const ProbeArguments& a) {
  return try_exec([&] { exec_at(AT_FDCWD, text_at(a, 0).c_str(), Words(text_at(a, 1)).pointers, 0); });
}

Attempt probe_exec_uploaded(const ProbeArguments& a) {
  const std::string& folder = text_at(a, 0);
  return with_uploaded(folder, tiny_program(), [&](const sys::Fd&) {
    return try_exec([&] { ::execve(path_in(folder).c_str(), Words("").pointers, kNoEnvironment); });
  });
}

Attempt probe_exec_uploaded_fd(const ProbeArguments& a) {
  return with_uploaded(text_at(a, 0), tiny_program(), [&](const sys::Fd& file) { return exec_on(file.get(), ""); });
}

Attempt probe_exec_script(const ProbeArguments& a) {
  const std::string& folder = text_at(a, 0);
  return with_uploaded(folder, "#!/bin/sh\nexit 0\n", [&](const sys::Fd&) {
    return try_exec([&] { ::execve(path_in(folder).c_str(), Words("").pointers, kNoEnvironment); });
  });
}

Attempt probe_exec_memfd(const ProbeArguments&) {
  const sys::Fd file(::memfd_create("x", 0));
  if (!file) return sys::failure("memfd_create", {});
  TRY(sys::write_all(file.get(), tiny_program()));
  return exec_on(file.get(), "");
}

Attempt probe_spawn(const ProbeArguments& a) {
  pid_t child = 0;
  const int code = ::posix_spawn(&child, text_at(a, 0).c_str(), nullptr, nullptr, Words("").pointers, kNoEnvironment);
  if (code != 0) return errno_name(code);
  ::waitpid(child, nullptr, 0);
  return std::string("ran");
}

Attempt probe_uploaded_on_k(const ProbeArguments& a) {
  const int number = static_cast<int>(number_at(a, 1));
  return with_uploaded(text_at(a, 0), tiny_program(), [&](const sys::Fd& file) -> Attempt {
    TRY(put_on(file.get(), number));
    return exec_on(number, "");
  });
}

Attempt probe_file_on_k(const ProbeArguments& a) {
  const int number = static_cast<int>(number_at(a, 1));
  const sys::Fd file = TRY(sys::open(text_at(a, 0), static_cast<int>(number_at(a, 2))));
  TRY(put_on(file.get(), number));
  return exec_on(number, kVersion);
}

Attempt probe_path_beside_k(const ProbeArguments& a) {
  return try_exec([&] { exec_at(static_cast<int>(number_at(a, 1)), text_at(a, 0).c_str(), Words(kVersion).pointers, AT_EMPTY_PATH); });
}

// Whatever is there: the box's own program should be closed by now. Outside something is put there first.
Attempt probe_k_itself(const ProbeArguments& a) {
  const int number = static_cast<int>(number_at(a, 1));
  const auto file = sys::open(text_at(a, 0), O_RDONLY);
  if (file && ::fcntl(number, F_GETFD) < 0) [[maybe_unused]] const auto put = put_on(file.value().get(), number);
  return exec_on(number, kVersion);
}

}  // namespace harness
