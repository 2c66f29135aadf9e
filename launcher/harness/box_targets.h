// What acts aim at in a box, from its plan.
#pragma once

#include "launcher/harness/targets.h"
#include "launcher/plan/plan.h"
#include "profiles/model/policy.h"

namespace harness {

Targets box_targets(const launcher::Plan& plan, const profiles::Policy& policy);

}  // namespace harness
