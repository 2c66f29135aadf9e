// What packages and extensions add to an image, in bytes before compression.
//
//   const Cost cost = TRY(cost_of(runtime, recipe, policy));
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "images/recipe/recipe.h"
#include "images/tree/path_map.h"
#include "profiles/base/result.h"
#include "profiles/model/policy.h"

namespace images {

struct CostShare {
  std::string name;
  std::uint64_t bytes = 0;
  std::uint64_t files = 0;
};

struct Cost {
  std::vector<CostShare> packages;    // largest first; "" is what the builder made
  std::vector<CostShare> extensions;  // what would go with it alone: a library that two of them load is in neither
};

// `runtime` with its content, as assemble() gives it.
base::Result<Cost> cost_of(const PathMap& runtime, const Recipe& recipe, const profiles::Policy& policy);

}  // namespace images
