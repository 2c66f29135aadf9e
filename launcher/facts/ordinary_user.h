// What an ordinary user can have here without root: a user namespace, process information, folders of its own.
#pragma once

#include <string>

#include "launcher/facts/host_facts.h"

namespace launcher {

// Fills facts.ordinary_user, and the folders for sockets and state; for a caller that is not root.
void find_ordinary_user(HostFacts& facts);

// The name of the user that we are; "" when this host has none for it.
std::string own_user_name();

// What stands in the way, tried in a child: `step` is "" when all worked.
struct NamespaceTrial {
  std::string step;
  int code = 0;  // errno
};
NamespaceTrial try_user_namespace();

// $XDG_RUNTIME_DIR (the value, or nullptr) or /run/user/UID, when it is the caller's alone and lives as long as its
// sessions; "" with a reason otherwise.
struct OwnFolder {
  std::string path;
  std::string reason;
};
OwnFolder own_run_directory(const char* wanted, uid_t uid);
// $XDG_STATE_HOME, or .local/state in `home`.
OwnFolder own_state_directory(const char* wanted, const char* home);

}  // namespace launcher
