// The plan of a box elsewhere, as its launcher tells it (`fpmbox plan --json`): as much of it as can be read back from what runs.
//
//   const launcher::Plan plan = TRY(told_plan(text));
#pragma once

#include <string>

#include "launcher/plan/plan.h"
#include "profiles/base/result.h"

namespace harness {

// The error: what is missing, or of another kind than it has to be. Nothing is guessed.
base::Result<launcher::Plan> told_plan(const std::string& json);

}  // namespace harness
