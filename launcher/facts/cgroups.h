// Where limits can be set: for each controller our own control group in its hierarchy, when groups can be made below
// it.
#pragma once

#include <map>
#include <string>

#include "launcher/facts/host_facts.h"

namespace launcher {

// "memory", "pids", "cpu", and "kill": the version 2 tree, when its groups have cgroup.kill (kernel 5.14).
std::map<std::string, CgroupController> find_cgroups();

}  // namespace launcher
