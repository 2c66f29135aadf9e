#include "images/trial/root.h"

#include <errno.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "images/store/refuse.h"
#include "images/tree/path_map.h"
#include "launcher/sys/file.h"
#include "launcher/sys/mount.h"

namespace images {
namespace {

constexpr unsigned long long kBeneath = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
constexpr std::uint64_t kPlain = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;

struct Given {
  const char* path;
  const char* mode;
  std::uint64_t attributes;
};
// As the README's command for an engine gives them.
constexpr Given kGiven[] = {
    {"tmp", "1777", kPlain | MOUNT_ATTR_NOEXEC},
    {"run/fpmbox", "0755", kPlain},  // a volume, with the launcher's copy of php-fpm
    {"var/lib/fpmbox", "0755", kPlain | MOUNT_ATTR_NOEXEC},
    {"dev", "0755", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC},
};

struct Device {
  const char* name;
  unsigned minor;
};
constexpr Device kDevices[] = {{"null", 3}, {"zero", 5}, {"full", 7}, {"random", 8}, {"urandom", 9}};

std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

base::Result<sys::Fd> open_place(int root, const std::string& path, int flags) {
  return sys::open_beneath(root, path.empty() ? "." : path, O_PATH | flags, kBeneath);
}

base::Status add_link(int root, int parent, const Member& member) {
  const sys::Fd above = TRY(open_place(root, parent_of(member.target), O_DIRECTORY));
  if (::linkat(above.get(), name_of(member.target).c_str(), parent, name_of(member.path).c_str(), 0) != 0) return sys::failure("link", member.path);
  return base::success();
}

base::Status add_content(int root, int parent, const Member& member) {
  const std::string name = name_of(member.path);
  switch (member.kind) {
    case Member::Kind::directory: return sys::make_directory_at(parent, name, 0700);
    case Member::Kind::file: return sys::write_file_at(parent, name, member.bytes, 0600);
    case Member::Kind::symlink: return sys::symlink_at(member.target, parent, name);
    case Member::Kind::hardlink: return add_link(root, parent, member);
  }
  return base::success();
}

base::Status add_member(int root, const Member& member) {
  if (member.path.empty()) return base::success();  // the root itself
  const std::string name = name_of(member.path);
  if (name.starts_with(".wh.")) return refuse(member.path + " would hide a path of another layer; no image of ours has that");
  const sys::Fd parent = TRY(open_place(root, parent_of(member.path), O_DIRECTORY));
  if (member.kind != Member::Kind::directory) ::unlinkat(parent.get(), name.c_str(), 0);  // of a layer below
  TRY(add_content(root, parent.get(), member));
  if (member.kind == Member::Kind::hardlink) return base::success();
  if (::fchownat(parent.get(), name.c_str(), member.uid, member.gid, AT_SYMLINK_NOFOLLOW) != 0) return sys::failure("chown", member.path);
  if (member.kind != Member::Kind::symlink && ::fchmodat(parent.get(), name.c_str(), member.mode & 01777, 0) != 0) return sys::failure("chmod", member.path);
  return base::success();
}

base::Status attach(const sys::Fd& tree, const sys::Fd& place, const std::string& path) {
  if (::syscall(SYS_move_mount, tree.get(), "", place.get(), "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) != 0) return sys::failure("move_mount", "/" + path);
  return base::success();
}

base::Status add_given(int root) {
  for (const Given& given : kGiven) {
    const sys::Fd fresh = TRY(sys::new_filesystem("tmpfs", {{"mode", given.mode}}, given.attributes));
    if (std::string_view(given.path) == "dev")
      for (const Device& device : kDevices) TRY(sys::device_at(fresh.get(), device.name, 1, device.minor, 0666));
    auto place = open_place(root, given.path, O_DIRECTORY);
    if (!place) return place.take_error().during("the image's folder for a mount");
    TRY(attach(fresh, place.value(), given.path));
  }
  return base::success();
}

// A mount of its own over itself: what is around it becomes read-only, and it does not.
base::Status add_writable(int root, const profiles::Policy& policy) {
  for (const auto& writable : policy.filesystem.writable) {
    const std::string path = policy.filesystem.code.text.substr(1) + "/" + writable.path.text;
    auto place = open_place(root, path, 0);
    if (!place && place.error().code == ENOENT && writable.optional) continue;
    if (!place) return place.take_error().during("a writable path of its policy");
    const sys::Fd same = TRY(sys::clone_tree(place.value().get()));
    TRY(attach(same, place.value(), path));
  }
  return base::success();
}

// The new root lies over /proc, which every machine has, until it is the root: nothing else of the old one is touched.
base::Status change_root(const sys::Fd& root) {
  if (::fchdir(root.get()) != 0) return sys::failure("fchdir", "the image");
  if (::syscall(SYS_pivot_root, ".", ".") != 0) return sys::failure("pivot_root", "the image");
  if (::umount2(".", MNT_DETACH) != 0 || ::chdir("/") != 0) return sys::failure("umount", "the old root");
  return base::success();
}

}  // namespace

base::Status enter_image(const StoredImage& image, const profiles::Policy& policy) {
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return sys::failure("mount", "/, private");
  const sys::Fd root = TRY(sys::new_filesystem("tmpfs", {{"mode", "0755"}}, kPlain));
  for (const StoredLayer& layer : image.layers)
    for (const Member& member : layer.members) {
      auto added = add_member(root.get(), member);
      if (!added) return added.take_error().during("unpacking /" + member.path);
    }
  const sys::Fd place = TRY(sys::open("/proc", O_PATH | O_DIRECTORY));
  TRY(attach(root, place, "proc"));
  TRY(add_given(root.get()));
  TRY(add_writable(root.get(), policy));
  TRY(sys::set_mount_attributes(root.get(), MOUNT_ATTR_RDONLY | kPlain, 0, false));
  return change_root(root);
}

}  // namespace images
