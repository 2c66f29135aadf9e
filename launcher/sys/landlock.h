// Landlock rulesets (landlock(7)).
#pragma once

#include <cstdint>

#include "launcher/sys/fd.h"
#include "launcher/sys/missing.h"
#include "profiles/base/result.h"

namespace sys {

// The ABI of this kernel; 0 when it has no Landlock or it is switched off.
int landlock_abi();
base::Result<Fd> landlock_ruleset(const LandlockRulesetAttributes& attributes);
// Rights beneath a directory, or on one file, given as an O_PATH fd.
base::Status landlock_allow(int ruleset, int path, std::uint64_t rights);
base::Status landlock_allow_port(int ruleset, std::uint16_t port, std::uint64_t rights);
base::Status landlock_restrict(int ruleset);  // this thread and what it becomes; wants no_new_privs

}  // namespace sys
