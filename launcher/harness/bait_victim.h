// The process of bait.h that others would like to look into.
#pragma once

#include <sys/types.h>

#include "launcher/harness/bait.h"

namespace harness {

// Of the pool's user, with a password in its arguments and its environment. Ends with its parent.
base::Result<pid_t> start_victim(const BaitInput& input);

// Root becomes somebody else for good, without groups. Whoever is not root stays who they are.
base::Status become(uid_t uid, gid_t gid);

}  // namespace harness
