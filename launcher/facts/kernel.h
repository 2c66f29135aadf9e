// What this kernel and our privileges permit, found by asking or by trying in a throw-away child.
#pragma once

namespace launcher {

// Can calls be reported to another process (SECCOMP_RET_USER_NOTIF)?
bool has_user_notification();

// Are we root with all that a box needs (mounts, devices, other users' ids), and does mounting really work?
bool can_make_boxes();

}  // namespace launcher
