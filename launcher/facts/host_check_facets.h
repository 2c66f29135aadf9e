// What host checks share, and the checks of each facet. Private to this folder.
#pragma once

#include <string>

#include "launcher/facts/host_checks.h"
#include "launcher/facts/pool_ids.h"

namespace launcher {

// At the line that set `key`, or the nearest key around it.
void host_error(const HostCheckInput& input, const std::string& key, std::string what, std::string fix);
void host_warning(const HostCheckInput& input, const std::string& key, std::string what, std::string fix);

// The fact of a path; one that was not looked at counts as missing.
const PathFact& path_fact(const HostFacts& facts, const std::string& path);
FileOwner owner_of(const PathFact& fact);

bool is_within(const std::string& path, const std::string& folder);
std::string folder_of(const std::string& path);

// A path for a command that people paste into a shell.
std::string shell_word(const std::string& path);
// "chown -R USER:GROUP PATH"
std::string give_to_pool(const profiles::Policy& policy, const std::string& path);
// The commands after which root owns the code at `root` and the pool only what it must write in it.
std::string give_code_to_root(const HostCheckInput& input, const std::string& root);

// What to do about code that is not as it has to be: nobody changes an image.
std::string to_repair_code(const HostCheckInput& input, std::string otherwise);

// The nearest of `path`'s folders (not `path` itself) for which why_not_ours() says something, so that what is below
// could be exchanged. A sticky folder of somebody else is none. "" when there is none.
std::string writable_folder_above(const std::string& path, const HostCheckInput& input, const PoolIds& pool);

// Why somebody else than root (and, for an ordinary user's box, than the caller) could change it; "" when nobody could.
std::string why_not_ours(const HostCheckInput& input, const FileOwner& file, const PoolIds& pool);

void check_host_ordinary_user(const HostCheckInput& input);
void check_host_user(const HostCheckInput& input);
void check_host_groups(const HostCheckInput& input);
void check_host_web_server(const HostCheckInput& input);
void check_host_launcher_user(const HostCheckInput& input);
void check_host_code(const HostCheckInput& input);
void check_host_code_owner(const HostCheckInput& input);
void check_host_data(const HostCheckInput& input);
void check_host_writable(const HostCheckInput& input);
void check_host_system(const HostCheckInput& input);
void check_host_connect(const HostCheckInput& input);
void check_host_listen(const HostCheckInput& input);
void check_host_php(const HostCheckInput& input);
void check_host_extensions(const HostCheckInput& input);
void check_host_programs(const HostCheckInput& input);
void check_host_program_owners(const HostCheckInput& input);

}  // namespace launcher
