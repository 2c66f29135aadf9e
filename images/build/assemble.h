// All that an image holds, as values: three trees that were audited together.
//
//   const Assembled parts = TRY(assemble(inputs, vault));
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "images/build/pool.h"
#include "images/build/runtime.h"
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

// The trees that are made of packages alone. What is missing has to be made.
struct Systems {
  std::optional<Runtime> runtime;
  std::optional<Runtime> server;  // of a recipe with web:
};

struct Assembled {
  PathMap runtime;   // the same for all sites with one lock and one set of extensions
  PathMap launcher;  // and the policy
  PathMap code;
  std::optional<WebTrees> web;
  Share kept, pruned;  // of the code
  std::vector<std::string> plugins;  // of Matomo, left out
  std::vector<std::string> empty;  // paths of a package's code that lead to nothing
  std::vector<std::string> programs;  // of the runtime
  std::optional<Layer> packed;        // the runtime's layer where it was packed before; `runtime` then is an outline
};

// What the code source of a recipe holds, before any rule.
base::Result<PathMap> read_code(const Code& code);

// Runtime and code as one tree, for a machine of its own: the launcher is that machine's, the policy its pool file.
base::Result<PathMap> root_of(const Assembled& parts);

// From the packages.
base::Result<Assembled> assemble(const Inputs& inputs, const Vault& vault);

// The same in steps, upon systems that were packed before (images/build/shelf.h): the audit sees all of them, and packages are
// opened where one is missing. An outline has no bytes, so that code from a package needs its runtime made.
bool wants_packages(const Systems& systems, const Recipe& recipe);
base::Status complete(Systems& systems, const Unpacked& packages, const Inputs& inputs);
base::Result<Assembled> assemble_on(Systems systems, const Unpacked& packages, const Inputs& inputs);

}  // namespace images
