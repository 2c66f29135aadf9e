// Whether a pool's processes can change or read a file, by its owner and mode. POSIX ACLs are not looked into. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "launcher/facts/host_facts.h"
#include "profiles/model/policy.h"

namespace launcher {

struct PoolIds {
  uid_t uid = 0;
  gid_t gid = 0;            // of every process in the box
  std::vector<gid_t> gids;  // of the user anywhere on the host: in a shell, in cron
};

// nullopt when the host does not have the user.
std::optional<PoolIds> pool_ids(const profiles::Policy& policy, const HostFacts& facts);

struct FileOwner {
  uid_t uid = 0;
  gid_t gid = 0;
  mode_t mode = 0;
};

// Why the user could change it on the host, in words; "" when it cannot. An owner always can: it may chmod.
std::string why_writable(const FileOwner& file, const PoolIds& pool);

// What the kernel would say to a process of the box (which has no supplementary groups); `wanted` is of 4, 2 and 1.
bool is_permitted(const FileOwner& file, const PoolIds& pool, unsigned wanted);

}  // namespace launcher
