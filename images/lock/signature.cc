#include "images/lock/signature.h"

#include <errno.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "images/store/refuse.h"
#include "launcher/sys/file.h"
#include "profiles/base/text.h"

namespace images {
namespace {

constexpr const char* kProgram = "/usr/bin/gpgv";
constexpr std::size_t kLongestAnswer = 1 << 16;

struct Answer {
  std::string status;
  int code = 0;
};

base::Result<pid_t> spawn(const std::vector<std::string>& arguments, int out) {
  std::vector<char*> argv;
  for (const std::string& word : arguments) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  char path[] = "PATH=/usr/bin:/bin";
  char* environment[] = {path, nullptr};
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t pid = 0;
  const int code = ::posix_spawn(&pid, kProgram, &actions, nullptr, argv.data(), environment);
  ::posix_spawn_file_actions_destroy(&actions);
  if (code != 0) return base::Error{"starting", kProgram, code, {}};
  return pid;
}

base::Result<Answer> ask(const std::vector<std::string>& arguments) {
  int ends[2] = {};
  if (::pipe2(ends, O_CLOEXEC) != 0) return sys::failure("pipe", {});
  const sys::Fd read(ends[0]);
  sys::Fd write(ends[1]);
  const pid_t pid = TRY(spawn(arguments, write.get()));
  write.reset();
  auto text = sys::read_all(read.get(), kLongestAnswer);
  int code = 0;
  while (::waitpid(pid, &code, 0) < 0 && errno == EINTR) {
  }
  std::string status = TRY(std::move(text));
  return Answer{std::move(status), code};
}

}  // namespace

std::vector<std::string> fingerprints_in(const std::string& status) {
  constexpr std::string_view kStart = "[GNUPG:] VALIDSIG ";
  std::vector<std::string> out;
  for (const std::string& line : base::split(status, '\n'))
    if (line.starts_with(kStart)) out.push_back(base::split(line, ' ').back());  // the primary key's
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

base::Result<std::vector<std::string>> signers_of(const std::string& signed_file, const std::string& keyring) {
  // -o: what was signed, which apt has read; --status-fd: one line a signature
  const Answer answer = TRY(ask({"gpgv", "--status-fd", "1", "--keyring", keyring, "--output", "/dev/null", signed_file}));
  std::vector<std::string> out = fingerprints_in(answer.status);
  if (!WIFEXITED(answer.code) || out.empty())
    return refuse(signed_file + ": no key of " + keyring + " signed it");
  return out;
}

}  // namespace images
