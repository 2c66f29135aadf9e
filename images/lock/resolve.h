// From what a recipe wants to a lock: indexes fetched and their signatures verified, then a walk over dependencies.
//
//   const Lock lock = TRY(resolve(wanted, sources, "/var/cache/fpmbox/images/apt"));
#pragma once

#include <string>
#include <vector>

#include "images/lock/apt.h"
#include "images/lock/lock.h"
#include "profiles/base/result.h"

namespace images {

struct Wanted {
  std::vector<std::string> packages;
  std::vector<std::string> drop;  // patterns; what depends on them goes without
};

// The newest version of each package that the sources have, and of all that it depends on. An alternative that is chosen
// already, or else the first that exists, satisfies a dependency. No Recommends, nothing for being Essential.
base::Result<Lock> resolve(const Wanted& wanted, const std::vector<Source>& sources, const std::string& folder, const HostApt& host);

}  // namespace images
