// Copies of programs in outside::kPrograms: root's own, unreadable, named by the SHA-256 of what they hold.
#pragma once

#include <sys/stat.h>

#include <string>

#include "launcher/sys/fd.h"
#include "profiles/base/result.h"

namespace launcher {

// A copy in use: as long as `lock` is open anywhere, nobody removes it.
struct ProgramCopy {
  sys::Fd directory;   // where it lies,
  std::string name;    // "php-fpm-DIGEST"
  std::string digest;
  sys::Fd lock;        // flock(2), shared
  sys::Fd source;      // O_PATH, of what was copied: once it has no name any more, the copy is an old one
};

// The copy of `source` as it is now. A link named after the source's inode and times spares reading it at every start.
base::Result<ProgramCopy> hold_program_copy(const std::string& source);
// In that folder: root's own, in which nobody else can write.
base::Result<ProgramCopy> hold_program_copy_in(sys::Fd directory, const std::string& source);

// A copy beside them that stays until the machine restarts: of dynamic loaders and static programs, which are few and small.
// O_PATH. Nobody has to hold it, for a box keeps its mount.
base::Result<sys::Fd> unreadable_copy(const std::string& source);

base::Status copy_bytes(int from, int to);

// For when a box is on its way, since it reads every name there is. Removes what is left of copying that was cut off, links that
// lead nowhere, and copies that nobody holds, but for `kept` and the last of each file that was asked for within a day.
void remove_unused_copies(int directory, const std::string& kept);

// How the link of a source is called; a source that was replaced, rebuilt or touched has another.
std::string program_link_name(const struct stat& source);

}  // namespace launcher
