// What /proc/self/mountinfo says of the mount that a path lies on. Pure: text in, values out (proc(5)).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "launcher/facts/host_facts.h"

namespace launcher {

// In the order of the text: of two on one point the later covers the earlier. Lines that are not understood are passed over.
std::vector<MountFact> parse_mounts(std::string_view text);

// The mount that `path` (canonical) lies on; nullptr when there is none.
const MountFact* mount_of(const std::vector<MountFact>& mounts, const std::string& path);

}  // namespace launcher
