// Which php-fpm a policy means, and what it can do.
#pragma once

#include <string>

#include "launcher/facts/host_facts.h"
#include "profiles/model/php.h"

namespace launcher {

struct PhpSearch {
  std::string cache_directory;
  std::string root = {};  // the folder of a built root, in which all paths are looked for; "" for the host
};

// A php-fpm that only root can change is asked, as nobody. `binary` is canonical. Without one, `reason` says where it was looked for and what there is instead.
PhpFacts find_php(const profiles::Php& php, const PhpSearch& search);

// PHP's command line of the version that `fpm` is, with the same extensions. As trusted as php-fpm, and asked in the same way.
PhpFacts find_php_command(const PhpFacts& fpm, const PhpSearch& search);

// Where it may be, for the php-fpm at `fpm`, which is of branch "8.2". In the order of trying: nearest first.
std::vector<std::string> php_command_candidates(const std::string& fpm, const std::string& branch);

}  // namespace launcher
