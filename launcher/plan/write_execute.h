// Which calls memory.deny_write_execute refuses, by which argument.
#pragma once

#include <cstdint>
#include <string_view>

namespace launcher {

// mmap's third argument with PROT_WRITE and PROT_EXEC, for one. `value`: as the kernel compares, 32 bits of an int.
bool is_write_execute(std::string_view call, unsigned index, std::uint64_t value);

}  // namespace launcher
