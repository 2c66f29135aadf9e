#include "launcher/cli/other_users.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>

#include "launcher/facts/users.h"
#include "launcher/supervise/own_privileges.h"
#include "launcher/sys/file.h"
#include "profiles/base/text.h"
#include "profiles/base/units.h"

namespace cli {
namespace {

using base::Error;
using base::Result;
using base::Status;
using launcher::UserEntry;

constexpr std::size_t kLongestAnswer = 16 << 20;

// Root's own would lead to root's folders.
void forget_folders(uid_t uid) {
  for (const char* name : {"HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "DBUS_SESSION_BUS_ADDRESS"}) ::unsetenv(name);
  ::setenv("XDG_RUNTIME_DIR", ("/run/user/" + std::to_string(uid)).c_str(), 1);
}

[[noreturn]] void answer(const UserEntry& user, const std::function<Result<std::string>()>& ask, int output) {
  const auto become = become_user(user);
  const auto said = become ? ask() : Result<std::string>(become.error());
  const std::string text = said ? said.value() : said.error().text();
  const bool is_told = sys::write_all(output, text).ok();
  ::_exit(is_told && said ? 0 : 1);
}

}  // namespace

Result<UserEntry> named_user(const std::string& word) {
  if (::geteuid() != 0) return Error{"--user is root's: to anybody else their own boxes answer, without it", {}, 0, {}};
  if (auto found = launcher::find_user(word)) return std::move(*found);
  return Error{"there is no user `" + word + "` here", {}, 0, {}};
}

Status become_user(const UserEntry& user) {
  if (user.uid == 0) return Error{"root's boxes answer without --user", {}, 0, {}};
  TRY(launcher::become_ordinary(user.uid, user.gid));
  forget_folders(user.uid);
  return base::success();
}

std::vector<UserEntry> users_with_boxes(const std::string& runs) {
  std::vector<UserEntry> out;
  const auto above = sys::open(runs, O_PATH | O_DIRECTORY);
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(runs, ignored)) {
    const std::string name = entry.path().filename().string();
    const auto uid = base::parse_unsigned(name);
    const auto folder = uid && *uid != 0 && *uid <= UINT32_MAX && above ? sys::status_at(above.value().get(), name + "/fpmbox") : sys::failure("stat", name);
    if (!folder || !S_ISDIR(folder.value().st_mode)) continue;
    if (auto user = launcher::find_user(static_cast<uid_t>(*uid))) out.push_back(std::move(*user));
  }
  std::sort(out.begin(), out.end(), [](const UserEntry& a, const UserEntry& b) { return a.name < b.name; });
  return out;
}

Result<std::string> answer_of(const UserEntry& user, const std::function<Result<std::string>()>& ask) {
  int ends[2] = {};
  if (::pipe2(ends, O_CLOEXEC) != 0) return sys::failure("pipe", user.name);
  const sys::Fd ours(ends[0]);
  sys::Fd theirs(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) return sys::failure("fork", user.name);
  if (child == 0) answer(user, ask, theirs.get());
  theirs.reset();
  auto text = sys::read_all(ours.get(), kLongestAnswer);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!text) return text.take_error();
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return text;
  return Error{"the boxes of " + user.name + ": " + (text.value().empty() ? "the child that asks for them has ended" : base::escape_control(text.value())), {}, 0, {}};
}

}  // namespace cli
