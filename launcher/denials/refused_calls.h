// From a call that the filter refused to a denial: which line of the profile refused it, and the smallest one that would
// let it through. Pure.
//
//   explain_call({.nr = SYS_ptrace}, context)
//     -> act "ptrace(PTRACE_TRACEME, 0)", decided by "syscalls.report (catalog/base.yaml:26:7 through @debug)",
//        to permit: syscalls: {allow: [{name: ptrace, why: "..."}]}
#pragma once

#include <linux/seccomp.h>

#include "launcher/denials/context.h"

namespace launcher {

// Without pool, pid, time and script.
Denial explain_call(const seccomp_data& call, const DenialContext& context);

// What calls are told apart by, when many are counted: the call, and the value that one of its arguments may not have, as
// far as that has a name. There are few of them, whatever a hostile worker calls.
std::string call_key(const seccomp_data& call, const DenialContext& context);

}  // namespace launcher
