// After the exec, from outside: does the kernel say of the running process what the plan says?
#pragma once

#include <string>

#include "launcher/plan/plan.h"
#include "profiles/base/result.h"

namespace launcher {

// Reads /proc/PID/status: ids, groups, all five capability sets, no_new_privs, seccomp.
base::Status verify_running(pid_t pid, const Plan& plan);

// The same on a given text, for tests. An Error names the line that is wrong.
base::Status verify_status(const std::string& text, const Plan& plan);

}  // namespace launcher
