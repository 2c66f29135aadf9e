// From filter rows to BPF by libseccomp, before clone: nothing of libseccomp runs in the child.
#pragma once

#include <linux/filter.h>

#include <vector>

#include "launcher/plan/plan.h"
#include "profiles/base/result.h"

namespace launcher {

// Decides: foreign architecture or x32: the process is killed. Number unknown to libseccomp: ENOSYS. Rows as they say.
// Everything else: EPERM, and reported where it is a call that is allowed with other arguments, or where the plan records.
// `execveat` as plan.exec_gate says: on plan.program_fd with AT_EMPTY_PATH, with
// a pinned path at child::kPathAddress only; or reported whatever its arguments are.
base::Result<std::vector<sock_filter>> compile_filter(const FilterPlan& plan);

}  // namespace launcher
