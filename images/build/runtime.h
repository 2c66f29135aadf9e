// The runtime layer: packages from the vault to what php-fpm of this policy loads, configured and described.
#pragma once

#include <string>
#include <vector>

#include "images/lock/lock.h"
#include "images/recipe/recipe.h"
#include "images/store/vault.h"
#include "images/tree/path_map.h"
#include "images/tree/prune.h"
#include "profiles/base/result.h"
#include "profiles/model/policy.h"

namespace images {

struct Runtime {
  PathMap tree;
  std::vector<std::string> programs;  // php-fpm and its interpreter
};

// Names of Debian packages that the policy needs, and the recipe adds.
std::vector<std::string> wanted_packages(const Recipe& recipe, const profiles::Policy& policy);

// What must stay of a tree with all packages, or of a runtime.
base::Result<Roots> roots_of(const PathMap& tree, const Recipe& recipe, const profiles::Policy& policy);

base::Result<Runtime> make_runtime(const Lock& lock, const Vault& vault, const Recipe& recipe, const profiles::Policy& policy);

}  // namespace images
