// plan(): Policy and HostFacts to Plan. Pure: looks at nothing.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "launcher/facts/host_facts.h"
#include "launcher/plan/plan.h"
#include "profiles/base/diagnostics.h"
#include "profiles/load/origins.h"
#include "profiles/model/policy.h"

namespace launcher {

// A throw-away box of the same policy, for `fpmbox test`. What differs from the pool's own box is what stands here, and
// plan_trial.cc does it.
struct Trial {
  std::string name;    // in place of the pool's: "shop.test", which no pool can be called
  std::string folder;  // the trial's own on the host, of root: acts/ and sessions/ are in it
  std::string socket;  // name of the live socket in the trial's own pool folder, which nobody but root (or you) enters
  std::map<std::string, std::string> copies = {};  // inside path of what is written: the copy on the host that is shown there
  bool is_live = false;      // with the sockets of `connect:` and `mail:`
  std::string program = {};  // in place of php-fpm: a static program that is asked through its streams
  std::vector<std::string> arguments = {};
};

// What the box is for.
struct Request {
  std::vector<std::string> command = {};  // one command beside the pool, by the same policy; empty: the pool's service
  bool is_recording = false;  // of a service: a box that shows what the application uses, and is no boundary (learn)
  std::optional<Trial> trial = {};        // no command line but that of `test` makes one
  bool is_service() const { return command.empty(); }
};

struct PlanInput {
  const profiles::Policy& policy;
  const profiles::Origins& origins;
  const HostFacts& facts;
  Request request = {};
};

// Mistakes that only the host can reveal (no such user, no such code) go to `diagnostics`; what the host cannot enforce
// goes to Plan::gaps.
Plan plan(const PlanInput& input, base::Diagnostics& diagnostics);

// The plan layer by layer for people, and for programs.
std::string print(const Plan& plan);
std::string print_json(const Plan& plan);

}  // namespace launcher
