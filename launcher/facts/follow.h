// What a path leads to, and through whose symlinks: whoever owns a link chooses what root will find at its end.
#pragma once

#include <sys/stat.h>

#include <string>
#include <vector>

#include "launcher/facts/host_facts.h"
#include "launcher/facts/looks.h"

namespace launcher {

struct Followed {
  std::string real;  // canonical; "" when it leads nowhere, or in a circle
  std::vector<LinkFact> links;  // all on the way, in the order of following
  struct stat status = {};      // of what is at `real`
};

// As realpath(3), by a walk of our own: the path and the owners of the links must come from the same look, for a link
// can be exchanged for a folder and back between two.
Followed follow(const std::string& path);
Followed follow(const std::string& path, Looks& looks);

}  // namespace launcher
