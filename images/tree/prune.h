// What stays of the packages: what php-fpm and the extensions load, and what is named. Nothing else, so nothing that could
// be started.
//
//   const Roots roots{.programs = {"usr/sbin/php-fpm8.2"}, .libraries = {".../opcache.so"}, .keep = recipe.keep};
//   const PathMap runtime = TRY(prune(tree, roots));
#pragma once

#include <string>
#include <vector>

#include "images/tree/path_map.h"

namespace images {

struct Roots {
  std::vector<std::string> programs;   // stay executable, with their interpreters
  std::vector<std::string> libraries;  // loaded by name at run time
  std::vector<std::string> keep;       // paths; `*` stands for a part of one name, and a folder for all that is in it
};

// Each entry says in `why` what keeps it. Of what stays, only programs and interpreters have an x bit and none has a
// setuid, setgid or write bit for others; owners are root. A library that is needed and missing is an error that names the chain.
base::Result<PathMap> prune(const PathMap& tree, const Roots& roots);

}  // namespace images
