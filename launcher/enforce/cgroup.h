// The box's own cgroups: made only below the launcher's own group, limited, joined before the box does anything.
#pragma once

#include <string>
#include <vector>

#include "launcher/plan/plan.h"
#include "launcher/sys/fd.h"
#include "profiles/base/result.h"

namespace launcher {

// One group of the box in one hierarchy. The janitor removes it by `parent` and `name`.
struct CgroupOfBox {
  sys::Fd parent;
  std::string name;
  sys::Fd group;
  sys::Fd kill;  // cgroup.kill, where the hierarchy is v2 and the kernel has it
};

// Makes the groups and writes the limits. What was made before a failure is removed again.
base::Result<std::vector<CgroupOfBox>> make_cgroups(const Plan& plan, const std::string& name);
base::Status join_cgroups(const std::vector<CgroupOfBox>& groups, pid_t pid);
void remove_cgroups(const std::vector<CgroupOfBox>& groups);

}  // namespace launcher
