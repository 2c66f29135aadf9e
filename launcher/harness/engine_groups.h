// Control groups that an engine leaves when it is killed while it makes a container. Where no systemd looks after them its containers
// are put below one group of the trial's, and that is removed.
//
//   if (has_own_groups(kind)) remove_groups(group_of("shop.test"));
#pragma once

#include <string>

#include "launcher/harness/engine_kind.h"

namespace harness {

bool has_own_groups(const EngineKind& kind);
std::string group_of(const std::string& trial);
// In each hierarchy, or in the only one, with all below it. One that still has processes stays.
void remove_groups(const std::string& group);

}  // namespace harness
