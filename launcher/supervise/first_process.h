// PID 1 of a container in which the launcher enters a user namespace of its own. Engines start later processes (docker exec, health
// checks, probes) in PID 1's namespaces: these must stay the container's. So PID 1 forks the launcher and does no more than an
// init does: it hands signals on, reaps, and ends as the launcher ended.
//
//   auto launcher = TRY(fork_launcher());
//   if (launcher.is_first) return serve_first(std::move(launcher));    // in PID 1
#pragma once

#include <sys/types.h>

#include "launcher/sys/fd.h"
#include "profiles/base/result.h"

namespace launcher {

struct ForkedLauncher {
  bool is_first = false;  // we are the parent, with the rest of this
  pid_t pid = -1;
  sys::Fd pidfd;
};
// Needs block_signals() before.
base::Result<ForkedLauncher> fork_launcher();

// Gives up all but CAP_KILL and loads the launcher's own filter. The launcher's exit code, or 128 plus the signal that ended it.
base::Result<int> serve_first(ForkedLauncher launcher);

}  // namespace launcher
