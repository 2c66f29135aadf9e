// What the maintainer scripts of the packages would have made, and what a container engine and the launcher expect to find.
#pragma once

#include <cstdint>
#include <string>

#include "images/tree/path_map.h"
#include "profiles/base/result.h"

namespace images {

struct Ids {
  std::string user;  // of the pool
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
};

// Reads `packages` (certificates, time zones), writes into `runtime`.
base::Status configure(const PathMap& packages, const Ids& ids, PathMap& runtime);

}  // namespace images
