// All that an image holds, as values: three trees that were audited together.
//
//   const Assembled parts = TRY(assemble(inputs, vault));
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "images/build/pool.h"
#include "images/layer/layer.h"
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
  PathMap code;          // as the recipe's source has it; empty: none
};

struct PackedRuntime {
  PathMap outline;
  std::vector<std::string> programs;
  Layer layer;
};

struct Assembled {
  PathMap runtime;   // the same for all sites with one lock and one set of extensions
  PathMap launcher;  // and the policy
  PathMap code;
  Share kept, pruned;  // of the code
  std::vector<std::string> programs;  // of the runtime
  std::optional<Layer> packed;        // the runtime's layer where it was packed before; `runtime` then is an outline
};

// What the code source of a recipe holds, before any rule.
base::Result<PathMap> read_code(const Code& code);

base::Result<Assembled> assemble(const Inputs& inputs, const Vault& vault);
// The same upon a runtime that was packed before (images/build/shelf.h): the audit sees all of it, the packages are not opened.
base::Result<Assembled> assemble_on(PackedRuntime runtime, const Inputs& inputs);

}  // namespace images
