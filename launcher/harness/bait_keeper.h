// The process that keeps what must not outlive a trial: it answers on the decoys' sockets and owns the shared memory, as the
// neighbour's user.
#pragma once

#include <map>
#include <string>

#include "launcher/harness/bait.h"

namespace harness {

struct BaitKeeper {
  pid_t pid = -1;
  sys::Fd leash;  // closed: the keeper removes what it made, and ends
  std::map<std::string, std::string> targets;
};
base::Result<BaitKeeper> start_bait_keeper(const BaitInput& input);

}  // namespace harness
