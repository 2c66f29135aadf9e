// Where a php-fpm may be.
#pragma once

#include <time.h>

#include <string>
#include <vector>

namespace launcher {

// Where a version is installed, by distribution; for php.version "8.2", or "" for the newest. In the order of trying. `root` is the
// folder of a built root, which the paths lie in; "" for the host.
std::vector<std::string> php_candidates(const std::string& version, const std::string& root = {});

// The same, from `cache_directory` ("" for none) where the folders that were listed for it have not changed since: /usr/sbin has
// hundreds of names. Seconds since the epoch are `now`.
std::vector<std::string> known_php_candidates(const std::string& version, const std::string& root, const std::string& cache_directory,
                                              time_t now = ::time(nullptr));

// {} in `text` becomes the version as it is, {-} the same without its dot.
std::string with_version(std::string text, const std::string& version);

}  // namespace launcher
