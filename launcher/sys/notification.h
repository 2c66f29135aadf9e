// Calls that a filter hands to its listener instead of deciding them (seccomp_unotify(2)). Of a call only what the kernel
// copied is looked at: its number and arguments, never the caller's memory.
#pragma once

#include <linux/seccomp.h>
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "profiles/base/result.h"

namespace sys {

struct Notification {
  std::uint64_t id = 0;
  pid_t pid = 0;  // in our pid namespace; 0 when it has no number there
  seccomp_data call{};
};

// Asks the kernel for its structures' sizes when it is made, so that it must be made before a filter of our own is loaded.
class Notifications {
 public:
  Notifications();
  // Call it when poll(2) says POLLIN. Nothing when the caller died meanwhile or a signal came.
  base::Result<std::optional<Notification>> receive(int listener);
  // The call fails with this errno. That its caller is gone is no error.
  base::Status refuse(int listener, const Notification& notification, int code);
  // Does its caller still wait? Then what was read of it meanwhile was its own, and not a later process's of that number.
  bool is_waiting(int listener, const Notification& notification) const;
  // The kernel carries the call out. Another thread of the caller, or whoever may write its memory, could change what its
  // pointers lead to in between: only for a caller that is known to be alone.
  base::Status let_through(int listener, const Notification& notification);

 private:
  base::Status answer(int listener, const seccomp_notif_resp& response);
  std::vector<unsigned char> request_;
  std::vector<unsigned char> response_;
};

}  // namespace sys
