// The process that keeps what must not outlive a trial: it answers on the decoys' sockets and owns the shared memory, as the
// neighbour's user. It never reads more than it drops.
#pragma once

#include <map>
#include <string>

#include "launcher/harness/bait.h"

namespace harness {

struct Keeper {
  pid_t pid = -1;
  sys::Fd leash;  // closed: the keeper removes what it made, and ends
  std::map<std::string, std::string> targets;
};
base::Result<Keeper> start_keeper(const BaitInput& input);

// A process of the pool's user with a password in its arguments and its environment. Ends with its parent.
base::Result<pid_t> start_victim(const BaitInput& input);

}  // namespace harness
