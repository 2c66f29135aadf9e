#include "launcher/facts/kernel_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher/facts/kernel.h"

namespace launcher {
namespace {

struct Needed {
  const char* name;
  const char* since;
  bool enclosed;  // a launch without mounts and namespaces needs it, too
  bool may_be_invalid;  // EINVAL is the answer to nonsense; of close_range it means that the flag is not there yet
  long (*attempt)();
};

// clang-format off
constexpr Needed kNeededCalls[] = {
    {"pidfd_send_signal", "5.1", true, true, [] { return ::syscall(SYS_pidfd_send_signal, -1, 0, nullptr, 0); }},
    {"open_tree", "5.2", false, true, [] { return ::syscall(SYS_open_tree, -1, nullptr, 0); }},
    {"move_mount", "5.2", false, true, [] { return ::syscall(SYS_move_mount, -1, nullptr, -1, nullptr, 0); }},
    {"fsopen", "5.2", false, true, [] { return ::syscall(SYS_fsopen, nullptr, 0); }},
    {"fsconfig", "5.2", false, true, [] { return ::syscall(SYS_fsconfig, -1, 0, nullptr, nullptr, 0); }},
    {"fsmount", "5.2", false, true, [] { return ::syscall(SYS_fsmount, -1, 0, 0); }},
    {"openat2", "5.6", false, true, [] { return ::syscall(SYS_openat2, -1, nullptr, nullptr, 0); }},
    {"close_range", "5.11", true, false, [] { return ::syscall(SYS_close_range, ~0U, ~0U, CLOSE_RANGE_CLOEXEC); }},
    {"mount_setattr", "5.12", false, true, [] { return ::syscall(SYS_mount_setattr, -1, nullptr, 0, nullptr, 0); }},
};
// clang-format on

bool is_there(const Needed& call, bool has_privileges) {
  errno = 0;
  if (call.attempt() == 0) return true;
  if (errno == EPERM) return !has_privileges;  // for want of a privilege: that is another gap
  return errno != ENOSYS && (errno != EINVAL || call.may_be_invalid);
}

}  // namespace

std::vector<MissingCall> missing_calls(bool enclosed) {
  std::vector<MissingCall> out;
  const bool has_privileges = has_needed_capabilities();
  for (const Needed& call : kNeededCalls) {
    if (enclosed && !call.enclosed) continue;
    if (!is_there(call, enclosed || has_privileges)) out.push_back({call.name, call.since});
  }
  return out;
}

}  // namespace launcher
