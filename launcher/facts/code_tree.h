// The full walk of `fpmbox check`: for every file and folder of the code, who is its owner, its group, what may others
// do? Owner and mode decide; POSIX ACLs are not looked into, but it is said when there are some.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "launcher/facts/host_checks.h"
#include "launcher/facts/pool_ids.h"
#include "profiles/base/result.h"

namespace launcher {

// Something that was found: how often, and where first.
struct Offence {
  static constexpr std::size_t kListed = 5;
  std::size_t count = 0;
  std::vector<std::string> first;  // paths below the root, with a word on why
  friend bool operator==(const Offence&, const Offence&) = default;
};

struct CodeTree {
  std::size_t entries = 0;
  bool complete = true;  // false when the walk stopped at its bounds
  Offence writable;      // by the pool's user
  Offence leaving;       // symlinks that lead out of the tree
  Offence set_id;        // set-user-id and set-group-id files
  Offence special;       // devices, FIFOs, sockets
  Offence with_acl;      // folders with an access or a default ACL
  Offence unreadable;    // folders that could not be opened
  friend bool operator==(const CodeTree&, const CodeTree&) = default;
};

struct CodeWalk {
  std::string root;                      // canonical
  std::string place = {};                // where it is opened, when that is elsewhere: it lies in an image
  std::vector<std::string> passed_over;  // relative paths that are not code: the writable ones
  std::vector<std::string> shown;        // host paths that the box sees too: a symlink to them works
  std::size_t most_entries = 1000000;
};

// By directory fds and without following any symlink: the tree may change while it is walked. The root itself is not
// judged, check_host() does that at every launch.
base::Result<CodeTree> walk_code_tree(const CodeWalk& walk, const PoolIds& pool);

// Where a symlink in folder `folder` (relative to the root, "" for the root) leads to, by its text alone: an absolute
// path without "." and "..".
std::string link_target(const std::string& root, const std::string& folder, std::string_view text);

// The walk for a policy on this host, as errors and warnings at filesystem.code.
void check_code_tree(const HostCheckInput& input);

}  // namespace launcher
