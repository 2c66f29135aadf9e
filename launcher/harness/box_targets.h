// What acts aim at in a box, from its plan.
#pragma once

#include "launcher/harness/targets.h"
#include "launcher/plan/plan.h"
#include "profiles/model/policy.h"

namespace harness {

Targets box_targets(const launcher::Plan& plan, const profiles::Policy& policy);

// What is known without a plan: of a box that a container's entrypoint makes. `$sessions` is a box's own; and there is no `$data`.
Targets policy_targets(const profiles::Policy& policy);

// `$sessions`: where there is no box of mounts (tier B), the host's own path.
std::string sessions_of(const std::string& pool, bool is_enclosed);

// `$data`: the first folder that the profile lets it write, or where there is none the first file; empty: neither.
std::string first_writable(const launcher::Plan& plan);

// Where the host has the code: elsewhere than the box when it lies in an image.
std::string code_on_host(const launcher::Plan& plan);

}  // namespace harness
