// From a recipe's file, and all that it extends, to one Recipe.
#pragma once

#include <optional>
#include <string>

#include "images/recipe/recipe.h"
#include "profiles/base/diagnostics.h"
#include "profiles/load/compose.h"

namespace images {

struct ReadRecipe {
  Recipe recipe;
  std::string file;
  std::vector<std::string> texts;  // of all layers, base first
};

// `folder` holds the recipes that others extend. Mistakes are in `diagnostics`; nothing then but what could be read.
ReadRecipe read_recipe(const std::string& folder, const profiles::ReadFile& read, const std::string& file, base::Diagnostics& diagnostics);

}  // namespace images
