#include "launcher/enforce/exec_gate.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>

#include "profiles/kernel/syscall_names.h"

namespace launcher {

// int arguments by their low 32 bits, as the kernel reads them.
bool is_the_exec(const sys::Notification& notification, pid_t child, const FilterPlan& plan) {
  const seccomp_data& call = notification.call;
  return plan.exec_gate == ExecGate::notified && child > 0 && notification.pid == child &&
         call.arch == seccomp_arch_native() && call.nr == profiles::syscall_number("execveat") &&
         static_cast<int>(call.args[0]) == plan.program_fd && static_cast<int>(call.args[4]) == AT_EMPTY_PATH;
}

base::Result<bool> open_exec_gate(int listener, pid_t child, const FilterPlan& plan) {
  sys::Notifications notifications;
  const auto notification = TRY(notifications.receive(listener));
  if (!notification) return false;
  if (is_the_exec(*notification, child, plan)) {
    TRY(notifications.let_through(listener, *notification));
    return true;
  }
  TRY(notifications.refuse(listener, *notification, EPERM));
  return base::Error{"the first call that the box reports is not its exec", {}, EPROTO, {}};
}

}  // namespace launcher
