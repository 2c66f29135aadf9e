// What a launcher leaves in /run/fpmbox/NAME for other commands, but for the sockets. Made by root through the fd of the
// claimed directory, before the box; the janitor takes record and state away with the other remains.
#pragma once

#include <string>
#include <vector>

#include "launcher/boxes/record.h"
#include "launcher/sys/fd.h"

namespace launcher {

inline constexpr const char* kRecordFile = "box.json";
inline constexpr const char* kRecordDraft = ".box.json";
inline constexpr const char* kStateFile = "state";

struct PoolFiles {
  sys::Fd record;  // nothing in it yet, and named kRecordDraft
  sys::Fd state;   // what the launcher keeps
};
// Takes away what an earlier box of the pool left: whoever holds the claim is alone.
base::Result<PoolFiles> make_pool_files(int directory);

// The record gets its content and then its name: whoever reads it sees all of it. Its inode stays the one that the janitor
// was told of.
base::Status publish_record(int directory, const PoolFiles& files, const BoxRecord& record);

// For who has the claim. How many there were.
std::size_t remove_pool_files(int directory);

// Start time of a process, and of ourselves, for a record.
base::Result<RecordedProcess> identify(pid_t pid);
std::string boot_id();  // "" where /proc does not show it

}  // namespace launcher
