// Paths in a root that is an image. Pool files write them as if the image were a folder: /srv/roots/site.erofs/srv/www. So the box
// has them, too, and nothing in it changes when another image takes that name.
//
//   on_host(facts, "/srv/roots/site.erofs/srv/www")   // "/run/fpmbox/.roots/…/srv/www", where root alone can enter
#pragma once

#include <string>

#include "launcher/facts/host_facts.h"

namespace launcher {

bool is_in_image(const HostFacts& facts, const std::string& path);

// Where this process finds it; a path that is in no image is where it says.
std::string on_host(const HostFacts& facts, const std::string& path);

// `path` is in the image. No symlink is followed: an absolute one would lead to the host's files. It is a `symlink` that leads nowhere.
PathFact look_in_image(const HostFacts& facts, const std::string& path);

}  // namespace launcher
