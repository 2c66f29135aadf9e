// The plan of a box elsewhere, as its launcher tells it (`fpmbox plan --json`): as much of it as can be read back from what runs.
//
//   const launcher::Plan plan = TRY(ask_for_plan(ask, "/etc/fpmbox/pool.yaml"));
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "launcher/plan/plan.h"
#include "profiles/base/result.h"

namespace harness {

// The error: what is missing, or of another kind than it has to be. Nothing is guessed.
base::Result<launcher::Plan> told_plan(const std::string& json);

// Of a launcher in a container: `ask` starts that command of it there, gives it the lines, and comes back with its output's.
using AskLauncher = std::function<base::Result<std::vector<std::string>>(const std::vector<std::string>& lines, int timeout_ms, const std::vector<std::string>& command)>;
base::Result<launcher::Plan> ask_for_plan(const AskLauncher& ask, const std::string& pool_file);

}  // namespace harness
