// RunningBox: what the launcher holds of a box after the exec. Move-only; dropping it kills nothing by itself, but the
// janitor ends the box when the launcher's end of its socket closes.
#pragma once

#include <sys/types.h>

#include <vector>

#include "launcher/enforce/limit_counter.h"
#include "launcher/sys/fd.h"

namespace launcher {

// The process that takes the box away (supervise/janitor.h), as the launcher holds it.
struct Janitor {
  sys::Fd socket;   // its end tells the janitor to kill and clean up
  sys::Fd pidfd;
  pid_t pid = -1;   // our child
};

struct RunningBox {
  pid_t pid = -1;           // FPM's master in the launcher's pid namespace; our child
  sys::Fd pidfd;
  sys::Fd log;              // read end of the program's stdout, and of stderr where `errors` is empty, non-blocking: hostile bytes
  sys::Fd errors;           // of a command's stderr, likewise
  sys::Fd input;            // write end of a command's stdin, non-blocking
  sys::Fd notifications;    // seccomp listener; empty when nothing is reported
  sys::Fd status_socket;    // O_PATH fd of the status socket's inode, which has no name; connect to /proc/self/fd/N
  std::vector<LimitCounter> counters;
  Janitor janitor;
};

}  // namespace launcher
