// The policy that goes into an image: that of the recipe's profile, with the image's own user and places, as one flat file.
//
//   const Pool pool = TRY(compose_pool(recipe, "wiki", catalog, read, diagnostics));
#pragma once

#include <string>

#include "images/recipe/recipe.h"
#include "profiles/base/diagnostics.h"
#include "profiles/load/compose.h"

namespace images {

struct Pool {
  profiles::Policy policy;
  std::string text;  // what the image carries: compose(text) gives `policy` again
};

// `name` is the pool's. Mistakes are in `diagnostics`.
Pool compose_pool(const Recipe& recipe, const std::string& name, const std::string& catalog, const profiles::ReadFile& read,
                  const std::string& recipe_file, base::Diagnostics& diagnostics);

}  // namespace images
