// Checks of a policy that need no look at the host. All run, all report.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "profiles/base/diagnostics.h"
#include "profiles/load/compose.h"
#include "profiles/load/origins.h"
#include "profiles/model/policy.h"

namespace profiles {

struct CheckInput {
  const Composed& composed;
  base::Diagnostics& diagnostics;
  bool is_pool = true;  // false for a profile of the catalog, which leaves to the pool what only a pool can know
  // An ordinary user makes the box for itself: user, group and socket are its own, and need not be named.
  bool for_caller = false;
  bool in_container = false;  // alone with the pool there: no web server and no other service shares its user
};

struct Check {
  std::string_view name;
  void (*run)(const CheckInput&);
};

// The table of checks, in the order in which they run.
std::span<const Check> policy_checks();
void check_policy(const CheckInput& input);

// What is no mistake but might be one: for whoever asks, not for every start.
void hint_at_policy(const CheckInput& input);

// Pools of one folder must not share user, socket, data or name. `file` is each policy's own, for the messages; with
// `of_one_user` they have the same user, because they are an ordinary user's own.
struct NamedPolicy {
  std::string file;
  const Policy* policy;
  const Origins* origins;
};
void check_neighbours(std::span<const NamedPolicy> pools, base::Diagnostics& diagnostics, bool of_one_user = false);

}  // namespace profiles
