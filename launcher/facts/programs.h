// The programs that a policy names, looked at. None is started: a dynamic loader lists what it would load.
#pragma once

#include "launcher/facts/host_facts.h"
#include "launcher/facts/looks.h"
#include "profiles/model/policy.h"

namespace launcher {

// Fills facts.programs. Before find_paths(), which looks at the ways to them.
void find_programs(const profiles::Policy& policy, HostFacts& facts, Looks& looks);

}  // namespace launcher
