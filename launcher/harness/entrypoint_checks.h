// What a box that fpmbox makes as the entrypoint of a container has to be beside what acts show: as its plan says, read back from
// outside, and what the profile's author expects of it, with the pool's own code.
#pragma once

#include <vector>

#include "launcher/harness/entrypoint_arena.h"
#include "launcher/harness/report.h"

namespace harness {

// In two containers that are made for this, one after the other, below the folder of `input`.
std::vector<CheckResult> check_entrypoint(const SideInput& input, Wishes wishes);

// The process of the box that a worker is, or php-fpm's master where there is none: below the first process of its container; -1.
pid_t process_of_box(pid_t first);

// Why the site cannot be mounted: an engine would make the folder of a mount in the code; "" when it can.
std::string obstacle_to_site(const SideInput& input);

}  // namespace harness
