// The new root. All targets are walked inside our own tmpfs, by fd, with no symlink followed.
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher/enforce/child/steps.h"

namespace child {

int make_tree_private(const Orders&, int&) {
  return mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 ? 0 : errno;
}

// On top of "/": there is no other directory that every host is sure to have.
int attach_root(const Orders& orders, int&) {
  if (syscall(SYS_move_mount, orders.root, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) != 0) return errno;
  return 0;
}

static int open_target(const Orders& orders, const char* target) {
  struct open_how how = {};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  return static_cast<int>(syscall(SYS_openat2, orders.root, target, &how, sizeof how));
}

// Process information of this pid namespace only, so it must be made here; without /proc/sys and the like.
static int new_procfs(bool hides) {
  const int context = static_cast<int>(syscall(SYS_fsopen, "proc", FSOPEN_CLOEXEC));
  if (context < 0) return -1;
  const bool made = syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, "subset", "pid", 0) == 0 &&
                    syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, "hidepid", hides ? "invisible" : "off", 0) == 0 &&
                    syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) == 0;
  constexpr unsigned kAttributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
  const int mounted = made ? static_cast<int>(syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, kAttributes)) : -1;
  const int saved = errno;
  close(context);
  errno = saved;
  return mounted;
}

// Asked of the kernel about the mount that is now in place.
static bool is_sealed(int tree, unsigned long flags) {
  struct statfs info = {};
  if (fstatfs(tree, &info) != 0) return false;
  return (static_cast<unsigned long>(info.f_flags) & flags) == flags;
}

static int attach(const Orders& orders, const Attach& row) {
  const int target = open_target(orders, row.target);
  if (target < 0) return errno;
  const int tree = row.tree >= 0 ? row.tree : new_procfs(orders.hides_processes);
  if (tree < 0) return errno;
  constexpr unsigned kFlags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;
  if (syscall(SYS_move_mount, tree, "", target, "", kFlags) != 0) return errno;
  close(target);
  return is_sealed(tree, row.flags) ? 0 : EROFS;
}

int attach_mounts(const Orders& orders, int& subject) {
  for (size_t i = 0; i < orders.attach_count; ++i) {
    subject = static_cast<int>(i);
    const int code = attach(orders, orders.attach[i]);
    if (code != 0) return code;
  }
  return 0;
}

int pivot(const Orders& orders, int&) {
  const int old_root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (old_root < 0) return errno;
  if (fchdir(orders.root) != 0) return errno;
  // pivot_root(2), "pivot_root(".", ".")": the old root ends up on top of the new one and goes from there
  if (syscall(SYS_pivot_root, ".", ".") != 0) return errno;
  if (fchdir(old_root) != 0) return errno;
  if (umount2(".", MNT_DETACH) != 0) return errno;
  close(old_root);
  if (chdir("/") != 0) return errno;
  // A working directory that were still in the host's tree would read "(unreachable)/...", getcwd(3).
  char here[64] = {};
  if (syscall(SYS_getcwd, here, sizeof here) < 0) return errno;
  return here[0] == '/' && here[1] == '\0' ? 0 : EXDEV;
}

}  // namespace child
