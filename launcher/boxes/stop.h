// Ending a box from outside, without ever signalling a process that is not the recorded one.
#pragma once

#include <string>
#include <vector>

#include "launcher/boxes/find.h"
#include "launcher/sys/fd.h"

namespace launcher {

// A pidfd of exactly the recorded process, or an Error: its start time is compared after the pidfd was opened, when the
// number can no longer become another's.
base::Result<sys::Fd> open_recorded(const RecordedProcess& process);

// What is still there of a box: "its launcher (pid 12)", "its record", "the socket /run/...", cgroups.
std::vector<std::string> remains_of(const BoxRecord& record, const std::string& run);

}  // namespace launcher
