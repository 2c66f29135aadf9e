// The janitor: a root process that outlives the launcher by a moment, whatever ends it. It waits for the end of one
// socket, then kills the box and removes what the launcher, by then an unprivileged user or dead, could not. It does
// nothing else and reads no bytes: the one message that it takes carries the box's pidfd.
//
//   launcher                                  janitor
//   start_janitor ---- fork ----------------> own session, own filter, only the fds of the plan; no heap
//   clone the box, which waits to be let go
//   await_janitor <--- 1 byte: it is ready
//   hand_box_to_janitor ---- SCM_RIGHTS ----> holds the pidfd
//   ...
//   the end, or SIGKILL ---- EOF -----------> kill, wait until the groups are empty, remove, exit
//   finish_janitor <-------- EOF, exit code
#pragma once

#include <sys/types.h>

#include "launcher/enforce/box.h"
#include "launcher/supervise/clean_up.h"
#include "launcher/sys/fd.h"
#include "profiles/base/result.h"

namespace launcher {

// Called by a process with one thread, ahead of the box, which must not keep a copy of `socket`. On an error nothing was forked.
base::Result<Janitor> start_janitor(JanitorPlan plan);
// Before the box is let go. After an error it has ended.
base::Status await_janitor(Janitor& janitor);
base::Status hand_box_to_janitor(int socket, int pidfd);
// At the normal end: lets the janitor do its work and waits for it, though somebody may have stopped it. An error names what is left
// behind.
base::Status finish_janitor(Janitor janitor);

}  // namespace launcher
