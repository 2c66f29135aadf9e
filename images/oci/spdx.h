// What an image is made of, for programs that look for known holes: SPDX 2.3 as JSON, a package each with its purl, its source
// and the digest of what it came from.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "images/lock/lock.h"
#include "images/oci/image.h"
#include "images/tree/components.h"

namespace images {

struct SpdxInput {
  std::string name;             // of the image
  std::string manifest_digest;
  std::string distribution;     // "debian-12"
  std::int64_t created = 0;
  const Lock& lock;
  std::set<std::string> kept;   // packages of which something is in the image
  std::vector<Component> components;  // of the site's code
};
std::string spdx(const SpdxInput& input);

// "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14?arch=amd64&distro=debian-12"
std::string purl_of(const LockedPackage& package, const std::string& distribution);

}  // namespace images
