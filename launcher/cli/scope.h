// From a terminal on a machine that systemd runs, a shell's own control group cannot be divided (cgroup-v2.rst, "No Internal
// Process Constraint"). `run` then starts itself again in a scope of its own that systemd hands over to it
// (systemd.resource-control(5), Delegate=). A service has Delegate=yes in its unit instead.
#pragma once

#include <string>
#include <vector>

#include "launcher/facts/host_facts.h"
#include "launcher/plan/plan.h"

namespace cli {

// The command line that does it, or nothing when a scope would not help: no limit is missing, we are not in a login
// session, systemd does not run here, or we are in such a scope already.
std::vector<std::string> scope_command(const launcher::Plan& plan, const launcher::HostFacts& facts, bool systemd_runs,
                                       const std::string& self, const std::vector<std::string>& arguments);

// Becomes that command; comes back only when it could not.
void enter_scope(const std::vector<std::string>& command);

bool systemd_runs();  // sd_booted(3)
std::string own_executable();

}  // namespace cli
