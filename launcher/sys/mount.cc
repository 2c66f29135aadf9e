#include "launcher/sys/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/syscall.h>

#include "launcher/sys/file.h"
#include "launcher/sys/loop.h"

namespace sys {

base::Result<Fd> new_filesystem(const std::string& type,
                                const std::vector<std::pair<std::string, std::string>>& options,
                                std::uint64_t attributes) {
  Fd context(static_cast<int>(::syscall(SYS_fsopen, type.c_str(), FSOPEN_CLOEXEC)));
  if (!context) return failure("fsopen", type);
  for (const auto& [key, value] : options) {
    const auto command = value.empty() ? FSCONFIG_SET_FLAG : FSCONFIG_SET_STRING;
    if (::syscall(SYS_fsconfig, context.get(), command, key.c_str(), value.empty() ? nullptr : value.c_str(), 0) != 0)
      return failure("fsconfig", type + " " + key + "=" + value);
  }
  if (::syscall(SYS_fsconfig, context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0)
    return failure("fsconfig", type);
  Fd mount(static_cast<int>(::syscall(SYS_fsmount, context.get(), FSMOUNT_CLOEXEC, attributes)));
  if (!mount) return failure("fsmount", type);
  return mount;
}

base::Result<Fd> mount_image(const std::string& type, const std::string& path, std::uint64_t attributes) {
  auto direct = new_filesystem(type, {{"source", path}}, attributes);
  if (direct || direct.error().code != ENOTBLK) return direct;
  const LoopDevice loop = TRY(attach_loop(path));
  // LO_FLAGS_AUTOCLEAR: the device lets go of the file with its last user, which the mount is from here on
  return new_filesystem(type, {{"source", loop.path}}, attributes);
}

base::Status attach(int tree, int place) {
  constexpr unsigned kFlags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;
  if (::syscall(SYS_move_mount, tree, "", place, "", kFlags) != 0) return failure("move_mount", {});
  return base::success();
}

base::Result<Fd> clone_tree(int fd) {
  constexpr unsigned kFlags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE;
  Fd tree(static_cast<int>(::syscall(SYS_open_tree, fd, "", kFlags)));
  if (!tree) return failure("open_tree", {});
  return tree;
}

base::Status set_mount_attributes(int tree, std::uint64_t set, std::uint64_t clear, bool recursive) {
  struct mount_attr attributes {};
  attributes.attr_set = set;
  attributes.attr_clr = clear;
  attributes.propagation = MS_PRIVATE;
  const unsigned flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0u);
  if (::syscall(SYS_mount_setattr, tree, "", flags, &attributes, sizeof attributes) != 0)
    return failure("mount_setattr", {});
  return base::success();
}

}  // namespace sys
