// What scanners read of a Debian system without dpkg: /var/lib/dpkg/status.d/NAME and NAME.md5sums, for the packages of
// which something is left, with the sums of just what is left.
#pragma once

#include <map>
#include <set>
#include <string>

#include "images/tree/path_map.h"
#include "profiles/base/result.h"

namespace images {

struct PackageTexts {
  std::string control;
  std::string md5sums;
};

// Packages of which something besides documentation is left.
std::set<std::string> packages_with_files(const PathMap& runtime);

// By the packages' names. Packages of which nothing but documentation is left are not there for a scanner either.
base::Status add_status(const std::map<std::string, PackageTexts>& packages, PathMap& runtime);

}  // namespace images
