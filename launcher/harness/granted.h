// A system call that the profile's author grants, with a reason: an act that nothing but the filter should stop then succeeds as
// the profile says, and is no leak. Where the act names another layer, that layer still has to stop it. Pure.
//
//   granted_by(act of setpriority, pool) -> "syscalls.allow[setpriority] (pools/render.yaml:9:12): renders in the background"
#pragma once

#include <string>

#include "launcher/harness/verdict.h"
#include "profiles/load/compose.h"

namespace harness {

// "" when no line does.
std::string granted_by(const Act& act, const profiles::Composed& pool);

// The verdict of what leaked by such a line, with the line for a reason.
void settle_grant(ActResult& result, const profiles::Composed& pool);

}  // namespace harness
