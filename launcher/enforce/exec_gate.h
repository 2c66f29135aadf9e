// The one exec of a box, where the launcher has to let it through (ExecGate::notified).
//
// "Continue" is no security decision about a caller that may lie (seccomp_unotify(2)): its memory may change after the look.
// This caller cannot. It is our own child in our own code, alone in its memory (clone without CLONE_VM), with one thread,
// and nothing of the box exists yet. Nor is there a second time: await_exec() asks once, and from then on the supervisor
// answers every execveat with EPERM. A launcher that is gone leaves ENOSYS.
#pragma once

#include <sys/types.h>

#include "launcher/plan/plan.h"
#include "launcher/sys/notification.h"
#include "profiles/base/result.h"

namespace launcher {

// Is it the child's exec of the program: execveat on K with AT_EMPTY_PATH and no other flag?
bool is_the_exec(const sys::Notification& notification, pid_t child, const FilterPlan& plan);

// Takes one notification from `listener`. true: it was the exec and goes on; false: its caller was gone. Anything else
// is refused and an error, for the child makes no other call that is reported.
base::Result<bool> open_exec_gate(int listener, pid_t child, const FilterPlan& plan);

}  // namespace launcher
