// An application that a distribution packages, as one folder without links: Debian spreads it over /usr/share, /etc and
// /var/lib, and takes libraries from packages beside it. All that its folder leads to becomes part of it.
//
//   const PackagedCode code = TRY(packaged_code(packages.files, runtime, "usr/share/wordpress"));
#pragma once

#include <string>
#include <vector>

#include "images/tree/path_map.h"
#include "profiles/base/result.h"

namespace images {

struct PackagedCode {
  PathMap tree;                    // relative to the folder
  std::vector<std::string> empty;  // links that lead to nothing: places of what maintainer scripts or the operator make
};

// `made` has what the builder made in the place of those scripts, such as the bundle of certificates.
base::Result<PackagedCode> packaged_code(const PathMap& packages, const PathMap& made, const std::string& folder);

}  // namespace images
