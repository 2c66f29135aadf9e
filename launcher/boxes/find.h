// The boxes of this machine, whoever started them: what /run/fpmbox says, held against what the kernel says.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "launcher/boxes/processes.h"
#include "launcher/boxes/record.h"
#include "launcher/boxes/state.h"
#include "launcher/sys/fd.h"

namespace launcher {

struct FoundBox {
  std::string pool;
  BoxRecord record;            // valid when there is no mistake
  std::string mistake;         // why the record is not believed
  std::optional<BoxState> said;  // by the launcher
};

// Folders of pools, sorted: also of those that do not run now.
base::Result<std::vector<std::string>> find_pool_folders(const std::string& run);
// /run/fpmbox/POOL, unless something else is there.
base::Result<sys::Fd> open_pool_folder(const std::string& run, const std::string& pool);
// nullopt when the pool has no record: it does not run.
std::optional<FoundBox> read_box(const std::string& run, const std::string& pool);

bool is_of_boot(const BoxRecord& record, const std::string& boot);  // as far as is known

enum class Presence {
  running,   // its launcher lives
  orphaned,  // its launcher does not, FPM's master does
  gone,      // neither
};
Presence presence_of(const BoxRecord& record, const std::string& boot, const Processes& processes);

enum class Cleared {
  held,     // a launcher holds the pool: nothing was touched
  nothing,  // there was nothing
  removed,
};
// Removes what is left of a box of which nothing runs, under the pool's lock: its record, the sockets in its folder, where none
// but its launcher makes any, and, when the record can be believed (else nullptr), its control groups.
base::Result<Cleared> clear_stale(const std::string& run, const std::string& pool, const BoxRecord* record);

}  // namespace launcher
