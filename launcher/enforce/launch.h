// launch(): clone, cgroups, go, and the wait until the exec has worked or a step has failed.
#pragma once

#include <functional>

#include "launcher/enforce/box.h"
#include "launcher/enforce/prepared.h"
#include "profiles/load/origins.h"

namespace launcher {

struct LaunchHooks {
  // Called with the box's pidfd before the box is let go, so that the janitor can end it whatever happens to us.
  std::function<base::Status(int pidfd)> born;
  // An fd of the launcher that the box's child must not keep a copy of: the janitor's socket.
  int janitor = -1;
  sys::Stopwatch& laps;
};

// On success FPM runs and `prepared` is used up. On failure the child is dead and reaped, and the error names the step,
// its subject and the profile line.
base::Result<RunningBox> launch(Prepared& prepared, const profiles::Origins& origins, const LaunchHooks& hooks);

}  // namespace launcher
