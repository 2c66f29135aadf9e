// Calls that a launch cannot do without, and that an older kernel or the seccomp filter of a container may not have.
#pragma once

#include <vector>

#include "launcher/facts/host_facts.h"

namespace launcher {

// Each is tried with arguments that it refuses. Empty where all is well.
std::vector<MissingCall> missing_calls(bool enclosed);

}  // namespace launcher
