// The layers of a box, and a plan without one of them. For throw-away boxes of `fpmbox test` alone: what it tells is which
// layers stop an act when others are away.
//
//   const launcher::Plan weaker = without(layer, plan, surroundings);
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "launcher/plan/plan.h"
#include "profiles/base/result.h"

namespace harness {

// One name in a folder of the host.
struct HostEntry {
  enum class Kind { folder, file, link, other };
  std::string name;
  Kind kind = Kind::other;
  std::string target;  // of a link
  friend bool operator==(const HostEntry&, const HostEntry&) = default;
};

// What a box gets in place of a layer that it lacks.
class Surroundings {
 public:
  virtual ~Surroundings() = default;
  virtual std::vector<HostEntry> entries(const std::string& folder) const = 0;  // of the host's tree
  uid_t neighbour_uid = 0;  // whom pools share that have no user of their own; 0: nobody
  gid_t neighbour_gid = 0;
};

std::unique_ptr<Surroundings> host_surroundings();  // this machine's

struct Layer {
  const char* name;
  const char* what;
  // nullptr: it cannot be taken away, and `fixed` says why; acts may name it all the same.
  launcher::Plan (*without)(launcher::Plan plan, const Surroundings& host);
  const char* fixed;
};
const std::vector<Layer>& layers();
std::vector<std::string> layer_names();
const Layer* find_layer(const std::string& name);

// The plan without that layer. The error: it cannot be taken away, or this plan does not have it.
base::Result<launcher::Plan> without(const Layer& layer, const launcher::Plan& plan, const Surroundings& host);

}  // namespace harness
