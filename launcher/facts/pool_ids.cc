#include "launcher/facts/pool_ids.h"

#include <sys/stat.h>

#include <algorithm>

namespace launcher {

std::optional<PoolIds> pool_ids(const profiles::Policy& policy, const HostFacts& facts) {
  const auto user = facts.users.find(policy.identity.user);
  if (user == facts.users.end()) return std::nullopt;
  PoolIds ids{user->second.uid, user->second.gid, {user->second.gid}};
  if (const auto group = facts.groups.find(policy.identity.group); group != facts.groups.end()) ids.gid = group->second;
  ids.gids.push_back(ids.gid);
  for (const std::string& name : user->second.groups)
    if (const auto group = facts.groups.find(name); group != facts.groups.end()) ids.gids.push_back(group->second);
  return ids;
}

std::string why_writable(const FileOwner& file, const PoolIds& pool) {
  const bool in_group = std::find(pool.gids.begin(), pool.gids.end(), file.gid) != pool.gids.end();
  if (file.uid == pool.uid) return "belongs to the pool's user";
  if (in_group && (file.mode & S_IWGRP) != 0) return "can be written by a group of the pool's user";
  if ((file.mode & S_IWOTH) != 0) return "can be written by everybody";
  return {};
}

bool is_permitted(const FileOwner& file, const PoolIds& pool, unsigned wanted) {
  const unsigned shift = file.uid == pool.uid   ? 6
                         : file.gid == pool.gid ? 3
                                                : 0;  // one class only, the first that fits
  return (file.mode >> shift & wanted) == wanted;
}

}  // namespace launcher
