// Pools of one host beside each other.
#pragma once

#include <vector>

#include "launcher/cli/load.h"

namespace cli {

// What the given pools share among themselves, or with any other pool of their folders, as errors. The others' own
// mistakes are not reported: nobody asked. One that cannot be read is a warning.
void check_beside_others(const std::vector<Loaded>& given, const Globals& globals, base::Diagnostics& diagnostics);

}  // namespace cli
