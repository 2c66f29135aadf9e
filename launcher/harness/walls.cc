#include "launcher/harness/walls.h"

#include <algorithm>
#include <optional>

namespace harness {
namespace {

LayerSet named_and_present(const Act& act, const LayerSet& present) {
  LayerSet out;
  for (const std::string& layer : act.layers)
    if (present.contains(layer)) out.insert(layer);
  return out;
}

LayerSet without(LayerSet layers, const std::string& one) {
  layers.erase(one);
  return layers;
}

bool is_costly(const Act& act) { return act.alone || act.resource; }

std::set<LayerSet> sets_of(const Act& act, const LayerSet& present) {
  const LayerSet named = named_and_present(act, present);
  std::set<LayerSet> out;
  for (const std::string& layer : is_costly(act) ? named : present) out.insert({layer});
  for (const std::string& layer : named) out.insert(without(named, layer));
  out.insert(named);
  out.erase(LayerSet());  // the whole box, which was tried
  return out;
}

std::optional<bool> was_stopped(const WallOutcomes& outcomes, const Act* act, const LayerSet& away) {
  if (away.empty()) return true;  // only acts that the whole box stops are here
  const auto found = outcomes.find({act, away});
  if (found == outcomes.end()) return std::nullopt;
  return found->second;
}

void conclude(const WallOutcomes& outcomes, const LayerSet& present, ActResult& result) {
  const Act* const act = result.act;
  const LayerSet named = named_and_present(*act, present);
  result.walls_known = true;
  for (const std::string& layer : present)
    if (was_stopped(outcomes, act, {layer}) == false) result.only_wall.push_back(layer);
  result.more_walls = was_stopped(outcomes, act, named).value_or(true);
  if (result.more_walls) return;
  for (const std::string& layer : named)
    if (was_stopped(outcomes, act, without(named, layer)) == true) result.walls.push_back(layer);
}

}  // namespace

std::vector<WallBatch> wall_batches(const std::vector<const Act*>& acts, const LayerSet& present) {
  std::map<LayerSet, std::vector<const Act*>> by_set;
  for (const Act* act : acts)
    for (const LayerSet& away : sets_of(*act, present)) by_set[away].push_back(act);
  std::vector<WallBatch> out;
  for (auto& [away, some] : by_set) out.push_back({away, std::move(some)});
  return out;
}

void conclude_walls(const WallOutcomes& outcomes, const LayerSet& present, std::vector<ActResult>& results) {
  for (ActResult& result : results)
    if (result.verdict == Verdict::stopped) conclude(outcomes, present, result);
}

}  // namespace harness
