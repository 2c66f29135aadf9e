// What is left outside after a box, and its removal.
#pragma once

#include <sys/types.h>

#include <optional>

#include "launcher/supervise/few.h"
#include "launcher/sys/fd.h"
#include "profiles/base/result.h"

namespace launcher {

// What a box leaves behind outside, as directory fds and names, so that no path is walked twice. All of it in place:
// the janitor has no heap.
struct JanitorPlan {
  struct Cgroup {
    sys::Fd parent;  // the directory that holds it
    FileName name;
    sys::Fd kill_file;  // cgroup.kill, open for writing; empty in a v1 hierarchy
  };
  struct Socket {
    sys::Fd directory;
    FileName name;
    dev_t device = 0;  // of what we bound: the name is removed only while it leads there, because a newer generation
    ino_t inode = 0;   // may have bound its own by then
  };
  struct Directory {
    sys::Fd parent;
    FileName name;
  };
  Few<Cgroup, 8> cgroups;
  std::optional<Socket> live_socket;
  // A file that the launcher made, under whichever of its names: held open, so that its number stays taken.
  struct File {
    sys::Fd directory;
    Few<FileName, 2> names;
    sys::Fd inode;
  };
  // The program's copy. It stays for the next box, unless nobody else uses it and its source has no name any more:
  // then it was replaced by another version.
  struct Program {
    sys::Fd directory;
    FileName name;
    sys::Fd lock;
    sys::Fd source;
  };
  Few<File, 4> files;
  std::optional<Program> program;
  std::optional<Directory> run_directory;  // only when we made it; removed when empty
};

// What could not be removed, as bits.
enum Left : int { kNothingLeft = 0, kCgroupLeft = 1, kSocketLeft = 2, kDirectoryLeft = 4, kFileLeft = 8, kAllLeft = 15 };

// Kills the box (by pidfd, -1 when there is none, and by its groups), waits up to 5 s for the groups to be empty, and
// removes what the plan names. What is gone already is no failure. Allocates nothing: the janitor runs it under its
// filter.
int remove_remains(const JanitorPlan& plan, int box);
// "left behind: cgroups", for messages.
base::Status left_behind(int left);

}  // namespace launcher
