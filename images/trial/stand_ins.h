// Servers in the place of those that `connects:` names: in the trial's own network, which leads nowhere else, and at paths that an
// engine's mounts hold. With them it is the box that keeps an address from the pool, and not the trial.
//
//   const StandIns servers = make_stand_ins(policy.expect);   // before the container starts; they go with it
#pragma once

#include <vector>

#include "launcher/sys/fd.h"
#include "profiles/model/policy.h"

namespace images {

struct StandIns {
  std::vector<sys::Fd> sockets;
};

// As root, in a network namespace of its own. Where none can be made there is none: whoever connects finds that out.
StandIns make_stand_ins(const profiles::Expect& expect);

}  // namespace images
