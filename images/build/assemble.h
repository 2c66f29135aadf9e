// All that an image holds, as values: three trees that were audited together.
//
//   const Assembled parts = TRY(assemble(inputs, vault));
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "images/build/pool.h"
#include "images/build/web.h"
#include "images/lock/lock.h"
#include "images/recipe/recipe.h"
#include "images/store/vault.h"
#include "images/tree/path_map.h"
#include "images/tree/site_code.h"
#include "profiles/base/result.h"

namespace images {

struct Inputs {
  Recipe recipe;
  Pool pool;
  Lock lock;
  std::string launcher;  // the bytes of the static fpmbox
  PathMap code;          // as the recipe's source has it; empty: none, or a package
};

struct Assembled {
  PathMap runtime;   // the same for all sites with one lock and one set of extensions
  PathMap launcher;  // and the policy
  PathMap code;
  std::optional<WebTrees> web;
  Share kept, pruned;  // of the code
  std::vector<std::string> empty;  // paths of a package's code that lead to nothing
};

// What the code source of a recipe holds, before any rule.
base::Result<PathMap> read_code(const Code& code);

// Runtime and code as one tree, for a machine of its own: the launcher is that machine's, the policy its pool file.
base::Result<PathMap> root_of(const Assembled& parts);

base::Result<Assembled> assemble(const Inputs& inputs, const Vault& vault);

}  // namespace images
