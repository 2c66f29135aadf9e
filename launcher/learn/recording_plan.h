// From a pool's policy to the plan of a box that shows what the application uses. It is no boundary: the host's network and its
// /run are in it, no Landlock, and calls that no profile allows are carried out once they are noted. What stays: the user
// without privileges, the view of the file system otherwise, limits, and the refusal of all that the base calls dangerous.
//
// Nothing that is written in it stays: the code, the writable paths and the sessions are overlays with scratch above them.
#pragma once

#include <string_view>

#include "launcher/plan/planner.h"

namespace launcher {

// With every installed extension but debuggers, without what keeps PHP from wishing for programs.
profiles::Policy recording_policy(const profiles::Policy& policy, const PhpFacts& php);

// No recording box has it, whatever is installed: that it was used is not true, whoever says so.
bool is_never_loaded(std::string_view extension);

// `input` is of the pool itself. Mistakes were said when its own plan was made, and are not said again.
Plan recording_plan(const PlanInput& input);

}  // namespace launcher
