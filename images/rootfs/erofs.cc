#include "images/rootfs/erofs.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <vector>

#include "images/store/refuse.h"
#include "profiles/base/text.h"

namespace images {
namespace {

constexpr std::array kPrograms = {"/usr/bin/mkfs.erofs", "/usr/sbin/mkfs.erofs"};

base::Result<std::string> find_program() {
  std::error_code failed;
  for (const char* program : kPrograms)
    if (std::filesystem::exists(program, failed)) return std::string(program);
  return refuse("there is no mkfs.erofs on this machine; on Debian: apt install erofs-utils, or take --rootfs dir");
}

base::Result<int> run(const std::string& program, const std::vector<std::string>& words) {
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  // no locale, no time zone, no SOURCE_DATE_EPOCH of the caller
  char* environment[] = {nullptr};
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t pid = 0;
  const int code = ::posix_spawn(&pid, program.c_str(), &actions, nullptr, argv.data(), environment);
  ::posix_spawn_file_actions_destroy(&actions);
  if (code != 0) return base::Error{"starting", program, code, {}};
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0)
    if (errno != EINTR) return base::Error{"waitpid", program, errno, {}};
  return status;
}

}  // namespace

base::Status make_erofs(const std::string& folder, std::int64_t epoch, const std::string& uuid, const std::string& output) {
  const std::string program = TRY(find_program());
  // -x-1: labels of the builder's own machine are no part of it
  const int status = TRY(run(program, {program, "--quiet", "-zlz4hc,9", "-C65536", "-x-1", "--all-root", "-T" + std::to_string(epoch), "-U" + uuid, output, folder}));
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return refuse(program + " failed; what it said is above");
  return base::success();
}

}  // namespace images
