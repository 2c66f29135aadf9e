// After the exec, from outside: does the kernel say of the running process what the plan says?
#pragma once

#include <string>
#include <vector>

#include "launcher/facts/box_trial.h"
#include "launcher/plan/plan.h"
#include "profiles/base/result.h"

namespace launcher {

// /proc/PID: ids, groups, all five capability sets, no_new_privs and seccomp in `status`; its place in every cgroup of the box, of which there
// are `cgroups`, all named `cgroup_name`; and `mem` that belongs to root, because it is not dumpable.
base::Status verify_running(pid_t pid, const Plan& plan, const std::string& cgroup_name, std::size_t cgroups);

// Its namespaces are not ours, and those that were made ahead for it are its own. An error without an errno is one that is wrong: a
// process that dies has no namespace any more, but never another's.
base::Status verify_namespaces(pid_t pid, const Plan& plan, const std::vector<FreshNamespace>& joined);

// The same on a given text, for tests. An Error names the line that is wrong.
base::Status verify_status(const std::string& text, const Plan& plan);

}  // namespace launcher
