// The mount API by file descriptor (fsopen, open_tree, mount_setattr, move_mount; kernel 5.12). No path strings but in
// the first open.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "launcher/sys/fd.h"
#include "profiles/base/result.h"

namespace sys {

// A new file system instance, mounted nowhere. `options` are key=value pairs for fsconfig(2); an empty value is a flag.
base::Result<Fd> new_filesystem(const std::string& type, const std::vector<std::pair<std::string, std::string>>& options,
                                std::uint64_t attributes);
// A file system that lies in a file, mounted nowhere: by the kernel itself (EROFS since Linux 6.12), or else by a loop device
// that is gone with the mount.
base::Result<Fd> mount_image(const std::string& type, const std::string& path, std::uint64_t attributes);
// Puts the detached `tree` over the folder `place`; both by fd.
base::Status attach(int tree, int place);
// A private copy of the mount tree at `fd` (which is O_PATH), mounted nowhere. Recursive.
base::Result<Fd> clone_tree(int fd);
// Sets and clears MOUNT_ATTR_ bits on a whole detached tree and makes it private: all of it or an error.
base::Status set_mount_attributes(int tree, std::uint64_t set, std::uint64_t clear, bool recursive);

}  // namespace sys
