// Where limits can be set: for each controller our own control group in its hierarchy, when groups can be made below
// it.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>

#include "launcher/facts/host_facts.h"

namespace launcher {

// "memory", "pids", "cpu", and "kill": the version 2 tree, when its groups have cgroup.kill (kernel 5.14).
// `also_ours` is a child that is in our group now and will be gone before a box is made; -1 for none.
std::map<std::string, CgroupController> find_cgroups(pid_t also_ours = -1);

}  // namespace launcher
