// plan(): Policy and HostFacts to Plan. Pure: looks at nothing.
#pragma once

#include "launcher/facts/host_facts.h"
#include "launcher/plan/plan.h"
#include "profiles/base/diagnostics.h"
#include "profiles/load/origins.h"
#include "profiles/model/policy.h"

namespace launcher {

// What the box is for.
struct Request {
  std::vector<std::string> command = {};  // one command beside the pool, by the same policy; empty: the pool's service
  bool is_recording = false;  // of a service: a box that shows what the application uses, and is no boundary (learn)
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
