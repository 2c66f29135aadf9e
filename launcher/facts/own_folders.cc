#include "launcher/facts/own_folders.h"

#include <sys/stat.h>

#include "launcher/facts/follow.h"
#include "launcher/sys/file.h"

namespace launcher {
namespace {

bool is_within(const std::string& path, const std::string& folder) {
  return path == folder || path.starts_with(folder + "/");
}

}  // namespace

OwnFolder own_run_directory(const char* wanted, uid_t uid) {
  const bool is_set = wanted != nullptr && wanted[0] == '/';
  const std::string named = is_set ? wanted : "/run/user/" + std::to_string(uid);
  const std::string what = is_set ? "XDG_RUNTIME_DIR (" + named + ")" : named;
  const Followed found = follow(named);
  if (found.real.empty()) return {{}, is_set ? what + " is not there" : "XDG_RUNTIME_DIR is not set, and there is no " + named};
  if (!S_ISDIR(found.status.st_mode)) return {{}, what + " is not a folder"};
  if (found.status.st_uid != uid || (found.status.st_mode & 0077) != 0)
    return {{}, what + " can be entered by others; it must be yours with mode 0700"};
  for (const char* everybodys : {"/tmp", "/var/tmp", "/dev/shm"})
    if (is_within(found.real, everybodys)) return {{}, what + " lies in " + everybodys + ", which is everybody's"};
  if (auto trusted = sys::check_trusted_path(found.real); !trusted) return {{}, trusted.error().text()};
  return {found.real + "/fpmbox", {}};
}

OwnFolder own_state_directory(const char* wanted, const char* home) {
  const bool is_set = wanted != nullptr && wanted[0] == '/';
  const std::string named = is_set ? wanted : home != nullptr && home[0] == '/' ? home : "";
  if (named.empty()) return {{}, "neither XDG_STATE_HOME nor HOME says where state can be kept"};
  const Followed found = follow(named);
  if (found.real.empty() || !S_ISDIR(found.status.st_mode)) return {{}, named + " is not a folder"};
  if (auto trusted = sys::check_trusted_path(found.real); !trusted) return {{}, trusted.error().text()};
  return {found.real + (is_set ? "/fpmbox" : "/.local/state/fpmbox"), {}};
}

}  // namespace launcher
