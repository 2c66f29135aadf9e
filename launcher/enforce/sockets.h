// The pool's sockets: bound outside, before the box exists, and handed in as fds.
#pragma once

#include <sys/types.h>

#include <string>

#include "launcher/plan/plan.h"
#include "launcher/sys/fd.h"
#include "profiles/base/result.h"

namespace launcher {

// The pool's directory, such as /run/fpmbox/NAME, 0750 root:GROUP, and the launcher's claim on it: a lock for as long as `claim` is open. The lock is on
// a file that the group cannot open, so that nobody else can hold it.
struct PoolDirectory {
  sys::Fd directory;
  sys::Fd claim;
};
// Only the folder, where it is not there yet; with `closes_above` nobody else may write the folder that it is in.
base::Result<sys::Fd> make_pool_directory(const std::string& path, mode_t mode, bool closes_above = false);
base::Result<PoolDirectory> claim_pool_directory(const std::string& pool, const PoolDirectoryPlan& plan);

// The live socket, listening. For a Unix socket also where it lies, so that the janitor can remove exactly it.
struct LiveSocket {
  sys::Fd listener;
  sys::Fd directory;  // empty for TCP
  std::string name;
  sys::Fd inode;      // O_PATH, of the socket that we bound
};
// A fresh socket takes the place of a dead one by rename(2), so the path never misses. A path on which another process
// accepts, or that is no socket, is refused.
base::Result<LiveSocket> open_live_socket(const SocketPlan& plan);
// For a launch that fails: takes the name away while it leads to the socket that we bound.
void remove_live_socket(const LiveSocket& socket);

// A listening socket without a name, and an O_PATH fd of its inode: who holds that can connect to /proc/self/fd/N.
struct StatusSocket {
  sys::Fd listener;
  sys::Fd inode;
};
base::Result<StatusSocket> open_status_socket(const SocketPlan& plan, int pool_directory, uid_t owner, gid_t group);

// For `fpmbox health`, in the pool's directory: 0600 and of whoever runs the launcher now.
inline constexpr const char* kHealthSocket = "health.sock";
base::Result<sys::Fd> open_health_socket(int pool_directory);

}  // namespace launcher
