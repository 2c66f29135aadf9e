// The box's own cgroups: made only below the launcher's own group, limited, joined before the box does anything.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "launcher/enforce/limit_counter.h"
#include "launcher/plan/plan.h"
#include "launcher/sys/fd.h"
#include "profiles/base/result.h"

namespace launcher {

// One group of the box in one hierarchy. The janitor removes it by `parent` and `name`.
struct CgroupOfBox {
  std::string parent_path;  // for messages
  sys::Fd parent;
  std::string name;
  sys::Fd group;
  sys::Fd kill;  // cgroup.kill, where the hierarchy is v2 and the kernel has it
  std::vector<LimitCounter> counters;
  sys::Fd tasks;  // of a v1 group: a thread that writes 0 moves itself. Empty for v2: the child is born in it
};

// Makes the groups and writes the limits. What was made before a failure is removed again.
base::Result<std::vector<CgroupOfBox>> make_cgroups(const Plan& plan, const std::string& name);
// The group of the one v2 hierarchy, for CLONE_INTO_CGROUP; -1 when there is none.
int group_to_be_born_in(const std::vector<CgroupOfBox>& groups);
base::Status move_into(int group, pid_t pid);
void remove_cgroups(const std::vector<CgroupOfBox>& groups);
// Of launchers of this pool that are dead. One that is still busy stays until the next time.
void remove_stale_cgroups(const std::vector<CgroupOfBox>& groups, const std::string& pool);

}  // namespace launcher
