// The launcher's signals arrive through a descriptor, so that they are one more event of the loop.
#pragma once

#include <sys/types.h>

#include <vector>

#include "launcher/sys/fd.h"
#include "profiles/base/result.h"

namespace launcher {

// From the start of `run`, before anything is forked: a stop that comes during set-up is not lost but waits. Whoever is
// cloned or forked meanwhile inherits the mask; the box's child clears it before the exec. SIGCHLD becomes SIG_DFL,
// because a parent that ignores it would have our children reaped by the kernel; SIGPIPE is blocked for good.
base::Status block_signals();

base::Result<sys::Fd> open_signals();        // signalfd(2), non-blocking
std::vector<int> read_signals(int signals);  // what has arrived

}  // namespace launcher
