// Where limits can be set: for each controller our own control group in its hierarchy, when groups can be made below
// it.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>

#include "launcher/facts/host_facts.h"

namespace launcher {

// Whether groups of the version 2 tree have cgroup.kill (kernel 5.14) shows in any of them but its root. Where there is no other,
// one has to be made to see it; a box, which makes one of its own all the same, does without the knowledge.
enum class KillFile { tried, hoped_for };

// "memory", "pids", "cpu", and "kill": the version 2 tree, when its groups have cgroup.kill.
// `also_ours` is a child that is in our group now and will be gone before a box is made; -1 for none.
std::map<std::string, CgroupController> find_cgroups(KillFile kill = KillFile::tried, pid_t also_ours = -1);

}  // namespace launcher
