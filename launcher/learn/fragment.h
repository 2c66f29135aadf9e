// From a record to a profile that grants what the pool's own does not: as few lines as possible, each with the script that was
// first, and as comments what was seen and is not granted. Pure.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "launcher/facts/host_facts.h"
#include "launcher/learn/extensions.h"
#include "launcher/learn/fold_writes.h"
#include "launcher/learn/record.h"
#include "profiles/load/origins.h"
#include "profiles/model/policy.h"

namespace launcher {

using CallGroups = std::map<std::string, std::vector<std::string>>;

struct FragmentInput {
  std::string extends;    // what the pool's file extends: the fragment goes in between
  std::string took;       // "3m", for the reader
  const profiles::Policy& policy;
  const profiles::Origins& origins;
  const PhpFacts& php;
  const Record& record;
  const Folded& writes;
  const std::vector<ExtensionUse>& extensions;
  std::string extensions_obstacle;  // why nothing is known about them; "" when it is
  const CallGroups& groups;
  std::function<bool(const std::string&)> is_socket;  // on the host
  std::function<bool(const std::string&)> exists;     // likewise
};

std::string write_fragment(const FragmentInput& input);

// Calls as `syscalls.allow` names them: a group where at least half of it was called and none of it is refused on purpose.
struct NamedCalls {
  std::string name;  // "shmget" or "@sysv-ipc"
  std::vector<std::string> calls;
  friend bool operator==(const NamedCalls&, const NamedCalls&) = default;
};
std::vector<NamedCalls> name_calls(const std::vector<std::string>& calls, const CallGroups& groups, const profiles::Syscalls& policy);

}  // namespace launcher
