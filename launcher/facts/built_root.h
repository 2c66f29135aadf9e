// A root that `fpmbox build --rootfs` made: a folder, or an EROFS image, which is mounted where root alone can enter.
#pragma once

#include "launcher/facts/host_facts.h"
#include "launcher/facts/root_mounts.h"
#include "profiles/model/policy.h"

namespace launcher {

// Fills facts.root and, of an image, facts.image; or facts.root_reason. Nothing to do for "system", nor in a container.
void find_root(const profiles::Policy& policy, MountedFor whom, HostFacts& facts);

}  // namespace launcher
