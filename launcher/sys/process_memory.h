// What a call's pointers lead to, in the memory of its caller (process_vm_readv(2)). Needs the right to trace it. What is read
// may be another a moment later: good for a record, never for a decision.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "profiles/base/result.h"

namespace sys {

// `size` bytes, or fewer where its memory ends.
base::Result<std::string> read_memory(pid_t process, std::uint64_t address, std::size_t size);
// Up to the first NUL; an error when there is none within `limit`.
base::Result<std::string> read_memory_text(pid_t process, std::uint64_t address, std::size_t limit);

}  // namespace sys
