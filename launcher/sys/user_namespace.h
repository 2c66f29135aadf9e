// A user namespace of our own (user_namespaces(7)): what an ordinary user has instead of root's rights.
#pragma once

#include <sys/types.h>

#include <span>

#include "profiles/base/result.h"

namespace sys {

// This process, which must have one thread, enters a user namespace with a mount namespace that belongs to it. Its one uid
// and one gid are the same numbers inside: nothing is root there. From now on every capability, over nothing but what the
// namespace owns. Groups cannot be set in it, so supplementary ones stay.
base::Status enter_user_namespace(uid_t uid, gid_t gid);

base::Status set_groups(std::span<const gid_t> groups);  // setgroups(2), by root

// Root becomes uid and gid for good, without other groups and without a capability; its /proc/self stays its own, so that it
// can enter a user namespace.
base::Status become(uid_t uid, gid_t gid);

}  // namespace sys
