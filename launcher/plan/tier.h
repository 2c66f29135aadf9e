// What a box can be inside a container, decided by what was found there (ContainerFacts) and by nothing else.
#pragma once

#include "launcher/facts/host_facts.h"
#include "profiles/model/policy.h"

namespace launcher {

enum class Tier {
  no_container,
  whole,     // root with all that a box takes, as in a privileged container: root's box
  nested,    // user namespaces and mounts are allowed, as by podman's default: the full box, in a user namespace
  enclosed,  // they are not, as by Docker's default: what needs no mounts is ours, the rest the runtime's, and checked
};
Tier tier_of(const HostFacts& facts);

// The facts as the plan of that tier wants them: who the pool is where the runtime started us as somebody, and who makes the
// box. No container: nothing changes.
void settle_tier(const profiles::Policy& policy, HostFacts& facts);

}  // namespace launcher
