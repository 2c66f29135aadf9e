// What the launcher gives up once the box runs. From then on it reads hostile bytes and has to do nothing but wait,
// signal and write lines, so nothing else is left to it: an ordinary user with CAP_KILL, and a filter of its own.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string_view>

#include "profiles/base/result.h"

namespace launcher {

constexpr std::uint64_t capability_bit(int capability) { return std::uint64_t{1} << capability; }

// Of the capabilities that the process has, keeps at most these, permitted and effective; inheritable and ambient sets
// end empty. With CAP_SETPCAP the bounding set too, and securebits are locked, so that neither a uid change nor an exec
// gives anything back; a process without it, in a container, has little to lose. The kernel is asked what came of it.
base::Status keep_capabilities(std::uint64_t permitted);

// The bounding set alone, of a process with CAP_SETPCAP and of all that it makes from then on; what is gone already costs a
// question each. Nothing without the capability.
base::Status empty_bounding_set();

// Root becomes uid and gid with no supplementary groups, keeps CAP_KILL alone, can gain nothing by an exec and cannot
// be traced. Then reads it all back from /proc/self/status: a difference is an error.
base::Status drop_supervisor_privileges(uid_t uid, gid_t gid);

// Root becomes uid and gid for good: no supplementary groups, no capability, nothing to gain by an exec; not to be traced. Read
// back in the same way.
base::Status become_ordinary(uid_t uid, gid_t gid);

// For an ordinary user in its user namespace: every capability goes, and it is read back. Its ids are its own already.
base::Status drop_namespace_privileges();

struct Ids {
  uid_t uid = 0;
  gid_t gid = 0;
};
// Whichever of the three fits: root with a user to become, an ordinary user, root without one.
base::Status drop_privileges(const std::optional<Ids>& become);

// Where there is nothing to drop (inside a container): no_new_privs and not dumpable. Read back, too.
base::Status drop_nothing_but_growth();

// Loaded last. Signals leave only through pidfds that are already held: kill(2), pidfd_open(2) and opening files are
// not on the list, so that CAP_KILL reaches the box and nothing else. No TCP socket that is held connects or is bound (Landlock).
base::Status load_supervisor_filter();

// The check of a /proc/PID/status text, apart from the kernel.
base::Status check_status(std::string_view status, uid_t uid, gid_t gid, std::uint64_t permitted);

}  // namespace launcher
