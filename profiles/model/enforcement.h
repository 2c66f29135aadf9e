// Which layers may be missing on a host. The default is none: a gap in a required layer stops the launch.
#pragma once
#include "profiles/model/describe.h"

namespace profiles {

struct BestEffort {
  std::string layer;  // a layer's name as `fpmbox plan` prints it, such as "limits.cpu" or "landlock"
  std::string why;
  friend bool operator==(const BestEffort&, const BestEffort&) = default;
  const std::string& item_name() const { return layer; }
};
template <class V>
void describe(V& v, BestEffort& f) {
  v.title("layer", f.layer, "Layer that may be missing.");
  v.field("why", f.why, "Why this site may run without it.");
}

struct Enforcement {
  std::vector<BestEffort> best_effort;
  friend bool operator==(const Enforcement&, const Enforcement&) = default;
};
template <class V>
void describe(V& v, Enforcement& f) {
  v.field("best_effort", f.best_effort, "Layers that are printed as a gap instead of stopping the launch.");
}

}  // namespace profiles
