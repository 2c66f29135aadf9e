// Just enough of ELF (elf(5)) to know which dynamic loader a program asks for.
#pragma once

#include <string>
#include <string_view>

#include "profiles/base/result.h"

namespace launcher {

// `head` is the beginning of a file. "" for a static program; an error for anything that is not a 64-bit ELF file of
// this machine's byte order, or whose headers lie beyond `head`.
base::Result<std::string> program_interpreter(std::string_view head);

}  // namespace launcher
