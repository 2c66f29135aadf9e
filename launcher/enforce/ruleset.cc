// The Landlock ruleset, built before clone on the very inodes that will be attached: a rule holds on an inode, wherever it
// is mounted.
#include <fcntl.h>
#include <linux/openat2.h>

#include <array>

#include "launcher/enforce/prepared.h"
#include "launcher/sys/file.h"
#include "launcher/sys/landlock.h"

namespace launcher {
namespace {

using base::Result;
using base::Status;
using Access = LandlockRule::Access;

constexpr std::uint64_t kRead = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t kDevice = kRead | LANDLOCK_ACCESS_FS_WRITE_FILE;
// No sockets, fifos or devices are made by an application; REFER lets it rename across its own folders.
constexpr std::uint64_t kWrite = kRead | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                                 LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
                                 LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_REFER | LANDLOCK_ACCESS_FS_TRUNCATE;
constexpr std::uint64_t kExecute = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE;
// Rights that a rule on a file may have (landlock_add_rule(2), EINVAL).
constexpr std::uint64_t kOnFiles =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE;

// What each ABI can handle.
struct Abi {
  int number;
  std::uint64_t files;
  std::uint64_t network;
  std::uint64_t scopes;
};
constexpr std::array kAbis = {
    Abi{1, (1ULL << 13) - 1, 0, 0},
    Abi{2, LANDLOCK_ACCESS_FS_REFER, 0, 0},
    Abi{3, LANDLOCK_ACCESS_FS_TRUNCATE, 0, 0},
    Abi{4, 0, LANDLOCK_ACCESS_NET_BIND_TCP | LANDLOCK_ACCESS_NET_CONNECT_TCP, 0},
    Abi{5, LANDLOCK_ACCESS_FS_IOCTL_DEV, 0, 0},
    Abi{6, 0, 0, LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | LANDLOCK_SCOPE_SIGNAL},
};

sys::LandlockRulesetAttributes attributes_of(int abi) {
  sys::LandlockRulesetAttributes out;
  for (const Abi& row : kAbis) {
    if (row.number > abi) break;
    out.handled_access_fs |= row.files;
    out.handled_access_net |= row.network;
    out.scoped |= row.scopes;
  }
  return out;
}

std::uint64_t rights_of(const LandlockRule& rule) {
  switch (rule.access) {
    case Access::read: return kRead;
    case Access::write: return kWrite;
    case Access::execute: return kExecute;
    case Access::device: return kDevice;
  }
  return 0;
}

// The loader that a built root's program is started by: its links are followed as in a chroot.
Result<sys::Fd> open_in_root(const std::string& root, const std::string& path) {
  const sys::Fd top = TRY(sys::open(root, O_PATH | O_DIRECTORY));
  return sys::open_beneath(top.get(), path, O_PATH, RESOLVE_IN_ROOT);
}

// The acquired mount that stands on the rule's path; what has none is a path of the host, or of a built root, with the same inode.
Result<int> path_fd(const LandlockRule& rule, const Plan& plan, const Tree& tree, sys::Fd& opened) {
  if (!plan.enclosed && rule.path == "/") return tree.root.get();
  for (const AcquiredMount& mount : tree.mounts)
    if (mount.op->target == rule.path && mount.tree) return mount.tree.get();
  if (!plan.root.empty() && rule.access == Access::execute) {
    opened = TRY(open_in_root(plan.root, rule.path));
    return opened.get();
  }
  // what the pool may write must be the very folder that was checked; system paths may be links of the distribution
  opened = TRY(rule.access == Access::write ? sys::open_without_links(rule.path, O_PATH) : sys::open(rule.path, O_PATH));
  return opened.get();
}

Status add(int ruleset, const LandlockRule& rule, std::uint64_t handled, const Plan& plan, const Tree& tree) {
  sys::Fd opened;
  const int path = TRY(path_fd(rule, plan, tree, opened));
  const std::uint64_t possible = rule.is_directory ? handled : handled & kOnFiles;
  return sys::landlock_allow(ruleset, path, rights_of(rule) & possible);
}

}  // namespace

Result<sys::Fd> build_ruleset(const Plan& plan, const Tree& tree, const sys::Fd& program) {
  if (plan.landlock.abi == 0) return sys::Fd();
  auto attributes = attributes_of(plan.landlock.abi);
  if (plan.landlock.connects_freely) attributes.handled_access_net &= ~static_cast<std::uint64_t>(LANDLOCK_ACCESS_NET_CONNECT_TCP);
  sys::Fd ruleset = TRY(sys::landlock_ruleset(attributes));
  for (const LandlockRule& rule : plan.landlock.rules) {
    auto added = add(ruleset.get(), rule, attributes.handled_access_fs, plan, tree);
    if (!added) return std::move(added).take_error().during("landlock rule for " + rule.path);
  }
  for (const std::uint16_t port : plan.landlock.connect_ports)
    TRY(sys::landlock_allow_port(ruleset.get(), port, LANDLOCK_ACCESS_NET_CONNECT_TCP));
  // a file in memory lies in no hierarchy: Landlock has no rules for it
  if (!plan.enclosed) TRY(sys::landlock_allow(ruleset.get(), program.get(), kExecute));
  return ruleset;
}

}  // namespace launcher
