// The files of bait.h: made with the modes that only the layers of a box stand against.
#pragma once

#include <map>
#include <string>

#include "launcher/harness/bait.h"

namespace harness {

// Adds the targets that are files.
base::Status make_bait_files(const BaitInput& input, std::map<std::string, std::string>& targets);

}  // namespace harness
