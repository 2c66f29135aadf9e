// Mistakes that only the host can reveal: no such user, code that the pool could write, a folder that is not there. All
// run, all report, each with the command that puts it right. Pure: they look at facts.
#pragma once

#include <span>
#include <string_view>

#include "launcher/facts/host_facts.h"
#include "profiles/base/diagnostics.h"
#include "profiles/load/origins.h"
#include "profiles/model/policy.h"

namespace launcher {

struct HostCheckInput {
  const profiles::Policy& policy;
  const profiles::Origins& origins;
  const HostFacts& facts;
  base::Diagnostics& diagnostics;
};

struct HostCheck {
  std::string_view name;
  void (*run)(const HostCheckInput&);
};

// The table of checks, in the order in which they run.
std::span<const HostCheck> host_checks();

// What every launch checks; plan() calls it. Of the code it looks at the root, the folders above it and the writable
// paths; check_code_tree() in code_tree.h looks at all of it.
void check_host(const HostCheckInput& input);

}  // namespace launcher
