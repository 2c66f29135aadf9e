#include "launcher/enforce/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>

#include <memory>

#include "launcher/sys/file.h"
#include "launcher/sys/mount.h"

namespace launcher {
namespace {

using base::Result;
using base::Status;
using sys::Fd;

constexpr const char* kSize = "50%";  // of the memory: uploads and caches of a recording fit, and the host goes on
constexpr int kDeepest = 64;          // folders in folders; each holds an fd open

Status give(int directory, int depth, const Plan& plan);

// What only others may read stays theirs: a recording shows what the pool does, and gives it nothing to read.
bool may_read(const struct stat& info, const Plan& plan) {
  const mode_t bit = info.st_uid == plan.uid ? 0400 : info.st_gid == plan.gid ? 0040 : 0004;
  return (info.st_mode & bit) != 0;
}

Status give_entry(int directory, const dirent& entry, int depth, const Plan& plan) {
  const std::string name = entry.d_name;
  if (name == "." || name == "..") return base::success();
  const Fd found = TRY(sys::open_at(directory, name, O_PATH | O_NOFOLLOW));
  const struct stat info = TRY(sys::status_of(found.get()));
  const bool is_folder = S_ISDIR(info.st_mode);
  if ((!is_folder && !S_ISREG(info.st_mode)) || !may_read(info, plan)) return base::success();
  if (info.st_uid != plan.uid && !sys::change_owner(found.get(), plan.uid, plan.gid).ok()) return sys::failure("chown in the scratch layer", name);
  if (!is_folder) return base::success();
  const Fd below = TRY(sys::open_at(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  return give(below.get(), depth + 1, plan);
}

// The names are read before anything is changed: what a change does to a running readdir(3) is nowhere said.
Status give(int directory, int depth, const Plan& plan) {
  if (depth > kDeepest) return base::Error{"its folders are nested more than " + std::to_string(kDeepest) + " deep", {}, 0, {}};
  Fd again = TRY(sys::open_at(directory, ".", O_RDONLY | O_DIRECTORY));
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(again.get()), ::closedir);
  if (!stream) return sys::failure("opendir", {});
  again.release();
  std::vector<dirent> entries;
  while (const dirent* entry = ::readdir(stream.get())) entries.push_back(*entry);
  for (const dirent& entry : entries) TRY(give_entry(directory, entry, depth, plan));
  return base::success();
}

// "/srv/x" -> "srv.x": a folder of its own for each layer.
std::string layer_name(const std::string& target) {
  std::string name = target.substr(1);
  for (char& c : name)
    if (c == '/') c = '.';
  return name;
}

Result<Fd> layer(const Fd& scratch, const std::string& name) {
  TRY(sys::make_directory_at(scratch.get(), name, 0700));
  return sys::open_at(scratch.get(), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

// The upper folder is what the overlay's own root looks like.
Status make_upper(const Fd& layer, const struct stat& below, const Plan& plan, const MountOp& op) {
  TRY(sys::make_directory_at(layer.get(), "upper", 0700));
  TRY(sys::make_directory_at(layer.get(), "work", 0700));
  const Fd upper = TRY(sys::open_at(layer.get(), "upper", O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  const uid_t uid = op.handed_over ? plan.uid : below.st_uid;
  const gid_t gid = op.handed_over ? plan.gid : below.st_gid;
  if (::fchown(upper.get(), uid, gid) != 0 || ::fchmod(upper.get(), below.st_mode & 07777) != 0) return sys::failure("chown", "upper");
  return base::success();
}

// By fd and not by name: an option may hold no comma and no colon.
std::string own_path(const Fd& fd, const std::string& below = {}) { return "/proc/self/fd/" + std::to_string(fd.get()) + below; }

}  // namespace

Status make_scratch(const Plan& plan) {
  if (::unshare(CLONE_NEWNS) != 0) return sys::failure("unshare", "mount namespace");
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return sys::failure("mount", "/ private");
  const Fd root = TRY(sys::open("/", O_PATH | O_DIRECTORY));
  const Fd place = TRY(sys::make_directories(root.get(), plan.scratch.substr(1), 0700));
  const Fd scratch = TRY(sys::new_filesystem("tmpfs", {{"size", kSize}, {"mode", "0700"}}, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC));
  constexpr unsigned kFlags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;
  if (::syscall(SYS_move_mount, scratch.get(), "", place.get(), "", kFlags) != 0) return sys::failure("move_mount", plan.scratch);
  return sys::make_directory_at(scratch.get(), kExchange, 0755);
}

Result<Fd> acquire_overlay(const Plan& plan, const MountOp& op) {
  const Fd source = TRY(sys::open_without_links(op.source, O_PATH | O_DIRECTORY));
  const struct stat info = TRY(sys::status_of(source.get()));
  const Fd scratch = TRY(sys::open(plan.scratch, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  const Fd own = TRY(layer(scratch, layer_name(op.target)));
  TRY(make_upper(own, info, plan, op));
  const std::uint64_t attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | (op.no_exec ? MOUNT_ATTR_NOEXEC : 0);
  Fd overlay = TRY(sys::new_filesystem(
      "overlay", {{"lowerdir", own_path(source)}, {"upperdir", own_path(own, "/upper")}, {"workdir", own_path(own, "/work")}, {"metacopy", "on"}},
      attributes));
  if (op.handed_over) {
    const Fd top = TRY(sys::open_at(overlay.get(), ".", O_RDONLY | O_DIRECTORY));
    TRY(give(top.get(), 0, plan));
  }
  return overlay;
}

Result<Fd> acquire_copy(const Plan& plan, const MountOp& op) {
  const Fd source = TRY(sys::open_without_links(op.source, O_RDONLY | O_NONBLOCK));  // it may be a pipe by now
  const struct stat info = TRY(sys::status_of(source.get()));
  if (!S_ISREG(info.st_mode)) return base::Error{op.source + " is not what it was a moment ago", {}, 0, {}};
  const Fd scratch = TRY(sys::open(plan.scratch, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  const std::string name = layer_name(op.target);
  const std::string content = TRY(sys::read_all(source.get(), 64 << 20));
  TRY(sys::write_file_at(scratch.get(), name, content, 0600));
  const Fd copy = TRY(sys::open_at(scratch.get(), name, O_RDONLY | O_NOFOLLOW));
  if (::fchown(copy.get(), info.st_uid, info.st_gid) != 0 || ::fchmod(copy.get(), info.st_mode & 07777) != 0) return sys::failure("chown", name);
  const Fd path = TRY(sys::open_at(scratch.get(), name, O_PATH | O_NOFOLLOW));
  Fd tree = TRY(sys::clone_tree(path.get()));
  TRY(sys::set_mount_attributes(tree.get(), MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, 0, true));
  return tree;
}

}  // namespace launcher
