// Where an ordinary user's pools have their sockets and sessions, by the XDG base directory specification.
#pragma once

#include <sys/types.h>

#include <string>

namespace launcher {

struct OwnFolder {
  std::string path;
  std::string reason;  // why there is none
};

// fpmbox/ in $XDG_RUNTIME_DIR (the value, or nullptr) or in /run/user/UID: the caller's alone, and never in a folder of
// everybody's.
OwnFolder own_run_directory(const char* wanted, uid_t uid);
// fpmbox/ in $XDG_STATE_HOME, or in .local/state of `home`.
OwnFolder own_state_directory(const char* wanted, const char* home);

}  // namespace launcher
