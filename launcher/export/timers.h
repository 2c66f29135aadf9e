// The jobs of a pool as timers of systemd, each of which starts `fpmbox exec`: a box of its own with the pool's walls.
#pragma once

#include <string>

#include "profiles/base/result.h"
#include "profiles/export/engine.h"
#include "profiles/model/policy.h"

namespace launcher {

// /etc/systemd/system/fpmbox-NAME.JOB.service and .timer for each job. `pool` is what exec is told: a name, or the path of
// a pool file. The error is for a pool without jobs, and for a word that a unit cannot spell.
base::Result<profiles::Exported> export_timers(const profiles::Policy& policy, const std::string& pool);

}  // namespace launcher
