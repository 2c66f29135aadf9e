// The runtime layer: packages from the vault to what php-fpm of this policy loads, configured and described.
//
//   const Unpacked packages = TRY(unpack_all(lock, vault));
//   const Runtime runtime = TRY(make_runtime(packages, recipe, policy));
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "images/layer/layer.h"
#include "images/lock/lock.h"
#include "images/recipe/recipe.h"
#include "images/store/vault.h"
#include "images/tree/configure.h"
#include "images/tree/packages.h"
#include "images/tree/path_map.h"
#include "images/tree/prune.h"
#include "profiles/base/result.h"
#include "profiles/model/policy.h"

namespace images {

// All files of all packages, and what dpkg would have noted of each.
struct Unpacked {
  PathMap files;
  std::map<std::string, PackageTexts> texts;
};

struct Runtime {
  PathMap tree;
  std::vector<std::string> programs;  // those that were asked for, and their interpreter
  std::optional<Layer> packed = {};   // where it was packed before; `tree` then is an outline
};

// Names of Debian packages that the policy needs, and the recipe adds or names.
std::vector<std::string> wanted_packages(const Recipe& recipe, const profiles::Policy& policy);

// What must stay of a tree with all packages, or of a runtime.
base::Result<Roots> roots_of(const PathMap& tree, const Recipe& recipe, const profiles::Policy& policy);

base::Result<Unpacked> unpack_all(const Lock& lock, const Vault& vault);
// What `roots` reaches, as a system that can be started, with `ids` as its user; `configured` are the packages whose files
// become configuration.
base::Result<Runtime> make_system(const Unpacked& packages, const Roots& roots, const Ids& ids, const PathMap& configured);
base::Result<Runtime> make_runtime(const Unpacked& packages, const Recipe& recipe, const profiles::Policy& policy);

}  // namespace images
