// Where the builder finds what it ships with, and where it keeps what it would otherwise fetch or work out again.
#pragma once

#include <string>

#include "profiles/base/result.h"

namespace images {

// Beside the binary, or where an installed tree has them.
base::Result<std::string> find_catalog();
base::Result<std::string> find_recipes();
// The static launcher, which goes into images.
base::Result<std::string> find_launcher();

// Root's is /var/cache/fpmbox/images, an ordinary user's by the XDG base directory specification.
base::Result<std::string> cache_folder(const std::string& option);

}  // namespace images
