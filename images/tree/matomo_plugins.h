// Plugins that lie in Matomo's code and that it does not load as it is configured: those that are not in the list `[Plugins]` and that
// core/Plugin/Manager.php does not always load. The site's own list is in config/config.ini.php, which holds passwords and is often
// elsewhere; the one of config/global.ini.php is shipped, and the site does not use it once it has its own.
//
//   for (const std::string& name : idle_plugins(code, PluginLists::own)) ...      // "DBStats": plugins/DBStats
#pragma once

#include <string>
#include <vector>

#include "images/tree/path_map.h"

namespace images {

enum class PluginLists { none, own, own_or_shipped };

// Sorted. None where a list is not found: what it would load is then not known.
std::vector<std::string> idle_plugins(const PathMap& code, PluginLists lists);

}  // namespace images
