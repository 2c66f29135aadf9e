#include "launcher/sys/user_namespace.h"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <string>

#include "launcher/sys/file.h"

namespace sys {
namespace {

base::Status write_file(const char* path, const std::string& text) {
  const Fd file = TRY(open(path, O_WRONLY));
  auto written = write_all(file.get(), text);
  if (!written) return Error{"write", path, written.error().code, {}};
  return base::success();
}

std::string one(unsigned id) { return std::to_string(id) + " " + std::to_string(id) + " 1\n"; }

}  // namespace

// gid_map can be written by an ordinary user only after setgroups is denied.
base::Status enter_user_namespace(uid_t uid, gid_t gid) {
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return failure("unshare", "user namespace");
  TRY(write_file("/proc/self/setgroups", "deny"));
  TRY(write_file("/proc/self/uid_map", one(uid)));
  return write_file("/proc/self/gid_map", one(gid));
}

base::Status set_groups(std::span<const gid_t> groups) {
  if (::setgroups(groups.size(), groups.data()) != 0) return failure("setgroups", {});
  return base::success();
}

// Without the fix-up (securebits) the change of ids would leave capabilities in place; it is read back.
base::Status become(uid_t uid, gid_t gid) {
  TRY(set_groups({}));
  if (::setresgid(gid, gid, gid) != 0) return failure("setresgid", std::to_string(gid));
  if (::setresuid(uid, uid, uid) != 0) return failure("setresuid", std::to_string(uid));
  if (::setuid(0) == 0) return Error{"root could be had again", {}, 0, {}};
  // the change of ids made us undumpable, and our files in /proc root's: the maps could not be written
  if (::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0) return failure("prctl", "PR_SET_DUMPABLE");
  return base::success();
}

}  // namespace sys
