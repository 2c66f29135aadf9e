// Paths of the host that a policy names, each looked at once.
#pragma once

#include "launcher/facts/host_facts.h"
#include "launcher/facts/looks.h"
#include "profiles/model/policy.h"

namespace launcher {

// Looks at a path without following a final symlink; `real` and what belongs to it come from following all of them.
PathFact look_at(const std::string& path);

// Sockets below a directory, as paths relative to it, but for `own`. A bind of the directory would show all of them, so
// folders below it count. Stops after 1000 files and then names a last one "...".
std::vector<std::string> sockets_below(const std::string& directory, const std::string& own);

// Fills facts.paths: filesystem.system, code (its real path and their parents), data, each writable below the real code
// and below data, filesystem.root and the code's path in it, servers' sockets (with neighbours, which are facts of their own) and their
// directories, listen.unix and facts.php.binary with the folders above them; likewise facts.programs and the links to them.
void find_paths(const profiles::Policy& policy, HostFacts& facts, Looks& looks);

}  // namespace launcher
