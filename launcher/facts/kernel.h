// What this kernel and our privileges permit, found by asking or by trying in a throw-away child.
#pragma once

#include <string>
#include <vector>

namespace launcher {

// Does seccomp(2) know these flags of SECCOMP_SET_MODE_FILTER? Loads nothing.
bool knows_filter_flags(unsigned long flags);

// Can calls be reported to another process (SECCOMP_RET_USER_NOTIF), in the way in which the box's filter is loaded?
bool has_user_notification();
// Can the one exec be let through by it? A signal may interrupt a waiting call there, which costs a box that asks for it
// again, and nothing else.
bool has_exec_notification();

// CAP_SYS_ADMIN and the others that a box is made with, effective.
bool has_needed_capabilities();
std::vector<std::string> missing_capabilities();  // the same by name: "SYS_ADMIN"

bool has_capability(const std::string& name);  // effective; "CHOWN"

}  // namespace launcher
