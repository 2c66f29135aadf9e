// A site's code: from where the recipe says it is to paths of an image. It belongs to root and nobody can write it, but for
// the paths that the profile declares writable. What the recipe prunes is left out, with a report; secrets stop the build.
//
//   SiteCode code = TRY(prepare_code(files, rules, ids));
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "images/tree/configure.h"
#include "images/tree/matomo_plugins.h"
#include "images/tree/path_map.h"
#include "profiles/base/result.h"

namespace images {

struct CodeRules {
  std::vector<std::string> prune_names;  // of files and folders anywhere: "node_modules", "*.md"
  std::vector<std::string> prune_paths;  // relative to the code, with all below
  std::vector<std::string> keep;         // relative to the code: not pruned although a name says so
  std::vector<std::string> secrets;      // relative to the code: in the image although they look like secrets
  std::vector<std::string> writable;     // relative to the code, of the profile
  std::vector<std::string> optional;     // of these: not made when absent
  PluginLists plugins = PluginLists::none;  // of Matomo: those in none of them are left out
  bool published = false;                // the code is a distribution's package: nothing in it is a secret
};

struct Share {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t php_lines = 0;
};

struct SiteCode {
  PathMap tree;  // relative to the code
  Share kept, pruned;
  std::vector<std::string> plugins;  // left out
};

base::Result<SiteCode> prepare_code(const PathMap& files, const CodeRules& rules, const Ids& ids);

}  // namespace images
