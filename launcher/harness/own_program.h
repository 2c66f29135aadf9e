// This very program as a file that everybody may execute, for arenas that know no other way in.
#pragma once

#include <string>

#include "profiles/base/result.h"

namespace harness {

// Its path in that folder, where it is made the first time.
base::Result<std::string> own_program(const std::string& folder);

}  // namespace harness
