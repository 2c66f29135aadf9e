// Users and groups of the host that a policy names.
#pragma once

#include <optional>

#include "launcher/facts/host_facts.h"
#include "launcher/facts/user_database.h"
#include "profiles/model/policy.h"

namespace launcher {

// Names that /etc/passwd and /etc/group do not have are asked of getent(1), so that directories (LDAP) work too.
using AskDatabase = std::string (*)(const char* database, const std::string& name);

// Fills facts.users with identity.user, listen.owner and the launcher's own user, and facts.groups with identity.group,
// listen.group and every group that one of these users is in. Other names of the pool user's uid are entered too, so
// that an alias of www-data is seen to be www-data.
void find_users(const profiles::Policy& policy, HostFacts& facts);

// By name, or where nobody has that by number.
std::optional<UserEntry> find_user(const std::string& word);
std::optional<UserEntry> find_user(uid_t uid);
// The name of a uid; "" when there is none.
std::string user_name(uid_t uid);

// The groups that this process is in besides `own`.
std::vector<gid_t> other_groups(gid_t own);

// The pure part: the same from the two texts.
void find_users_in(const profiles::Policy& policy, const std::string& users, const std::string& groups, AskDatabase ask,
                   HostFacts& facts);

}  // namespace launcher
