#include "launcher/harness/walls.h"

#include <doctest/doctest.h>

using namespace harness;

namespace {

Act act(const std::string& id, std::vector<std::string> layers) {
  Act out;
  out.id = id;
  out.layers = std::move(layers);
  return out;
}

// Stopped exactly when one of `stoppers` is there.
ActResult concluded(const Act& tried, const LayerSet& present, const LayerSet& stoppers) {
  WallOutcomes outcomes;
  for (const WallBatch& batch : wall_batches({&tried}, present)) {
    LayerSet left;
    for (const std::string& layer : stoppers)
      if (!batch.away.contains(layer)) left.insert(layer);
    outcomes[{&tried, batch.away}] = !left.empty();
  }
  std::vector<ActResult> results = {{&tried, Verdict::stopped, "EPERM", "ok", {}}};
  conclude_walls(outcomes, present, results);
  return results[0];
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("walls are layers that stop an act alone") {
  const LayerSet present = {"a", "b", "c"};
  const Act two = act("x/two", {"a", "b"});
  const struct {
    const char* about;
    const Act act;
    LayerSet stoppers;
    Names walls;
    Names only;
    bool more;
  } rows[] = {
      {"both of the two that it names", two, {"a", "b"}, {"a", "b"}, {}, false},
      {"one of the two", two, {"a"}, {"a"}, {"a"}, false},
      {"a third, that it does not name", two, {"a", "c"}, {}, {}, true},
      {"the third alone", two, {"c"}, {}, {"c"}, true},
      {"something that cannot be taken away", act("x/fixed", {"a", "fixed"}), {"a", "fixed"}, {}, {}, true},
      {"the one that it names", act("x/one", {"a"}), {"a"}, {"a"}, {"a"}, false},
  };
  for (const auto& row : rows) {
    CAPTURE(row.about);
    const ActResult result = concluded(row.act, present, row.stoppers);
    CHECK(result.walls_known);
    CHECK_EQ(result.walls, row.walls);
    CHECK_EQ(result.only_wall, row.only);
    CHECK_EQ(result.more_walls, row.more);
  }
}

TEST_CASE("acts of one set of layers share a box, and costly ones are tried only where they name the layer") {
  const Act plain = act("x/a", {"a"});
  Act costly = act("x/b", {"a"});
  costly.resource = true;
  const auto batches = wall_batches({&plain, &costly}, {"a", "b"});
  REQUIRE_EQ(batches.size(), 2);
  CHECK_EQ(batches[0].away, LayerSet{"a"});
  CHECK_EQ(batches[0].acts.size(), 2);
  CHECK_EQ(batches[1].away, LayerSet{"b"});
  CHECK_EQ(batches[1].acts.size(), 1);
}

TEST_CASE("an act that could not be tried has no walls that are believed") {
  const Act one = act("x/a", {"a"});
  std::vector<ActResult> results = {{&one, Verdict::stopped, "EPERM", "ok", {}}};
  conclude_walls({}, {"a"}, results);
  CHECK(results[0].walls.empty());
  CHECK(results[0].only_wall.empty());
  CHECK(results[0].more_walls);
}
