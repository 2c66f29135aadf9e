// Builds the box's file tree detached: a tmpfs that is mounted nowhere yet, so nobody can interfere with its names, with
// generated files, links and mount points in it, and every mount cloned with its flags set on all of it.
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "launcher/enforce/prepared.h"
#include "launcher/enforce/scratch.h"
#include "launcher/sys/file.h"
#include "launcher/sys/mount.h"

namespace launcher {
namespace {

using base::Error;
using base::Result;
using base::Status;
using sys::Fd;
using Kind = MountOp::Kind;

constexpr std::uint64_t kNever = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;

struct Device {
  const char* name;
  unsigned major;
  unsigned minor;
};
// Documentation/admin-guide/devices.txt
constexpr std::array kDevices = {Device{"null", 1, 3}, Device{"zero", 1, 5}, Device{"full", 1, 7}, Device{"random", 1, 8},
                                 Device{"urandom", 1, 9}};

struct Place {
  std::string parent;  // relative to the root, may be ""
  std::string name;
};
Place place_of(const std::string& target) {
  const auto slash = target.rfind('/');
  return {slash == 0 ? "" : target.substr(1, slash - 1), target.substr(slash + 1)};
}

bool is_mount(Kind kind) {
  switch (kind) {
    case Kind::bind:
    case Kind::overlay:
    case Kind::copy:
    case Kind::tmpfs:
    case Kind::devices:
    case Kind::device:
    case Kind::unreadable:
    case Kind::proc: return true;
    case Kind::directory:
    case Kind::file:
    case Kind::symlink: return false;
  }
  return false;
}

// Below a bind the mount point must be there already: that tree is not ours to change.
bool lies_in_a_bind(const std::string& target, const std::vector<AcquiredMount>& mounts) {
  return std::any_of(mounts.begin(), mounts.end(), [&](const AcquiredMount& mount) {
    const bool holds_its_own = mount.op->kind == Kind::bind || mount.op->kind == Kind::overlay;
    return holds_its_own && target.starts_with(mount.op->target + "/");
  });
}

Status make_entry(const Fd& root, const MountOp& op) {
  const Place place = place_of(op.target);
  const Fd parent = TRY(sys::make_directories(root.get(), place.parent, 0755));
  switch (op.kind) {
    case Kind::file: return sys::write_file_at(parent.get(), place.name, op.content, op.mode);
    case Kind::symlink: return sys::symlink_at(op.source, parent.get(), place.name);
    case Kind::directory:
    case Kind::bind:
    case Kind::overlay:
    case Kind::copy:
    case Kind::tmpfs:
    case Kind::devices:
    case Kind::device:
    case Kind::unreadable:
    case Kind::proc: break;
  }
  if (op.is_directory) return sys::make_directory_at(parent.get(), place.name, 0755);
  return sys::write_file_at(parent.get(), place.name, "", 0444);
}

std::uint64_t attributes_of(const MountOp& op) {
  return kNever | (op.read_only ? MOUNT_ATTR_RDONLY : 0) | (op.no_exec ? MOUNT_ATTR_NOEXEC : 0);
}

Result<Fd> acquire_bind(const Plan& plan, const MountOp& op) {
  const Fd source = TRY(sys::open_without_links(op.source, O_PATH));
  const struct stat info = TRY(sys::status_of(source.get()));
  if (S_ISDIR(info.st_mode) != op.is_directory) return Error{op.source + " is not what it was a moment ago", {}, 0, {}};
  if (op.owned_by_pool && !op.read_only && info.st_uid == 0 && (info.st_mode & S_IWOTH) == 0 && info.st_gid != plan.gid)
    return Error{"user " + plan.user + " cannot write " + op.source + "; chown " + plan.user + " " + op.source, {}, 0, {}};
  Fd tree = TRY(sys::clone_tree(source.get()));
  // noexec is only ever added: a mount that the host made noexec stays so
  TRY(sys::set_mount_attributes(tree.get(), attributes_of(op), 0, true));
  return tree;
}

Result<Fd> acquire_tmpfs(const Plan& plan, const MountOp& op) {
  std::array<char, 8> mode{};
  std::snprintf(mode.data(), mode.size(), "%04o", static_cast<unsigned>(op.mode));
  const uid_t uid = op.owned_by_pool ? plan.uid : 0;
  const gid_t gid = op.owned_by_pool ? plan.gid : 0;
  return sys::new_filesystem("tmpfs",
                             {{"size", std::to_string(op.size)}, {"nr_inodes", std::to_string(op.inodes)}, {"mode", mode.data()},
                              {"uid", std::to_string(uid)}, {"gid", std::to_string(gid)}},
                             attributes_of(op));
}

Result<Fd> acquire_devices(const MountOp&) {
  Fd tree = TRY(sys::new_filesystem("tmpfs", {{"size", "65536"}, {"mode", "0755"}}, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC));
  for (const Device& device : kDevices)
    TRY(sys::device_at(tree.get(), device.name, device.major, device.minor, 0666));
  TRY(sys::set_mount_attributes(tree.get(), MOUNT_ATTR_RDONLY, 0, false));
  return tree;
}

// In a user namespace: the host's device, checked to be the one that its name says.
Result<Fd> acquire_device(const MountOp& op) {
  const Fd source = TRY(sys::open_without_links(op.source, O_PATH));
  const struct stat info = TRY(sys::status_of(source.get()));
  const bool is_it = S_ISCHR(info.st_mode) && std::any_of(kDevices.begin(), kDevices.end(), [&](const Device& device) {
    return op.source == std::string("/dev/") + device.name && info.st_rdev == makedev(device.major, device.minor);
  });
  if (!is_it) return Error{op.source + " is not the device of that name", {}, 0, {}};
  Fd tree = TRY(sys::clone_tree(source.get()));
  TRY(sys::set_mount_attributes(tree.get(), MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_RDONLY, 0, true));
  return tree;
}

Result<Fd> acquire_unreadable(const MountOp& op) {
  const Fd copy = TRY(unreadable_copy(op.source));
  Fd tree = TRY(sys::clone_tree(copy.get()));
  TRY(sys::set_mount_attributes(tree.get(), attributes_of(op), MOUNT_ATTR_NOEXEC, false));  // /run is noexec on many hosts
  return tree;
}

Result<Fd> acquire(const Plan& plan, const MountOp& op) {
  switch (op.kind) {
    case Kind::bind: return acquire_bind(plan, op);
    case Kind::overlay: return acquire_overlay(plan, op);
    case Kind::copy: return acquire_copy(plan, op);
    case Kind::tmpfs: return acquire_tmpfs(plan, op);
    case Kind::devices: return acquire_devices(op);
    case Kind::device: return acquire_device(op);
    case Kind::unreadable: return acquire_unreadable(op);
    case Kind::proc:
    case Kind::directory:
    case Kind::file:
    case Kind::symlink: break;
  }
  return Fd();
}

Status add(const Plan& plan, const MountOp& op, Tree& tree) {
  if (!is_mount(op.kind)) return make_entry(tree.root, op);
  if (!lies_in_a_bind(op.target, tree.mounts)) TRY(make_entry(tree.root, op));
  AcquiredMount mount;
  mount.tree = TRY(acquire(plan, op));
  mount.target = op.target.substr(1);
  mount.op = &op;
  tree.mounts.push_back(std::move(mount));
  return base::success();
}

constexpr auto kSameUser = static_cast<uid_t>(-1);

Status publish(const Plan& plan, const MountOp& op, const Fd& parent, const std::string& draft, const std::string& name) {
  TRY(sys::write_file_at(parent.get(), draft, op.content, 0600));
  const Fd file = TRY(sys::open_at(parent.get(), draft, O_RDONLY | O_NOFOLLOW));
  if (::fchown(file.get(), kSameUser, plan.gid) != 0 || ::fchmod(file.get(), 0640) != 0) return sys::failure("chown", op.target);
  if (::renameat(parent.get(), draft.c_str(), parent.get(), name.c_str()) != 0) return sys::failure("rename", op.target);
  return base::success();
}

// The entrypoint has no mounts: generated files go to a folder of their own on the host's side. They hold what the profile puts
// into the environment, passwords perhaps: readable by root and the pool alone, like the folder.
Status write_generated(const Plan& plan, const MountOp& op) {
  const Place place = place_of(op.target);
  const Fd root = TRY(sys::open("/", O_PATH | O_DIRECTORY));
  Fd parent = TRY(sys::make_directories(root.get(), place.parent, 0711));
  parent = TRY(sys::open_at(parent.get(), ".", O_RDONLY | O_DIRECTORY));
  if (::fchown(parent.get(), kSameUser, plan.gid) != 0 || ::fchmod(parent.get(), 0750) != 0)
    return sys::failure("chown", "/" + place.parent);
  const std::string draft = "." + std::to_string(::getpid()) + "." + place.name;  // commands run at the same time
  ::unlinkat(parent.get(), draft.c_str(), 0);
  auto published = publish(plan, op, parent, draft, place.name);
  if (!published) ::unlinkat(parent.get(), draft.c_str(), 0);
  return published;
}

}  // namespace

std::string describe_key(const std::string& key, const profiles::Origins& origins) {
  const std::string where = origins.find(key).where.text();
  return where.empty() ? key : key + ", " + where;
}

Result<Tree> build_tree(const Plan& plan, const profiles::Origins& origins) {
  Tree tree;
  if (!plan.enclosed)
    tree.root = TRY(sys::new_filesystem("tmpfs", {{"size", "4194304"}, {"mode", "0755"}}, kNever | MOUNT_ATTR_NOEXEC));
  for (const MountOp& op : plan.mounts) {
    auto added = plan.enclosed ? write_generated(plan, op) : add(plan, op, tree);
    if (!added) return std::move(added).take_error().during(op.target + " (" + describe_key(op.key, origins) + ")");
  }
  if (!plan.enclosed) TRY(sys::set_mount_attributes(tree.root.get(), MOUNT_ATTR_RDONLY, 0, false));
  return tree;
}

}  // namespace launcher
