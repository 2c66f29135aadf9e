// What a launcher left that was killed in the middle of its set-up, before there was a janitor: names that end in its pid.
#pragma once

#include <string_view>

namespace launcher {

// Removes every PREFIX followed by the number of a process that is gone. `flags` as in unlinkat(2). What is in use stays.
// Called by the holder of the pool's claim, with a prefix that is the pool's own. How many were removed.
std::size_t remove_stale(int directory, std::string_view prefix, int flags);

}  // namespace launcher
