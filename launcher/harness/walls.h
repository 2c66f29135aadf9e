// Which layers stop an act: boxes from which layers were taken away, as few as there are different sets of layers.
//
// For each act, every layer is away once, alone: when it succeeds then, that layer is its only wall. And of the layers that
// the act names, each stands alone once, the others away, and all of them are away once: a wall is one that stops the act
// alone, where nothing else does.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "launcher/harness/verdict.h"

namespace harness {

using LayerSet = std::set<std::string>;

struct WallBatch {
  LayerSet away;
  std::vector<const Act*> acts;
};

// `present`: layers that this plan has and that can be taken away. Acts that are `alone` or `resource` are tried only where
// they name the layer.
std::vector<WallBatch> wall_batches(const std::vector<const Act*>& acts, const LayerSet& present);

// What became of an act with those layers away: true, it was stopped all the same.
using WallOutcomes = std::map<std::pair<const Act*, LayerSet>, bool>;
void conclude_walls(const WallOutcomes& outcomes, const LayerSet& present, std::vector<ActResult>& results);

}  // namespace harness
