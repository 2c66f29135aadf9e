// Plugins that lie in Matomo's code and that it does not load as it is configured: the list `[Plugins]` of config/config.ini.php, or
// where that has none of config/global.ini.php, and those that core/Plugin/Manager.php always loads.
//
//   for (const std::string& name : idle_plugins(code)) ...      // "DBStats": plugins/DBStats
#pragma once

#include <string>
#include <vector>

#include "images/tree/path_map.h"

namespace images {

// Sorted. None where one of the two lists is not found: what it would load is then not known.
std::vector<std::string> idle_plugins(const PathMap& code);

}  // namespace images
