// launch(): clone, cgroups, go, and the wait until the exec has worked or a step has failed.
#pragma once

#include <functional>

#include "launcher/enforce/box.h"
#include "launcher/enforce/prepared.h"
#include "profiles/load/origins.h"

namespace launcher {

struct LaunchHooks {
  // Called with the box's pidfd before the box is let go, so that a janitor, which runs by now, can end it whatever happens to
  // us. The box makes its mounts meanwhile; it dies with us until then.
  std::function<base::Status(int pidfd)> born;
  // Called once it is let go: what no step of it needs, beside it instead of ahead of it.
  std::function<void()> meanwhile;
  sys::Stopwatch& laps;
};

// On success FPM runs and `prepared` is used up. On failure the child is dead and reaped, and the error names the step,
// its subject and the profile line.
base::Result<RunningBox> launch(Prepared& prepared, const profiles::Origins& origins, const LaunchHooks& hooks);

}  // namespace launcher
