// On which processors this process and its children run (sched_setaffinity(2)).
#pragma once

#include <cstdint>

#include "profiles/base/result.h"

namespace sys {

// `count` of those on which we may run now, chosen at random, so that containers of one host do not share the first ones. Read back.
base::Status stay_on_processors(std::uint64_t count);

}  // namespace sys
