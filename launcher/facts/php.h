// Which php-fpm a policy means, and what it can do.
#pragma once

#include <string>

#include "launcher/facts/host_facts.h"
#include "profiles/model/php.h"

namespace launcher {

struct PhpSearch {
  std::string cache_directory;
};

// A php-fpm that only root can change is asked, as nobody. `binary` is canonical. Without one, `reason` says where it was looked for and what there is instead.
PhpFacts find_php(const profiles::Php& php, const PhpSearch& search);

// Where a version is installed, by distribution; for php.version "8.2", or "" for the newest. In the order of trying.
std::vector<std::string> php_candidates(const std::string& version);

}  // namespace launcher
