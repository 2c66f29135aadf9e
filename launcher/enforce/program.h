// The program of a box: an unreadable, root-owned copy, shared by all boxes of one version.
#pragma once

#include "launcher/enforce/program_copy.h"
#include "launcher/sys/fd.h"
#include "profiles/base/result.h"

namespace launcher {

// An O_PATH fd of `copy` for execveat. It is mode 0711, so that the kernel keeps every process that runs it from being
// dumpable (fs/exec.c, would_dump): no worker can open its own /proc/self/mem.
// The fd stands on a mount of its own without noexec, which /run often has.
base::Result<sys::Fd> open_program(const ProgramCopy& copy);

// The same inside a user namespace: a copy of the box's own, mode 0111, on a detached tmpfs that is read-only by now. Its
// owner is the box's own uid, who could make it readable again but for that mount.
struct OwnProgram {
  sys::Fd program;
  std::string digest;  // of what was copied
};
base::Result<OwnProgram> make_own_program(const std::string& source);

// The same where nothing can be mounted and folders may be noexec or read-only: a sealed file in memory (memfd_create(2)), which
// nobody can write. Its owner is the launcher: where that is the pool's own uid, /proc/self/exe can be made readable again by chmod
// (the gap programs.dumpable).
base::Result<OwnProgram> make_program_in_memory(const std::string& source);

}  // namespace launcher
