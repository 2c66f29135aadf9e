// Where a php-fpm may be.
#pragma once

#include <time.h>

#include <string>
#include <vector>

namespace launcher {

// Where a version is installed, by distribution; for php.version "8.2", or "" for the newest. In the order of trying. `root` is the
// folder of a built root, which the paths lie in; "" for the host.
std::vector<std::string> php_candidates(const std::string& version, const std::string& root = {});

// Those of the newest, kept in `cache_directory` for as long as the folders that were listed for it do not change: /usr/sbin has
// hundreds of names. `now` is in seconds since the epoch.
struct NewestCandidates {
  std::vector<std::string> paths;
  std::string state = {};  // of the folders, before they were listed; "" where one has changed a moment ago, or nothing is kept
  bool is_kept = false;
};
NewestCandidates newest_php_candidates(const std::string& root, const std::string& cache_directory, time_t now = ::time(nullptr));
void keep_php_candidates(const NewestCandidates& candidates, const std::string& root, const std::string& cache_directory);

// {} in `text` becomes the version as it is, {-} the same without its dot.
std::string with_version(std::string text, const std::string& version);

}  // namespace launcher
